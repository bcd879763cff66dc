/**
 * A new study: a form and the same as TOML, in step with each other, and what it would cost.
 *
 * Either side is sent to the server, which reads it and returns both; `spec` is what it read last.
 */

import { element, find, show } from "../html.js";
import { clearProblems, field, select, showProblems } from "../form.js";
import { fail, trying } from "../notice.js";
import { create, get, post, ServerError } from "../server.js";
import { may } from "../session.js";
import { costWords } from "./costs.js";
import { StudyForm } from "./study-form.js";

const TYPING_SECONDS = 0.3;
const FIRST = "quickstart";

const text = element("textarea", { spellcheck: "false", rows: 24 });
const tomlForm = find("#toml");
const button = element("button", { type: "submit", form: "form", disabled: true }, "Launch");

let form;
let spec = null;
let asked = 0;
let timer = null;

/** Has the server read one side, and shows both. */
async function read(content, source) {
  clearTimeout(timer);
  const mine = (asked += 1);
  button.disabled = true;
  try {
    const answer = await post("/v1/estimates", content);
    if (mine !== asked) return;
    clearProblems(form.element);
    clearProblems(tomlForm);
    spec = answer.spec;
    if (source !== "toml") text.value = answer.toml;
    if (source !== "form") form.show(spec);
    show(find("#cost"), costWords(answer.spec, answer.cost));
    button.disabled = false;
  } catch (error) {
    if (mine !== asked) return;
    if (!(error instanceof ServerError)) fail(error);
    else if (source === "toml") tomlProblem(error);
    else showProblems(form.element, error, false);
    show(find("#cost"), element("p", { class: "soft" }, "It can be told as soon as what is marked is put right."));
  }
}

function tomlProblem(error) {
  clearProblems(tomlForm);
  find(".error", tomlForm).textContent = error.message.replace(/^spec 'text': /, "");
  text.setAttribute("aria-invalid", "true");
}

/** Does it once nobody has typed for a moment. */
function later(act) {
  clearTimeout(timer);
  asked += 1; // what is under way was asked before this was typed
  button.disabled = true;
  timer = setTimeout(act, 1000 * TYPING_SECONDS);
}

const launch = trying(async () => {
  if (!form.check()) return;
  button.disabled = true;
  try {
    const study = await create("/v1/studies", { ...spec, priority: form.priority });
    location.assign(`/studies/${study.id}`);
  } catch (error) {
    button.disabled = false;
    if (!(error instanceof ServerError)) throw error;
    showProblems(form.element, error);
  }
});

await trying(async () => {
  const [specs, synths, distances, nebulae, corpora] = await Promise.all([
    get("/v1/specs"),
    get("/v1/synths"),
    get("/v1/distances"),
    get("/v1/nebulae?limit=500"),
    get("/v1/corpora?limit=500"),
  ]);
  const query = new URLSearchParams(location.search);
  const names = specs.items.map(({ name }) => name);
  const wanted = names.includes(query.get("spec")) ? query.get("spec") : FIRST;
  const shipped = select(names.map((name) => [name, name]));
  shipped.value = wanted;

  form = new StudyForm(find("#form"), {
    synths,
    distances: distances.items,
    nebulae: nebulae.items,
    corpora: corpora.items,
  });
  form.element.prepend(
    field("shipped", "Begin with", shipped, "A spec that comes with Nebula; everything below can be changed."),
  );
  tomlForm.append(field("toml", "The same as TOML", text, "As the command line reads it: nebula tune FILE."));
  show(
    find("#launch"),
    may("experimenter")
      ? button
      : element("p", { class: "soft" }, "Your key looks and listens; one of an experimenter launches studies."),
  );

  const again = query.get("study");
  // As far as it was answered on the page with four questions, and once: who comes back later begins anew.
  const carried = query.has("carried") ? sessionStorage.getItem("nebula-spec") : null;
  if (query.has("carried")) {
    sessionStorage.removeItem("nebula-spec");
    history.replaceState(null, "", "/studies/new");
  }
  const begin = (name) => read({ spec: specs.items.find((item) => item.name === name).spec });
  shipped.addEventListener("change", () => begin(shipped.value));
  form.element.addEventListener("input", (event) => {
    if (event.target !== shipped) later(() => form.check(false) && read({ spec: form.read(spec) }, "form"));
  });
  form.element.addEventListener("submit", (event) => {
    event.preventDefault();
    launch();
  });
  text.addEventListener("input", () => later(() => read({ toml: text.value }, "toml")));
  if (again) await read({ spec: (await get(`/v1/studies/${encodeURIComponent(again)}`)).spec });
  else if (carried) await read({ spec: JSON.parse(carried) });
  else await begin(wanted);
  find("#form").hidden = tomlForm.hidden = false;
})();
