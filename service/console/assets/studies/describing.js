/** Tags and a note of a study, as people write and read them. */

import { insisted } from "../dialog.js";
import { field, showProblems } from "../form.js";
import { element, show } from "../html.js";
import { trying } from "../notice.js";
import { get, send } from "../server.js";
import { may } from "../session.js";

const HINT = "Words of small letters, digits, dots, - and _, at most 10, apart by spaces.";
const LONGEST_NOTE = 2000;

// A longer note scrolls in its place, which then can be reached by keyboard.
const SHORT = 240;
const SHORT_LINES = 3;

// Tags that are in use are offered, as far as there is room.
const OFFERED = 20;

/** Returns tags as links to the studies that have them; null if there are none. */
export function tagLinks(tags) {
  if (tags.length === 0) return null;
  return element(
    "span",
    { class: "tags" },
    tags.map((tag) => element("a", { class: "tag", href: `/studies?tag=${tag}` }, tag)),
  );
}

/** Shows tags and note of a study; `changed` is called with the study after they were. */
export function showDescription(place, study, changed) {
  const { tags, note } = study;
  const said = JSON.stringify([tags, note]);
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  const isLong = note.length > SHORT || note.split("\n").length > SHORT_LINES;
  const change = trying(async () => {
    const made = await described(study.id);
    if (made !== null) changed(made);
  });
  const isEmpty = tags.length === 0 && !note;
  show(
    place,
    tagLinks(tags),
    note && element("p", { class: "note", role: "note", "aria-label": "Note", tabindex: isLong ? 0 : null }, note),
    may("experimenter") &&
      element("button", { type: "button", class: "link", click: change }, isEmpty ? "Add tags or a note" : "Edit"),
  );
}

/** Asks for tags and a note; returns the study with them, null if the person went back. */
async function described(id) {
  const path = `/v1/studies/${id}`;
  const [study, { items }] = await Promise.all([get(path), get("/v1/studies/tags")]);
  const content = (values, error) => {
    const { tags, note } = values ?? { tags: study.tags.join(" "), note: study.note };
    const words = element("input", { autocomplete: "off", autocapitalize: "none", autofocus: true, value: tags });
    const text = element("textarea", { rows: 5, maxlength: LONGEST_NOTE, class: "prose" }, note);
    const form = element(
      "div",
      {},
      field("tags", "Tags", words, HINT),
      items.length > 0 && offers(items, words),
      field("note", "Note", text, "What you want to remember, as plain text. Everybody with a key reads it."),
    );
    if (error) showProblems(form, error, false);
    return form;
  };
  const act = ({ tags, note }) => send("PATCH", path, { tags: split(tags), note });
  return insisted(`Tags and note of “${study.name}”`, content, "Save", act);
}

/** Returns buttons that add a tag that other studies have, or take it away. */
function offers(items, words) {
  const buttons = items.slice(0, OFFERED).map(({ tag }) => {
    const press = () => {
      const now = split(words.value);
      words.value = (now.includes(tag) ? now.filter((each) => each !== tag) : [...now, tag]).join(" ");
      mark();
    };
    return element("button", { type: "button", class: "tag", click: press }, tag);
  });
  const mark = () => {
    const now = split(words.value);
    for (const button of buttons) button.setAttribute("aria-pressed", String(now.includes(button.textContent)));
  };
  words.addEventListener("input", mark);
  mark();
  return element("div", { class: "tags", role: "group", "aria-label": "Tags in use" }, buttons);
}

function split(words) {
  return [...new Set(words.toLowerCase().split(/[\s,;]+/).filter(Boolean))];
}
