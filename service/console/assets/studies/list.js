/** All studies, those of one state or tag if wanted, the newest first. */

import { select } from "../form.js";
import { element, find, show } from "../html.js";
import { fail } from "../notice.js";
import { repeat } from "../polling.js";
import { get } from "../server.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";
import { MOST_COMPARED } from "./comparing.js";
import { tagLinks } from "./describing.js";
import { badge, progress, result, STATES } from "./states.js";

const AGAIN_SECONDS = 3;

const ORDERS = [
  ["newest", "Newest first"],
  ["name", "By name"],
  ["score", "Re-scored, smallest first"],
];

/** Names of corpora by their ids, which are targets of studies. */
let corpora = new Map();

function link(words) {
  return element("a", { class: "button", href: "/studies/quick" }, words);
}

/** Returns what a study is called, with its tags and the begin of its note. */
function called({ id, name, tags, note }) {
  const link = element("a", { href: `/studies/${id}` }, name);
  if (tags.length === 0 && !note) return link;
  return element(
    "div",
    { class: "called" },
    link,
    tagLinks(tags),
    note && element("span", { class: "soft begin", title: note }, note.split("\n", 1)[0]),
  );
}

/** Names of the studies that are to be compared, by their ids, in the order in which they were chosen. */
const compared = new Map();

function compareBox({ id, name }) {
  const box = element("input", {
    type: "checkbox",
    id: `compare-${id}`,
    "aria-label": `Compare ${name}`,
    checked: compared.has(id),
    disabled: !compared.has(id) && compared.size >= MOST_COMPARED,
    change: () => {
      if (box.checked) compared.set(id, name);
      else compared.delete(id);
      showCompared();
    },
  });
  return element("label", { class: "check" }, box);
}

/** Says which studies are to be compared, and leads there. */
function showCompared() {
  for (const box of document.querySelectorAll("#list input[type=checkbox]"))
    box.disabled = !box.checked && compared.size >= MOST_COMPARED;
  const names = [...compared.values()].join(", ");
  const words = compared.size === 1 ? `${names}, and which others?` : names;
  const address = `/studies/compare?studies=${[...compared.keys()].join(",")}`;
  find("#comparing").hidden = compared.size === 0;
  show(
    find("#comparing"),
    element("p", { class: "names" }, element("b", {}, "To compare: "), words, compared.size === MOST_COMPARED && ` (${MOST_COMPARED} at most)`),
    element(
      "div",
      { class: "row" },
      compared.size > 1 && element("a", { class: "button", href: address }, `Compare ${compared.size} studies`),
      element("button", { type: "button", class: "quiet", click: clearCompared }, "None of them"),
    ),
  );
}

function clearCompared() {
  compared.clear();
  for (const box of document.querySelectorAll("#list input[type=checkbox]")) box.checked = false;
  showCompared();
}

const list = new PagedTable(find("#list"), "/v1/studies", {
  label: "Studies",
  columns: [
    { title: "Compare", cell: compareBox },
    { title: "Name", cell: called },
    { title: "State", cell: badge },
    { title: "Target", cell: ({ target }) => (target === null ? "variety" : (corpora.get(target) ?? target)) },
    { title: "By", cell: ({ distance }) => distance },
    { title: "Synth", cell: ({ synth }) => synth },
    { title: "Progress", cell: progress },
    { title: "Score", cell: result, number: true },
    { title: "Posted", cell: (study) => moment(study.created_at) },
  ],
  empty: element("div", { id: "none" }),
});

/** Says why the list is empty. */
function showNone() {
  const place = document.querySelector("#none");
  if (place === null) return;
  if (words.value.trim()) show(place, empty(element("p", {}, "No study of such a name, tag or note.")));
  else if (tag.value) show(place, empty(element("p", {}, `No study${chosen && ` that is ${chosen}`} has the tag ${tag.value}.`)));
  else if (chosen) show(place, empty(element("p", {}, `No study is ${chosen}.`)));
  else {
    const words = "No study yet. A study looks for the nebula whose random sounds are nearest to a target, or most varied.";
    show(place, empty(element("p", {}, words), may("experimenter") && element("p", {}, link("Begin the first one"))));
  }
}

const hint = "Search by name, tag or note";
const words = element("input", { type: "search", maxlength: 64, "aria-label": hint, placeholder: hint });
const tag = select([["", "Any tag"]], { "aria-label": "Tag", change: choose });

const query = new URLSearchParams(location.search);
let chosen = query.get("state") ?? "";
if (!STATES.includes(chosen)) chosen = "";

function showTabs() {
  show(
    find("#states"),
    ["", ...STATES].map((state) =>
      element(
        "button",
        { type: "button", "aria-pressed": String(state === chosen), click: () => press(state) },
        state || "all",
      ),
    ),
  );
}

function press(state) {
  chosen = state;
  for (const tab of find("#states").children)
    tab.setAttribute("aria-pressed", String(tab.textContent === (state || "all")));
  choose();
}

/** Has the address say what is listed, and lists it. */
function choose() {
  const wanted = new URLSearchParams({ ...(chosen && { state: chosen }), ...(tag.value && { tag: tag.value }) });
  history.replaceState(null, "", wanted.size > 0 ? `/studies?${wanted}` : "/studies");
  load();
}

/** Offers the tags that studies have, and the one that the address names. */
function offerTags(items) {
  const named = query.get("tag") ?? "";
  const known = items.some((each) => each.tag === named);
  tag.append(
    ...items.map((each) => element("option", { value: each.tag }, `${each.tag} (${each.studies})`)),
    ...(named && !known ? [element("option", { value: named }, named)] : []),
  );
  tag.value = named;
  tag.hidden = tag.options.length === 1;
}

async function load() {
  try {
    await list.load({
      order: order.value,
      ...(chosen && { state: chosen }),
      ...(tag.value && { tag: tag.value }),
      ...(words.value.trim() && { search: words.value.trim() }),
    });
    showNone();
  } catch (error) {
    fail(error);
  }
}

const order = select(ORDERS, { "aria-label": "Order", change: load });

words.addEventListener("input", load);
show(find("#search"), words, tag, order);
show(find("#actions"), may("experimenter") && link("New study"));
showTabs();
try {
  const [known, tags] = await Promise.all([get("/v1/corpora?limit=500"), get("/v1/studies/tags")]);
  corpora = new Map(known.items.map(({ id, name }) => [id, name]));
  offerTags(tags.items);
} catch (error) {
  fail(error);
}
await repeat(AGAIN_SECONDS, load);
