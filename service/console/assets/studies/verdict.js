/** What a study has come to: finalists with their intervals, what matters, and the files that it leaves. */

import { drawn, element, find, show } from "../html.js";
import { percent, score } from "../numbers.js";
import { spokenPath } from "../parameters.js";
import { may } from "../session.js";
import { shareButton } from "../sharing.js";
import { table } from "../table.js";
import { playCandidate } from "./candidate.js";

const IMPORTANT = 12;

/** Shows the candidates that were re-scored on fresh draws, the best first. */
export function showFinalists(study, finalists) {
  if (finalists.length === 0) {
    const words =
      "The best of many noisy scores flatters itself: when the search ends, the best are scored again on fresh sounds.";
    show(find("#finalists"), element("p", { class: "soft" }, words));
    return;
  }
  // The start is often so far off that nothing else could be told apart.
  const close = finalists.filter(({ origin }) => origin !== "start");
  const least = Math.min(...close.map(({ low }) => low));
  const most = Math.max(...close.map(({ high }) => high));
  const columns = [
    { title: "Which", cell: ({ origin }) => hearButton(study, origin) },
    { title: "Score", cell: ({ mean }) => score(mean), number: true },
    { title: "95 % interval", cell: ({ low, high }) => `${score(low)} to ${score(high)}`, number: true },
    { title: element("span", { class: "hidden-text" }, "Drawn"), cell: (finalist) => whisker(finalist, least, most) },
  ];
  const place = find("#finalists");
  const said = JSON.stringify(finalists);
  // Who listens to one goes on listening.
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  show(place, table("Finalists, the best first", columns, finalists), element("div", { id: "finalist" }));
}

function hearButton({ id }, origin) {
  const words = called(origin);
  const path = `/v1/studies/${id}/finalists/${encodeURIComponent(origin)}`;
  const hear = () => playCandidate(find("#finalist"), words, path);
  const attributes = { type: "button", class: "play origin", "aria-label": `Play ${words}`, click: hear };
  return element("button", attributes, element("span", { class: "icon" }), words);
}

/** Returns what people call a finalist. */
function called(origin) {
  if (origin === "centre") return "centre of the search";
  const trial = /^trial (\d+)\.(\d+)$/.exec(origin);
  return trial ? `generation ${Number(trial[1]) + 1}, candidate ${Number(trial[2]) + 1}` : origin;
}

/** Returns an interval as a line; nothing where it is out of the range. */
function whisker({ low, mean, high }, least, most) {
  if (mean < least || mean > most) return null;
  const at = (value) => (100 * (value - least)) / (most - least || 1);
  return drawn(
    "svg",
    { class: "whisker", "aria-hidden": "true" },
    drawn("line", { x1: `${at(low)}%`, x2: `${at(high)}%`, y1: "50%", y2: "50%" }),
    drawn("circle", { cx: `${at(mean)}%`, cy: "50%", r: 4 }),
  );
}

/** Shows which hyperparameters tell good trials from others. */
export function showImportance(importance) {
  if (importance.length === 0) {
    show(find("#importance"), element("p", { class: "soft" }, "After 20 trials it can be told which curves matter."));
    return;
  }
  const most = importance[0].share || 1;
  show(
    find("#importance"),
    element(
      "ul",
      { class: "bars" },
      importance
        .slice(0, IMPORTANT)
        .map(({ name, share }) =>
          element(
            "li",
            {},
            element("span", { title: name }, spokenPath(name)),
            drawn(
              "svg",
              { "aria-hidden": "true" },
              drawn("rect", { width: `${(100 * share) / most}%`, height: "100%", rx: 3 }),
            ),
            element("span", {}, percent(share, 1)),
          ),
        ),
    ),
  );
}

/** Shows what can be done with what a study has found, and links to the files that it has left. */
export function showResults(study) {
  const path = `/v1/studies/${study.id}`;
  const ended = study.state === "done" || (study.state === "stopped" && study.trials_done > 0);
  const trials = study.trials_done > 0;
  const place = find("#results");
  const said = JSON.stringify([ended, trials]);
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  const elsewhere = { target: "_blank", rel: "noopener" };
  const files = [
    ended && link(`${path}/report`, "Report", elsewhere),
    ended && link(`${path}/nebula`, "Nebula (JSON)", { download: `${study.name}.json` }),
    ended && link(`${path}/provenance`, "Provenance (JSON)", { download: `${study.name}.provenance.json` }),
    ended && link(`${path}/trials.csv`, "Trials (CSV)", { download: `${study.name}.csv` }),
    trials && link(`/dashboard/of/${study.id}`, "Optuna dashboard", elsewhere),
  ];
  show(
    place,
    ended && link(`/nebulae/${study.id}`, "Open the nebula", { class: "button" }),
    ended && may("experimenter") && link("/listening-tests/new", "Test with listeners"),
    may("experimenter") && link(`/studies/new?study=${study.id}`, "Run again with changes"),
    shareButton({ study: study.id }),
    (ended || trials) &&
      element(
        "details",
        { class: "menu" },
        element("summary", { class: "button quiet" }, ended ? "Export" : "More"),
        element("div", {}, files),
      ),
  );
}

function link(address, words, attributes = {}) {
  return element("a", { href: address, class: "button quiet", ...attributes }, words);
}
