/** What a finished study has come to: two sentences, what to try next, and a picture with intervals. */

import { isWide, logScale, scale } from "../chart.js";
import { drawn, element, find, show } from "../html.js";
import { percent, score } from "../numbers.js";

const LEAST_WIDTH = 280;
const MOST_WIDTH = 440;

// Words and both pictures are beside each other where there is room.
const BESIDE = "(min-width: 72rem)";
const PICTURES_BESIDE = 3.2;

const ROW = 24;
const TOP = 22;
const LEFT = 124;
const LETTERS = 20;
const VALUES = 60;

const KNOWN = { drum: ["drum, made by hand", "hand"], default: ["default", "other"] };

/**
 * Shows the answer, once there is one.
 *
 * @param study The study.
 * @param findings What it has found.
 * @param yardsticks What known nebulae would score, once that is measured.
 */
export function showAnswer(study, findings, yardsticks) {
  const place = find("#answer");
  place.closest("section").hidden = findings.verdict === null;
  if (findings.verdict === null) return;
  // How far it was matters no more, and stands below what it has come to.
  find("#sounds").closest("section").after(find("#facts"));
  drawAnswer(place, study, findings, yardsticks);
}

/** Draws an answer in a place that is seen; as `showAnswer`, of whose study no more is asked than part of its spec. */
export function drawAnswer(place, study, { verdict, finalists, target }, yardsticks) {
  const beside = matchMedia(BESIDE).matches ? PICTURES_BESIDE : 1;
  const width = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, place.clientWidth / beside));
  show(
    place,
    element(
      "div",
      { class: "words" },
      verdict.sentences.map((sentence) => element("p", {}, sentence)),
      element("p", { class: "next" }, element("b", {}, "Next: "), verdict.advice),
    ),
    element(
      "div",
      { class: "pictures" },
      scores(width, study, finalists, yardsticks),
      verdict.judged.length > 0 && toldApart(width, verdict.judged, target?.title),
    ),
  );
}

function scores(width, { spec }, finalists, yardsticks) {
  const start = finalists.find(({ origin }) => origin === "start");
  const known = yardsticks
    .filter(({ name }) => name in KNOWN && name !== spec.search.start)
    .map(({ name, score: mean, low, high }) => ({ name: KNOWN[name][0], mark: KNOWN[name][1], mean, low, high }));
  const rows = [
    { name: "found", mark: "found", ...finalists[0] },
    ...known,
    { name: `start: ${spec.search.start}`, mark: "start", ...start },
  ];
  const match = spec.objective === "match";
  const title = match ? "MMD to the target, smaller is nearer" : "Diversity, larger is more varied";
  return picture(width, title, rows, extent(rows), score);
}

function toldApart(width, judged, target) {
  const names = { target: `${target ?? "target"} itself`, found: "found" };
  const rows = judged.map(({ role, name, told_apart: told }) => ({
    name: names[role] ?? (role === "start" ? `start: ${name}` : (KNOWN[name]?.[0] ?? name)),
    mark: role === "other" ? (KNOWN[name]?.[1] ?? "other") : role,
    ...told,
  }));
  return picture(width, "Told from the target by classifiers, 50 % is chance", rows, [0.4, 1], percent, 0.5);
}

function extent(rows) {
  const positive = rows.every(({ mean }) => mean > 0);
  // Where an interval of what cannot be negative reaches below 0, the axis need not.
  const shown = (value) => Number.isFinite(value) && (value > 0 || !positive);
  const values = rows.flatMap(({ mean, low, high }) => [mean, low, high]).filter(shown);
  return [Math.min(...values), Math.max(...values)];
}

/** Returns rows of means with their intervals over one axis; `level` is marked by a line. */
function picture(width, title, rows, [least, most], written, level = null) {
  const right = width - VALUES;
  const across = (isWide([least, most]) ? logScale : scale)([least, most], LEFT, right);
  const within = (value) => across(Math.min(most, Math.max(least, value)));
  const height = TOP + rows.length * ROW;
  const words = rows.map(({ name, mean, low, high }) => `${name} ${written(mean)} (${written(low)} to ${written(high)})`);
  return drawn(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${words.join("; ")}` },
    drawn("text", { class: "title", x: 0, y: 13 }, title),
    level !== null && drawn("path", { class: "level", d: `M${across(level)} ${TOP}V${height}` }),
    rows.map(({ name, mark, mean, low, high }, number) => {
      const y = TOP + (number + 0.5) * ROW;
      return [
        drawn("path", { class: "grid", d: `M${LEFT} ${y}H${right}` }),
        drawn("text", { x: 0, y: y + 4 }, name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name),
        drawn("path", { class: `interval marked ${mark}`, d: `M${within(low)} ${y}H${within(high)}` }),
        drawn("circle", { class: `filled ${mark}`, cx: within(mean), cy: y, r: 5 }),
        drawn("text", { x: width, y: y + 4, "text-anchor": "end" }, written(mean)),
      ];
    }),
  );
}
