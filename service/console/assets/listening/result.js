/** What an unblinded test found: figures with their intervals, whom screening keeps, and which sound was which. */

import { copyable } from "../copy.js";
import { element, show } from "../html.js";
import { count, counted, percent, score } from "../numbers.js";
import { get } from "../server.js";
import { may } from "../session.js";
import { facts, table } from "../table.js";
import { showIntervals } from "./intervals.js";
import { sourceName } from "./sources.js";

/** Shows what came out. */
export async function showResult(place, path, test, known) {
  const [{ analysis, methods }, key] = await Promise.all([get(`${path}/analysis`), get(`${path}/key`)]);
  const planned = analysis.screened ?? analysis.everyone;
  const chart = element("div", {});
  show(
    place,
    element(
      "section",
      { class: "panel" },
      element("h2", {}, "What it found"),
      facts([
        ["Listeners", count(planned.listeners)],
        ["Trials", count(planned.trials)],
        ["Screened out", count(analysis.screening.dropped.length)],
        ...(analysis.checks ? [["Attention checks failed", failed(analysis.checks)]] : []),
        ["Digest", verified(key)],
      ]),
      analysis.plan.method === "ranking" ? element("p", { class: "soft" }, "Mean places; 1 is the best.") : null,
      chart,
      withheld(planned),
      tables(planned, analysis.plan),
      screening(analysis.screening),
      bias(planned, analysis.plan.significance),
      element(
        "details",
        { class: "folded" },
        element("summary", {}, "In words, for a paper"),
        element("p", {}, methods),
      ),
      element(
        "div",
        { class: "row" },
        element("a", { class: "button", href: `${path}/report`, target: "_blank", rel: "noopener" }, "Read the report"),
        may("experimenter")
          ? [
              download(`${path}/answers.csv`, "answers.csv", "Answers as CSV"),
              download(`${path}/answers`, "answers.json", "Answers as JSON"),
            ]
          : null,
      ),
    ),
    keyPanel(path, key, test, known),
  );
  const drawn = chartOf(planned, analysis.plan);
  if (drawn) showIntervals(chart, drawn);
  else show(chart, element("p", { class: "soft" }, "Nobody has answered."));
}

const WHAT = { bs1116: "Mean difference grades", ranking: "Mean places, of which 1 is the best," };

function download(href, name, words) {
  return element("a", { class: "button quiet", href, download: name }, words);
}

function failed({ answered, failed: wrong, participants }) {
  return `${count(wrong)} of ${count(answered)}, by ${counted(participants, "participant")}`;
}

function verified({ verified: is }) {
  if (is) return element("span", { class: "badge good" }, "verified");
  return element("span", { class: "badge alert" }, "does not fit: do not trust this");
}

function chartOf({ preferences, discriminations, ratings }, { method, scale }) {
  if (discriminations.length > 0) {
    return {
      label: "Shares of right answers with their intervals",
      rows: discriminations.map(({ first, second, right }) => ({ name: `${first} and ${second}`, ...right })),
      range: [0, 1],
      level: 0.5,
      written: percent,
    };
  }
  if (preferences.length > 0) {
    return {
      label: "Preferences with their intervals",
      rows: preferences.map(({ first, second, share }) => ({ name: `${first} over ${second}`, ...share })),
      range: [0, 1],
      level: 0.5,
      written: percent,
    };
  }
  if (ratings === null) return null;
  const isGraded = method === "bs1116";
  const [minimum, maximum] = scale;
  const width = maximum - minimum;
  return {
    label: `${WHAT[method] ?? "Mean ratings"} with their intervals`,
    rows: ratings.systems.map(({ system, mean }) => ({ name: system, ...mean })),
    range: isGraded ? [-width, width] : [minimum, maximum],
    ...(isGraded && { level: 0 }),
    written: score,
  };
}

/** Says why figures have no intervals, each reason once. */
function withheld({ preferences, strengths, discriminations, ratings }) {
  const estimates = [
    ...discriminations.map(({ right }) => right),
    ...preferences.map(({ share }) => share),
    ...strengths.map(({ log_odds: odds }) => odds),
    ...(ratings?.systems ?? []).flatMap(({ mean, median }) => [mean, median]),
    ...(ratings?.differences ?? []).map(({ mean }) => mean),
  ];
  const reasons = [...new Set(estimates.map((estimate) => estimate.withheld))].filter((reason) => reason !== "");
  if (reasons.length === 0) return null;
  return element("p", { class: "soft" }, `Some figures have no interval: ${reasons.join("; ")}.`);
}

function tables({ preferences, strengths, discriminations, ratings }, { method, significance }) {
  const given = method === "ranking" ? "Places" : "Ratings";
  return [
    discriminations.length > 0
      ? table("Told apart", [
          { title: "Pair", cell: ({ first, second }) => `${first} and ${second}` },
          { title: "Right", cell: ({ right }) => interval(right, percent), number: true },
          { title: "Answers", cell: ({ trials }) => count(trials), number: true },
          { title: "d′", cell: ({ d_prime: distance }) => interval(distance, tenths(2)), number: true },
          { title: "p", cell: ({ p_holm: p }) => chance(p, significance), number: true },
        ], discriminations)
      : null,
    preferences.length > 0
      ? table("Preferences", [
          { title: "Pair", cell: ({ first, second }) => `${first} over ${second}` },
          { title: "Of all answers", cell: ({ share }) => interval(share, percent), number: true },
          { title: "Listeners", cell: ({ listeners: { first, second } }) => `${first} : ${second}`, number: true },
          { title: "Undecided", cell: ({ listeners }) => count(listeners.tied), number: true },
          { title: "p", cell: ({ p_holm: p }) => chance(p, significance), number: true },
        ], preferences)
      : null,
    strengths.length > 0
      ? table("Strengths", [
          { title: "System", cell: ({ system }) => system },
          { title: "Strength, log-odds", cell: ({ log_odds: odds }) => interval(odds, tenths(2)), number: true },
        ], strengths)
      : null,
    ratings === null
      ? null
      : [
          agreement(ratings.friedman),
          table(given, [
            { title: "System", cell: ({ system }) => system },
            { title: given, cell: ({ answers }) => count(answers), number: true },
            { title: "Mean", cell: ({ mean }) => interval(mean, tenths(1)), number: true },
            { title: "Median", cell: ({ median }) => interval(median, tenths(1)), number: true },
          ], ratings.systems),
          ratings.differences.length > 0
            ? table("Differences", [
                { title: "Difference", cell: ({ first, second }) => `${first} less ${second}` },
                { title: "Mean", cell: ({ mean }) => interval(mean, tenths(1)), number: true },
                { title: "Listeners", cell: ({ listeners }) => count(listeners), number: true },
                { title: "p", cell: ({ p_holm: p }) => chance(p, significance), number: true },
              ], ratings.differences)
            : null,
        ],
  ];
}

function bias({ positions }, significance) {
  if (positions === null) return null;
  const decided = positions.p_value <= significance;
  return element(
    "p",
    { class: "soft" },
    decided
      ? `The place on the page made a difference (p ${written(positions.p_value)}): look at the report.`
      : `That the place on the page made a difference cannot be seen (p ${written(positions.p_value)}).`,
  );
}

function screening({ verdicts, kept, dropped }) {
  if (verdicts.length === 0) return null;
  const rows = [...verdicts, { rule: "all rules", kept, dropped }];
  return table("Screening", [
    { title: "Rule", cell: ({ rule }) => rule },
    { title: "Keeps", cell: (verdict) => count(verdict.kept.length), number: true },
    { title: "Drops", cell: (verdict) => count(verdict.dropped.length), number: true },
  ], rows);
}

function keyPanel(path, { key_map: map, salt }, test, known) {
  const place = element("div");
  const details = element(
    "details",
    {
      class: "folded",
      toggle: () => {
        if (details.open && !place.hasChildNodes()) place.append(soundTable(map, known));
      },
    },
    element("summary", {}, `${count(test.sounds)} sounds`),
    place,
  );
  return element(
    "section",
    { class: "panel" },
    element("h2", {}, "Which sound was which"),
    copyable("Salt", salt),
    details,
    element("a", { href: `${path}/key`, download: "key.json" }, "Key map and salt as JSON"),
  );
}

function soundTable({ stimuli }, known) {
  const rows = Object.values(stimuli).sort((one, other) => Number(one.question) - Number(other.question));
  return table("Sounds", [
    { title: "Trial", cell: ({ item }) => item },
    { title: "System", cell: ({ system }) => system },
    { title: "Sound", cell: ({ source }) => words(source, known) },
  ], rows);
}

function words(source, known) {
  return Object.entries(source)
    .map(([name, value]) => `${name} ${["nebula", "corpus"].includes(name) ? sourceName(known, source) : value}`)
    .join(", ");
}

/** Says how much listeners agree about three or more systems. */
function agreement(friedman) {
  if (friedman === null) return null;
  const { listeners, agreement: w, p_value: p } = friedman;
  const said = `p ${p < 0.001 ? "" : "= "}${written(p)}; Kendall’s W ${w.toFixed(2)}`;
  return element("p", {}, `Friedman’s test over ${counted(listeners, "listener")}: ${said}.`);
}

function interval({ value, low, high }, say) {
  return low === null || high === null ? say(value) : `${say(value)} (${say(low)} to ${say(high)})`;
}

function chance(p, significance) {
  return p <= significance ? element("strong", {}, written(p)) : written(p);
}

function written(p) {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

function tenths(digits) {
  // What rounds to nothing has no sign.
  return (value) => (Number(value.toFixed(digits)) || 0).toFixed(digits);
}
