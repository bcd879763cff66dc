/**
 * The form of a listening test's spec: every value with a hint, and errors beside the values that they name.
 *
 *     const form = new SpecForm(await sources());
 *     place.append(form.element);
 *     form.set(spec);
 *     await create("/v1/listening-tests", form.get());
 */

import { clearProblems, field, select, showProblems } from "../form.js";
import { element } from "../html.js";
import { folded, pair, panel, part } from "./parts.js";
import { questionRow } from "./questionnaire.js";
import { Rows } from "./rows.js";
import { corpusSelect, sourceOf, sourceSelect, systemRow } from "./sources.js";
import { LANGUAGES, methodName, METHODS } from "./states.js";
import { json, list, number, text } from "./values.js";

const OWN = "own";

const SCREENING = [
  ["none", "none: everybody counts"],
  ["experts", "experts: expertise, equipment, hidden reference, anchor"],
  ["bs1534-3", "BS.1534-3: hidden reference and mid anchor, 15 %"],
  ["attention", "attention checks: at most one failed"],
  [OWN, "rules of your own"],
];

// Their reference, if there is one, comes with a spec.
const TOLD_APART = ["abx", "same-different"];

/** Fields that only some methods have. */
const ONLY = {
  tie: ["preference", "abx"],
  checks: ["preference"],
  reference: ["mushra", "bs1116"],
  anchors_hz: ["mushra"],
  scale: ["rating", "multi-stimulus", "mushra"],
};

/** The form. */
export class SpecForm {
  #known;
  #spec = {};
  #places = {};
  #controls = {};
  #rows = {};

  constructor(known) {
    this.#known = known;
    this.element = element("form", { novalidate: true });
  }

  /** Shows a spec. */
  set(spec) {
    this.#spec = spec;
    this.element.replaceChildren(
      this.#compared(spec),
      this.#sounds(spec),
      this.#texts(spec),
      this.#answers(spec),
      this.#analysis(spec),
      this.#after(spec),
    );
    this.#controls.method.addEventListener("change", () => this.#follow());
    this.#controls.screening.addEventListener("change", () => this.#follow());
    this.#follow();
  }

  /** Returns the spec as it is now. */
  get() {
    const controls = this.#controls;
    const has = (name) => ONLY[name].includes(controls.method.value);
    const screening = controls.screening.value;
    return {
      version: 1,
      name: text(controls.name),
      method: controls.method.value,
      systems: this.#rows.systems.get(),
      reference: has("reference")
        ? { name: this.#spec.reference?.name ?? "open reference", ...sourceOf(controls.reference) }
        : TOLD_APART.includes(controls.method.value)
          ? this.#spec.reference
          : undefined,
      anchors_hz: has("anchors_hz") ? list(controls.anchors_hz, ",").map(Number) : undefined,
      tie: has("tie") ? controls.tie.checked : undefined,
      sounds: number(controls.sounds),
      practice: number(controls.practice),
      checks: has("checks") ? number(controls.checks) : undefined,
      playlist: number(controls.playlist),
      seconds: number(controls.seconds),
      tails: text(controls.tails),
      levels: controls.levels.value,
      loudness_lufs: number(controls.loudness_lufs),
      sample_rate_hz: number(controls.sample_rate_hz),
      corpus: text(controls.corpus),
      items: json(controls.items, "items"),
      // What no field shows comes with a spec, such as an imported one.
      order: this.#spec.order ?? undefined,
      strict: this.#spec.strict,
      texts: Object.fromEntries(
        Object.entries(controls.texts).map(([name, control]) => [name, control.value]),
      ),
      language: controls.language.value,
      translations: json(controls.translations, "translations"),
      tags: list(controls.tags),
      scale: has("scale")
        ? {
            minimum: number(controls.minimum),
            maximum: number(controls.maximum),
            labels: list(controls.labels),
            step: this.#spec.scale?.step,
          }
        : undefined,
      questionnaire: this.#rows.questionnaire.get(),
      analysis: {
        screening: screening === OWN ? (json(controls.rules, "analysis.screening") ?? []) : screening,
        level: number(controls.level),
        significance: number(controls.significance),
        resamples: number(controls.resamples),
        seed: number(controls.seed),
      },
      completion_url: text(controls.completion_url),
      vanished_minutes: number(controls.vanished_minutes),
    };
  }

  /** Shows what is wrong, beside the fields. */
  fail(error) {
    showProblems(this.element, error);
  }

  /** Takes what was wrong away. */
  clear() {
    clearProblems(this.element);
  }

  #field(key, name, label, control, hint) {
    this.#controls[key] = control;
    this.#places[key] = field(name, label, control, hint);
    return this.#places[key];
  }

  #number(name, label, spec, hint, attributes = {}) {
    const key = name.split(".").at(-1);
    const input = element("input", { type: "number", value: spec[key] ?? "", step: "any", ...attributes });
    return this.#field(key, name, label, input, hint);
  }

  #compared(spec) {
    const method = select(Object.keys(METHODS).map((each) => [each, methodName(each)]));
    method.value = spec.method;
    this.#rows.systems = new Rows({
      name: "systems",
      label: "What is compared",
      hint: "Each makes one side of the comparison; participants see no name.",
      noun: "system",
      add: "Add another",
      least: 1,
      blank: () => ({ nebula: this.#known.nebulae[0]?.name }),
      row: (system, name) => systemRow(this.#known, system, name),
    });
    this.#rows.systems.set(spec.systems);
    const name = element("input", { value: spec.name ?? "", maxlength: 64, autocomplete: "off" });
    const hint = "Letters, digits, spaces, dots, - and _. Participants never see it.";
    const reference = sourceSelect(this.#known, spec.reference ?? { nebula: this.#known.nebulae[0]?.name });
    const anchors = element("input", { value: (spec.anchors_hz ?? []).join(", "), inputmode: "numeric" });
    const tie = element("input", { type: "checkbox", checked: spec.tie });
    this.#controls.tie = tie;
    this.#places.tie = element(
      "div",
      { class: "field", "data-name": "tie" },
      element("div", {}, element("label", { class: "check" }, tie, "“No preference”, or in ABX “I cannot tell”, is an answer")),
      element("p", { class: "error" }),
    );
    return panel(
      "The question",
      pair(this.#field("name", "name", "Name", name, hint), this.#field("method", "method", "Method", method, " ")),
      this.#rows.systems.place,
      this.#field("reference", "reference", "Open reference", reference, "Heard openly, and hidden among the others."),
      this.#field(
        "anchors_hz",
        "anchors_hz",
        "Anchors, Hz",
        anchors,
        "Low-pass versions of the reference, by their cutoffs; BS.1534-3 has 3500, 7000.",
      ),
      this.#places.tie,
    );
  }

  #sounds(spec) {
    const tails = select([
      ["", "as the method wants it"],
      ["natural", "natural: each dies away"],
      ["aligned", "aligned: all of a trial end together"],
    ]);
    tails.value = spec.tails ?? "";
    const levels = select([
      ["aligned", "aligned: all are as loud as each other"],
      ["as-is", "as they are: loudness is heard, too"],
    ]);
    levels.value = spec.levels ?? "aligned";
    const rate = select([
      ["44100", "44.1 kHz"],
      ["48000", "48 kHz"],
    ]);
    rate.value = String(spec.sample_rate_hz ?? 44100);
    const items = element("textarea", { rows: 6, spellcheck: "false" });
    items.value = spec.items?.length ? JSON.stringify(spec.items, null, 2) : "";
    const whole = { min: 0, step: 1 };
    return panel(
      "Sounds",
      element(
        "div",
        { class: "together" },
        this.#number("sounds", "Trials", spec, "Comparisons, or rated sounds of each system.", { ...whole, min: 1 }),
        this.#number("practice", "Practice", spec, "Trials before, which do not count.", whole),
        this.#number("checks", "Attention checks", spec, "Pairs of one sound twice, hidden among the trials.", whole),
        this.#number("playlist", "Sounds in a row", spec, "Each side plays so many, one after the other.", whole),
        this.#number("seconds", "Seconds", spec, "Length of a sound; longer ones are cut.", { min: 0.1 }),
      ),
      folded(
        "Loudness, ends and sample rate",
        false,
        element(
          "div",
          { class: "together" },
          this.#field("levels", "levels", "Levels", levels, "Whether loudness could tell sounds apart."),
          this.#number("loudness_lufs", "Loudness, LUFS", spec, "Of every sound, where levels are aligned."),
          this.#field("tails", "tails", "Ends", tails, "Whether length could tell sounds apart."),
          this.#field("sample_rate_hz", "sample_rate_hz", "Sample rate", rate, "Of every sound."),
        ),
      ),
      folded(
        "Excerpts that you list",
        items.value !== "",
        this.#field(
          "corpus",
          "corpus",
          "Their corpus",
          corpusSelect(this.#known, spec.corpus, "none"),
          "Upload the recordings first.",
        ),
        this.#field(
          "items",
          "items",
          "Excerpts, as JSON",
          items,
          'A list such as [{"name": "drums", "sounds": {"SYSTEM": ["file.wav"]}, "group": 0, "practice": false}]; ' +
            "takes the place of the number of trials.",
        ),
      ),
    );
  }

  #texts(spec) {
    const asked = [
      ["title", "Title", 1, "Of the page."],
      ["consent", "Consent", 3, "What people agree to, and what happens to their answers."],
      ["instructions", "Instructions", 2, "What they are to do."],
      ["question", "Question", 1, "Above each trial."],
      ["practice", "Before the practice", 1, "Shown if there are practice trials."],
      ["thanks", "Thanks", 1, "In the end."],
    ];
    this.#controls.texts = {};
    const language = select(Object.entries(LANGUAGES));
    language.value = spec.language ?? "en";
    const translations = element("textarea", { rows: 6, spellcheck: "false" });
    const isTranslated = Object.keys(spec.translations ?? {}).length > 0;
    translations.value = isTranslated ? JSON.stringify(spec.translations, null, 2) : "";
    return part(
      "What participants read",
      element("p", { class: "hint" }, "What is left empty follows from the plan: method, number of trials, practice."),
      asked.map(([name, label, rows, hint]) => {
        const control = rows === 1 ? element("input") : element("textarea", { rows, class: "prose" });
        control.value = spec.texts?.[name] ?? "";
        this.#controls.texts[name] = control;
        return field(`texts.${name}`, label, control, hint);
      }),
      this.#field(
        "language",
        "language",
        "Language",
        language,
        "Of what you have written. A page without words of yours is in all of these, as each browser asks for it.",
      ),
      this.#field(
        "translations",
        "translations",
        "Your words in other languages, as JSON",
        translations,
        'Such as {"de": {"texts": {"question": "Was ist runder?"}, "tags": ["hell"], "labels": ["eckig", "rund"], ' +
          '"questionnaire": {"musician": {"text": "Machen Sie Musik?", "options": ["ja", "nein"]}}}}; all of them.',
      ),
    );
  }

  #answers(spec) {
    const scale = spec.scale ?? {};
    const labels = element("textarea", { rows: 3 });
    labels.value = (scale.labels ?? []).join("\n");
    const tags = element("textarea", { rows: 2 });
    tags.value = (spec.tags ?? []).join("\n");
    this.#rows.questionnaire = new Rows({
      name: "questionnaire",
      label: "Questions after the trials",
      hint: "What is listened with is asked anyway.",
      noun: "question",
      add: "Add a question",
      blank: () => ({}),
      row: questionRow,
    });
    this.#rows.questionnaire.set(spec.questionnaire ?? []);
    this.#places.scale = element(
      "div",
      {},
      element(
        "div",
        { class: "together" },
        this.#number("scale.minimum", "Scale from", scale, "The lowest rating."),
        this.#number("scale.maximum", "to", scale, "The highest rating."),
      ),
      this.#field(
        "labels",
        "scale.labels",
        "Labels",
        labels,
        "One a line, from the lowest; they share the scale out evenly.",
      ),
    );
    return part(
      "What participants answer",
      this.#places.scale,
      this.#field("tags", "tags", "Tags", tags, "Words that a trial's sounds can be tagged with, one a line."),
      this.#rows.questionnaire.place,
    );
  }

  #analysis(spec) {
    const chosen = spec.analysis ?? {};
    const own = Array.isArray(chosen.screening);
    const screening = select(SCREENING);
    screening.value = own ? OWN : (chosen.screening ?? "none");
    const rules = element("textarea", { rows: 6, spellcheck: "false" });
    rules.value = own ? JSON.stringify(chosen.screening, null, 2) : "";
    return part(
      "How answers are analysed",
      element("p", { class: "hint" }, "Frozen when the test is sealed, so that nobody can choose what looks best."),
      this.#field("screening", "analysis.screening", "Who counts", screening, "Results are given with and without."),
      this.#field("rules", "analysis.screening.rules", "Rules, as JSON", rules, "As in the specs that ship."),
      element(
        "div",
        { class: "together" },
        this.#number("analysis.level", "Confidence", chosen, "Of intervals.", { min: 0.5, max: 0.999, step: 0.01 }),
        this.#number("analysis.significance", "Significance", chosen, "The largest p-value called so."),
        this.#number("analysis.resamples", "Resamples", chosen, "Of the bootstrap.", { min: 2, step: 1 }),
        this.#number("analysis.seed", "Seed", chosen, "Of the bootstrap.", { min: 0, step: 1 }),
      ),
    );
  }

  #after(spec) {
    const address = element("input", { type: "url", value: spec.completion_url ?? "", maxlength: 500 });
    return part(
      "Recruiting",
      this.#field(
        "completion_url",
        "completion_url",
        "Completion link",
        address,
        "Where people are sent in the end, such as a recruiter's page; https only.",
      ),
      this.#number(
        "vanished_minutes",
        "Minutes until vanished",
        spec,
        "Who is silent for longer no longer counts when groups are filled.",
      ),
    );
  }

  #follow() {
    const method = this.#controls.method.value;
    for (const [name, methods] of Object.entries(ONLY)) this.#places[name].hidden = !methods.includes(method);
    this.#places.rules.hidden = this.#controls.screening.value !== OWN;
    this.#places.method.querySelector(".hint").textContent = METHODS[method];
  }
}
