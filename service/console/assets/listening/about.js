/** What a test is: its plan in words, and what it was sealed with. */

import { copyable } from "../copy.js";
import { element } from "../html.js";
import { count } from "../numbers.js";
import { facts } from "../table.js";
import { moment } from "../time.js";
import { methodName } from "./states.js";

/** Returns what a test is. */
export function about(test) {
  const { spec } = test;
  const sources = [...spec.systems, spec.reference].filter((system) => system).map(source);
  return element(
    "section",
    { class: "panel" },
    element("h2", {}, "The plan"),
    facts([
      ["Title", spec.texts.title],
      ["Method", methodName(spec.method)],
      ["Compared", spec.systems.map(({ name }) => name).join(", ")],
      ["Sounds from", [...new Set(sources)].join(", ")],
      spec.items.length ? ["Excerpts", count(spec.items.length)] : ["Trials", count(spec.sounds)],
      ["Practice", count(spec.practice)],
      ["Seconds", spec.seconds],
      ["Sounds", count(test.sounds)],
      ["Who counts", typeof spec.analysis.screening === "string" ? spec.analysis.screening : "rules of its own"],
      ["Planned", moment(test.created_at)],
      test.sealed_at ? ["Sealed", moment(test.sealed_at)] : null,
      test.opened_at ? ["Opened", moment(test.opened_at)] : null,
      test.closed_at ? ["Closed", moment(test.closed_at)] : null,
      test.unblinded_at ? ["Unblinded", moment(test.unblinded_at)] : null,
      test.loudness_lufs === null ? null : ["Loudness", `${test.loudness_lufs.toFixed(1)} LUFS`],
    ].filter((fact) => fact !== null)),
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
      element("summary", {}, "Everything, as JSON"),
      element(
        "pre",
        { class: "scrolls", tabindex: "0", role: "region", "aria-label": "The plan as JSON" },
        JSON.stringify(spec, null, 2),
      ),
    ),
  );
}

function source({ nebula, corpus }) {
  if (nebula) return `nebula ${nebula}`;
  return corpus ? `corpus ${corpus}` : "listed excerpts";
}
