/** What the leak audit of a sealed test has found. */

import { element } from "../html.js";

const CHECKS = {
  files: "Files hold sound and nothing else, and those of a trial have the same form and size.",
  commitment: "The digest is that of what is stored.",
  alignment: "The sounds of a trial are as loud as each other, unless levels are left as they are, and begin and end together.",
  answers: "What the server answers differs between sounds in nothing.",
  tokens: "Addresses of sounds are random, and none comes twice.",
  names: "No participant would be told a name, a seed or a file.",
  slots: "Each system stands in each place equally often.",
};

/** Returns what was looked at, and what was found. */
export function findings({ passed, checks, findings: found, remarks }) {
  return [
    element(
      "ul",
      { class: "checks" },
      checks.map((check) => {
        const leaks = found.filter((one) => one.check === check);
        return element(
          "li",
          {},
          element("span", { class: `badge ${leaks.length ? "alert" : "good"}` }, leaks.length ? "leaks" : "passed"),
          CHECKS[check] ?? check,
          leaks.length ? element("ul", {}, leaks.map(({ message }) => element("li", {}, message))) : null,
        );
      }),
    ),
    remarks.map((remark) => element("p", {}, remark)),
    passed
      ? null
      : element("p", {}, "Sounds are drawn at random: delete this test, plan another like it, and seal that one."),
  ];
}
