/** Plans tests from a configuration of webMUSHRA, after showing what is not as it says: `/listening-tests/webmushra`. */

import { field, clearProblems, showProblems } from "../form.js";
import { element, find, lead, show } from "../html.js";
import { trying } from "../notice.js";
import { counted } from "../numbers.js";
import { create, post } from "../server.js";
import { may } from "../session.js";
import { empty } from "../table.js";
import { preview } from "./preview.js";
import { corpusSelect, sources } from "./sources.js";
import { methodName } from "./states.js";

const PAGES_NAMED = 6;

/** What each kind of note is called above its list. */
const KINDS = {
  "left out": "Left out",
  changed: "Changed",
  always: "As in every test here",
};

const path = "/v1/listening-tests";

await trying(may("experimenter") ? offer : explain)();

/** Shows the form: the configuration, as a file or pasted, and the corpus of its sounds. */
async function offer() {
  const known = await sources();
  const text = element("textarea", { rows: 12, spellcheck: "false", required: true });
  const file = element("input", { type: "file", accept: ".yaml,.yml,text/yaml" });
  const corpus = corpusSelect(known, null, "Choose …");
  const button = element("button", {}, "Read it");
  const form = element(
    "form",
    { class: "panel", novalidate: true },
    field("file", "Configuration", file, "A YAML file, as in webMUSHRA's folder configs."),
    field("configuration", "or its text", text),
    field("corpus", "Its recordings", corpus, [
      "The corpus whose files have the names that it lists, with or without their folders. ",
      element("a", { href: "/corpora" }, "Upload them first."),
    ]),
    element("div", { class: "row" }, button, element("a", { class: "button quiet", href: "/listening-tests" }, "Back")),
  );
  file.addEventListener(
    "change",
    trying(async () => {
      if (file.files.length === 0) return;
      text.value = await file.files[0].text();
      clearProblems(form);
      show(find("#tests"));
    }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read(form, button, text.value, corpus.value);
  });
  show(find("#form"), form);
}

async function read(form, button, configuration, corpus) {
  clearProblems(form);
  const place = find("#tests");
  show(place);
  if (missing(form, "configuration", configuration, "Choose a file, or paste what it says.")) return;
  if (missing(form, "corpus", corpus, "Choose the corpus that has its recordings.")) return;
  button.disabled = true;
  try {
    const { items, notes } = await post(`${path}/webmushra`, { configuration, corpus });
    show(place, becomes(items), listOf(notes));
    lead(find("#becomes"));
  } catch (error) {
    showProblems(form, error);
  } finally {
    button.disabled = false;
  }
}

/** Says what is missing, and returns whether it is. */
function missing(form, name, value, message) {
  if (value.trim() !== "") return false;
  showProblems(form, { details: [{ where: name, message }] });
  return true;
}

/** Shows the tests that a configuration becomes. */
function becomes(specs) {
  const heading = element("h2", { id: "becomes", tabindex: "-1" }, `It becomes ${counted(specs.length, "test")}`);
  const why = "Nothing is kept of them yet. A test that you plan is a draft, which can still be changed.";
  return element("section", {}, heading, element("p", { class: "soft" }, why), specs.map(card));
}

function card(spec) {
  const counts = spec.items.filter(({ practice }) => !practice).length;
  const practice = spec.items.length - counts;
  const sides = [...spec.systems, ...(spec.reference ? [spec.reference] : [])].map(({ name }) => name);
  const problems = element("p", { class: "error", role: "alert" });
  const plan = element("button", { type: "button" }, "Plan this test");
  plan.addEventListener("click", async () => {
    plan.disabled = true;
    try {
      const test = await create(path, spec);
      location.assign(`/listening-tests/${test.id}`);
    } catch (error) {
      problems.textContent = error.details?.length > 0 ? error.details[0].message : error.message;
      plan.disabled = false;
    }
  });
  return element(
    "article",
    { class: "panel" },
    element("h3", {}, spec.name),
    element(
      "p",
      {},
      [methodName(spec.method), counted(counts, "excerpt"), practice > 0 && `${practice} to practise with`]
        .filter(Boolean)
        .join(" · "),
    ),
    element("p", { class: "soft" }, `Compared: ${sides.join(", ")}`),
    element("div", { class: "row" }, plan, preview("Preview as a participant", () => spec)),
    problems,
  );
}

/** Shows what is not as the configuration says it, line by line. */
function listOf(notes) {
  const kinds = Object.entries(KINDS)
    .map(([kind, title]) => [title, notes.filter((note) => note.kind === kind)])
    .filter(([, found]) => found.length > 0);
  return element(
    "section",
    { class: "panel", "aria-labelledby": "notes" },
    element("h2", { id: "notes" }, "What is not as the configuration says"),
    kinds.length === 0
      ? element("p", {}, "Nothing: all of it is kept.")
      : kinds.map(([title, found]) => [element("h3", {}, title), element("ul", {}, found.map(line))]),
  );
}

function line({ text, pages }) {
  const named = pages.slice(0, PAGES_NAMED).join(", ");
  const rest = pages.length > PAGES_NAMED ? ` and ${pages.length - PAGES_NAMED} more` : "";
  const where = pages.length === 0 ? "" : ` (${pages.length === 1 ? "page" : "pages"} ${named}${rest})`;
  return element("li", {}, text, element("span", { class: "soft" }, where));
}

async function explain() {
  show(find("#form"), empty(element("p", {}, "Planning a listening test takes an experimenter's key.")));
}
