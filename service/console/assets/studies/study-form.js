/** The fields of a study's spec. What has no field here, such as frozen parameters, stays as the spec had it. */

import { clearProblems, field, select } from "../form.js";
import { element, show } from "../html.js";
import { SynthChoice } from "./synth-choice.js";

const OBJECTIVES = [
  ["match", "Resemble a target"],
  ["diversify", "Be as varied as can be"],
];
const TUNES = [
  ["curves", "Curves"],
  ["curves+symmetry", "Curves and symmetry"],
  ["curves+falls", "Curves and falls, by which values rest anywhere"],
  ["curves+correlation", "Curves and which parameters go together"],
  ["curves+falls+correlation", "Curves, falls and which parameters go together"],
];
const SAMPLERS = ["auto", "random", "sobol", "tpe", "gp", "cma-es"].map((name) => [name, name]);
const FLATTENING = ["auto", "cma-es"];

export class StudyForm {
  #choices;
  #phases = element("div", {});
  #controls;
  #synth;
  #priority = number(-1000, 1000);

  /**
   * @param form What holds the fields.
   * @param choices Lists of the API: `distances`, `nebulae`, `corpora`, and `synths` with its families.
   */
  constructor(form, choices) {
    this.element = form;
    this.#choices = choices;
    this.#priority.value = 0;
    const nebulae = choices.nebulae.map((nebula) => [nebula.name, told(nebula)]);
    this.#synth = new SynthChoice(choices.synths, ({ name, start }) =>
      choices.nebulae.push({ name: start, title: start, origin: "shipped", synth: name }),
    );
    this.#controls = {
      name: element("input", {
        required: true,
        maxlength: 64,
        pattern: "[A-Za-z0-9][A-Za-z0-9 ._\\-]*",
        autocomplete: "off",
      }),
      objective: select(OBJECTIVES),
      target: this.#targets(nebulae),
      distance: select(
        choices.distances.map(({ name, ready }) => [name, ready ? name : `${name} – not ready`, !ready]),
      ),
      sounds_per_trial: number(4, 65_536),
      synth: this.#synth.control,
      start: select(nebulae),
      tune: select(TUNES),
      nearness: number(0, 10, "any"),
      count: number(1, 1000),
      repeats: number(2, 1000),
    };
    const c = this.#controls;
    const unready = choices.distances
      .filter(({ ready }) => !ready)
      .map(({ name, reason }) => `${name} (${reason.split(":")[0]})`);
    this.target = field(
      "target",
      "Target",
      c.target,
      "What its sounds should be like: a corpus of yours, or a nebula.",
      ["target"],
    );
    this.nearness = field(
      "search.nearness",
      "Nearness",
      c.nearness,
      "At 1, with auto, each sound is also to be like one of the target’s.",
      ["nearness"],
    );
    form.append(
      element(
        "div",
        { class: "together" },
        field("name", "Name", c.name),
        field("objective", "Objective", c.objective, "", ["objective"]),
      ),
      this.target,
      element(
        "div",
        { class: "together" },
        field("distance", "Distance", c.distance, unready.length ? `Not ready: ${unready.join("; ")}` : "", ["distance"]),
        field("sounds_per_trial", "Sounds a trial", c.sounds_per_trial, "", ["trial", "score"]),
      ),
      element(
        "fieldset",
        {},
        element("legend", {}, "Search"),
        element(
          "div",
          { class: "together" },
          this.#synth.place,
          field("search.start", "Start", c.start, "", ["start"]),
        ),
        element(
          "div",
          { class: "together" },
          field("search.tune", "What is tuned", c.tune, "", ["curve", "fall", "correlation"]),
          this.nearness,
        ),
        this.#phases,
        element("button", { type: "button", class: "quiet small", click: () => this.#add() }, "Add a phase"),
      ),
      element(
        "fieldset",
        {},
        element("legend", {}, "Finalists"),
        element(
          "div",
          { class: "together" },
          field("finalists.count", "How many", c.count, "The best, beside the centre of the search and the start.", ["finalists"]),
          field("finalists.repeats", "How often", c.repeats, "Each is scored again, on fresh sounds."),
          field("priority", "Priority", this.#priority, "Higher goes first."),
        ),
      ),
    );
    c.objective.addEventListener("input", () => this.#showTarget());
    c.synth.addEventListener("input", () => {
      this.#showStarts();
      c.start.value = choices.synths.items.find(({ name }) => name === c.synth.value).start;
    });
  }

  /** The priority, which is no part of the spec. */
  get priority() {
    return Number(this.#priority.value);
  }

  /** Shows a spec. */
  show(spec) {
    const c = this.#controls;
    c.name.value = spec.name;
    c.objective.value = spec.objective;
    this.#choose(c.target, spec.target ?? "");
    this.#choose(c.distance, spec.distance);
    c.sounds_per_trial.value = spec.sounds_per_trial;
    const start = this.#choices.nebulae.find(({ name }) => name === spec.search.start);
    this.#synth.value = spec.synth ?? start?.synth ?? "voice";
    this.#showStarts();
    this.#choose(c.start, spec.search.start);
    c.tune.value = spec.search.tune;
    c.nearness.value = spec.search.nearness ?? 0;
    c.count.value = spec.finalists.count;
    c.repeats.value = spec.finalists.repeats;
    this.#showPhases(spec.search.phases);
    this.#showTarget();
  }

  /** Returns the spec that the fields say, with the rest of another. */
  read(spec) {
    const c = this.#controls;
    const { target, ...rest } = spec;
    const match = c.objective.value === "match";
    return {
      ...rest,
      ...(match && c.target.value ? { target: c.target.value } : {}),
      ...(match ? {} : { others: [], hold_out: null, measure: "l1" }),
      name: c.name.value,
      synth: c.synth.value,
      objective: c.objective.value,
      distance: c.distance.value,
      sounds_per_trial: Number(c.sounds_per_trial.value),
      search: {
        ...spec.search,
        start: c.start.value,
        tune: c.tune.value,
        nearness: match ? Number(c.nearness.value) : 0,
        phases: this.#readPhases(),
      },
      finalists: { count: Number(c.count.value), repeats: Number(c.repeats.value) },
    };
  }

  /** Returns whether every field can be used, and marks those that cannot; a missing target only in the end. */
  check(final = true) {
    clearProblems(this.element);
    const c = this.#controls;
    c.target.required = final && c.objective.value === "match";
    let right = true;
    for (const control of this.element.querySelectorAll("input, select")) {
      if (control.validity.valid) continue;
      control.setAttribute("aria-invalid", "true");
      control.closest(".field").querySelector(".error").textContent = wrong(control);
      if (right && final) control.focus();
      right = false;
    }
    return right;
  }

  #targets(nebulae) {
    const corpora = this.#choices.corpora.filter(({ state }) => state === "ready");
    const options = (items) => items.map(([value, words]) => element("option", { value }, words));
    return element(
      "select",
      {},
      element("option", { value: "" }, "Choose a target"),
      corpora.length
        ? element("optgroup", { label: "Corpora" }, options(corpora.map(({ id, name }) => [id, name])))
        : null,
      element("optgroup", { label: "Nebulae" }, options(nebulae)),
    );
  }

  /** Chooses a value, which may be one that is not among the choices. */
  #choose(control, value) {
    if (![...control.options].some((option) => option.value === value))
      control.append(element("option", { value }, value));
    control.value = value;
  }

  /** Offers the nebulae of the chosen synth as starts. */
  #showStarts() {
    const c = this.#controls;
    const own = this.#choices.nebulae.filter(({ synth }) => synth === c.synth.value);
    c.start.replaceChildren(...own.map((nebula) => element("option", { value: nebula.name }, told(nebula))));
  }

  #showTarget() {
    this.target.hidden = this.nearness.hidden = this.#controls.objective.value !== "match";
  }

  #showPhases(phases) {
    show(
      this.#phases,
      phases.map((phase, index) => {
        const sampler = select(SAMPLERS);
        sampler.value = phase.sampler;
        const trials = number(1, 100_000);
        trials.value = phase.trials;
        const flat = element("input", { type: "checkbox", checked: phase.until_flat ?? false });
        const end = element("label", { class: "check ending" }, flat, "End earlier once scores are flat");
        const showEnd = () => {
          end.hidden = !FLATTENING.includes(sampler.value);
        };
        sampler.addEventListener("change", showEnd);
        showEnd();
        return element(
          "div",
          { class: "phase" },
          field(
            `search.phases.${index}.sampler`,
            phases.length > 1 ? `Phase ${index + 1}: sampler` : "Sampler",
            sampler,
            "",
            ["sampler", "phase"],
          ),
          field(`search.phases.${index}.trials`, "Trials", trials),
          phases.length > 1
            ? element(
                "button",
                {
                  type: "button",
                  class: "quiet",
                  "aria-label": `Remove phase ${index + 1}`,
                  click: () => this.#remove(index),
                },
                "×",
              )
            : null,
          end,
        );
      }),
    );
  }

  #readPhases() {
    return [...this.#phases.children].map((row) => ({
      sampler: row.querySelector("select").value,
      trials: Number(row.querySelector("input[type=number]").value),
      until_flat: FLATTENING.includes(row.querySelector("select").value) && row.querySelector("[type=checkbox]").checked,
    }));
  }

  #add() {
    this.#showPhases([...this.#readPhases(), { sampler: "auto", trials: 100 }]);
    this.#changed();
  }

  #remove(index) {
    this.#showPhases(this.#readPhases().filter((_, place) => place !== index));
    this.#changed();
  }

  #changed() {
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Returns what a nebula is called where one of another origin may be called the same. */
function told({ title, origin }) {
  return origin === "shipped" ? title : `${title} · ${origin}`;
}

function number(min, max, step = 1) {
  const inputmode = step === 1 ? "numeric" : "decimal";
  return element("input", { type: "number", min, max, step, required: true, inputmode });
}

function wrong({ validity, min, max, name }) {
  if (name === "target") return "Choose what its sounds should be like.";
  if (validity.patternMismatch) return "Letters, digits, spaces, dots, - and _ are allowed.";
  if (validity.rangeUnderflow) return `${min} or more.`;
  if (validity.rangeOverflow) return `${max} or less.`;
  if (validity.stepMismatch || validity.badInput) return "A whole number.";
  return "This is needed.";
}
