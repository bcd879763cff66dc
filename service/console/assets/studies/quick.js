/** A new study by four questions: towards what, of which synthesizer, how long, and its name. The form has all others. */

import { clearProblems, field, select, showProblems } from "../form.js";
import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { create, get, post } from "../server.js";
import { may } from "../session.js";
import { costWords } from "./costs.js";
import { SynthChoice } from "./synth-choice.js";

const TYPING_SECONDS = 0.3;
const VARIETY = "";
const FEWEST_TRIALS = 10;
const MOST_TRIALS = 5000;

/** How long, how often each finalist is then scored, and how many trials that is where nothing is measured yet. */
const TIMES = {
  120: { words: "2 minutes", repeats: 8, trials: 60 },
  600: { words: "10 minutes", repeats: 16, trials: 300 },
  3600: { words: "An hour", repeats: 32, trials: 2000 },
};

const form = find("#form");
let spec = null;
let asked = 0;
let timer = null;

/** Returns how many trials fit into a time, beside finalists and classifiers. */
function fitting(seconds, cost, { sounds_per_trial: sounds, search }) {
  if (cost.seconds_per_sound === null) return TIMES[seconds].trials;
  const [{ trials }] = search.phases;
  const all = ((seconds - cost.judging_seconds) * Math.max(1, cost.workers)) / (cost.seconds_per_sound * sounds);
  const left = Math.floor(all) - (cost.evaluations - trials);
  return Math.min(MOST_TRIALS, Math.max(FEWEST_TRIALS, left));
}

await trying(async () => {
  const [{ items: specs }, synths, { items: nebulae }, { items: corpora }] = await Promise.all(
    ["specs", "synths", "nebulae?limit=500", "corpora?limit=500"].map((path) => get(`/v1/${path}`)),
  );
  const target = select([
    ...corpora.filter(({ state }) => state === "ready").map(({ id, name }) => [id, name]),
    ...nebulae.map(({ name, title }) => [name, `the nebula ${title}`]),
    [VARIETY, "nothing: as varied as can be"],
  ]);
  const choice = new SynthChoice(synths, () => {});
  const synth = choice.control;
  const time = select(Object.entries(TIMES).map(([seconds, { words }]) => [seconds, words]));
  const name = element("input", { maxlength: 64, autocomplete: "off", value: "my study" });
  const button = element("button", { type: "submit", form: "form", disabled: true }, "Launch");
  const more = element("button", { type: "button", class: "quiet", disabled: true }, "More settings");
  choice.value = "voice";
  if (!corpora.some(({ state }) => state === "ready")) target.value = "drum";
  // Who comes from a corpus means that one.
  const meant = new URLSearchParams(location.search).get("target");
  if ([...target.options].some(({ value }) => value === meant)) target.value = meant;
  form.append(
    field("target", "Towards", target, "A corpus of yours, a nebula, or variety.", ["target"]),
    choice.place,
    field("time", "How long", time),
    field("name", "Name", name),
  );
  show(find("#launch"), may("experimenter") && button, more);

  /** Has the server say what the answers come to. */
  async function read() {
    const mine = (asked += 1);
    button.disabled = more.disabled = true;
    const shipped = specs.find((one) => one.name === (target.value === VARIETY ? "diversity" : "drum")).spec;
    const { start } = synths.items.find((one) => one.name === synth.value);
    const [phase] = shipped.search.phases;
    // What a shipped spec leaves as it is are parameters of the Voice.
    const frozen = synth.value === "voice" ? shipped.search.frozen : [];
    const wanted = {
      ...shipped,
      name: name.value,
      synth: synth.value,
      ...(target.value !== VARIETY && { target: target.value }),
      finalists: { ...shipped.finalists, repeats: TIMES[time.value].repeats },
      search: { ...shipped.search, start, frozen, phases: [phase] },
    };
    try {
      const first = await post("/v1/estimates", { spec: wanted });
      const trials = fitting(Number(time.value), first.cost, first.spec);
      const phases = [{ ...first.spec.search.phases[0], trials }];
      const answer = await post("/v1/estimates", { spec: { ...first.spec, search: { ...first.spec.search, phases } } });
      if (mine !== asked) return;
      clearProblems(form);
      spec = answer.spec;
      show(find("#cost"), costWords(spec, answer.cost));
      button.disabled = more.disabled = false;
    } catch (error) {
      if (mine === asked) showProblems(form, error, false);
    }
  }

  more.addEventListener("click", () => {
    sessionStorage.setItem("nebula-spec", JSON.stringify(spec));
    location.assign("/studies/new?carried=yes");
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    asked += 1; // what is under way was asked before this was typed
    button.disabled = more.disabled = true;
    timer = setTimeout(read, 1000 * TYPING_SECONDS);
  });
  form.addEventListener(
    "submit",
    trying(async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      const study = await create("/v1/studies", spec);
      location.assign(`/studies/${study.id}`);
    }),
  );
  form.hidden = false;
  await read();
})();
