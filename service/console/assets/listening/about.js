/** What a test is: its plan in words, and what it was sealed with. */

import { copyable } from "../copy.js";
import { element } from "../html.js";
import { count } from "../numbers.js";
import { facts } from "../table.js";
import { moment } from "../time.js";
import { sourceName } from "./sources.js";
import { LANGUAGES, methodName } from "./states.js";

const WHO = {
  none: "everybody",
  experts: "experts on good equipment who hear the hidden reference and the anchor",
  "bs1534-3": "who passes the rules of ITU-R BS.1534-3",
  attention: "who fails no more than one attention check",
};

const TEXTS = {
  consent: "What they agree to",
  practice: "Before the practice",
  instructions: "What they are to do",
  question: "Each trial",
  thanks: "In the end",
};

/** Returns what a test is; `known` are the nebulae and corpora that there are. */
export function about(test, known) {
  const { spec } = test;
  const sources = [...spec.systems, spec.reference]
    .filter((system) => system)
    .map((system) => source(known, system, spec));
  return element(
    "section",
    { class: "panel" },
    element("h2", {}, "The plan"),
    facts([
      ["Title", spec.texts.title],
      ["Method", methodName(spec.method)],
      ["Languages", test.languages.map((language) => LANGUAGES[language]).join(", ")],
      ["Compared", spec.systems.map(({ name }) => name).join(", ")],
      ["Sounds from", [...new Set(sources)].join(", ")],
      spec.items.length ? ["Excerpts", count(spec.items.length)] : ["Trials", count(spec.sounds)],
      ["Practice", count(spec.practice)],
      test.plan.checks > 0 ? ["Attention checks", count(test.plan.checks)] : null,
      ["Seconds", spec.seconds],
      ["Sounds", count(test.sounds)],
      ["Who counts", who(spec.analysis.screening)],
      ["Planned", moment(test.created_at)],
      test.sealed_at ? ["Sealed", moment(test.sealed_at)] : null,
      test.opened_at ? ["Opened", moment(test.opened_at)] : null,
      test.closed_at ? ["Closed", moment(test.closed_at)] : null,
      test.unblinded_at ? ["Unblinded", moment(test.unblinded_at)] : null,
      ["Loudness", loudness(test)],
    ].filter((fact) => fact !== null)),
    test.remarks.length > 0
      ? element("ul", { class: "remarks" }, test.remarks.map((remark) => element("li", {}, remark)))
      : null,
    test.commitment
      ? [
          copyable("Digest", test.commitment),
          element(
            "p",
            { class: "hint" },
            "SHA-256 of what is which and a salt, published before anybody listens. When the test is unblinded both " +
              "are shown, and anybody can check that they are the same.",
          ),
        ]
      : null,
    element(
      "details",
      { class: "folded" },
      element("summary", {}, "What participants read"),
      Object.entries(TEXTS)
        .filter(([name]) => test.texts[name] !== "")
        .map(([name, title]) => [element("h3", {}, title), element("p", {}, test.texts[name])]),
    ),
    element(
      "details",
      { class: "folded" },
      element("summary", {}, "Everything, as JSON"),
      element(
        "pre",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": "The plan as JSON" },
        JSON.stringify(spec, null, 2),
      ),
    ),
  );
}

function source(known, system, spec) {
  if (system.nebula) return `nebula ${sourceName(known, system)}`;
  if (system.corpus) return `corpus ${sourceName(known, system)}`;
  return `listed excerpts of corpus ${sourceName(known, spec)}`;
}

function who(screening) {
  if (typeof screening !== "string") {
    return screening.length === 0 ? "everybody" : `who passes ${screening.map(({ name }) => name).join(", ")}`;
  }
  return WHO[screening];
}

function loudness({ spec, loudness_lufs: sealed }) {
  if (spec.levels === "as-is") return "left as it is in each sound";
  if (sealed === null) return `${spec.loudness_lufs} LUFS planned`;
  const words = `${sealed.toFixed(1)} LUFS`;
  if (spec.loudness_lufs - sealed <= 0.05) return words;
  return `${words}; ${spec.loudness_lufs} were planned, and all sounds are turned down alike so that no peak clips`;
}
