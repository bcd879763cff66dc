/**
 * What can be said of several studies at once. A side is `{ letter, mark, study, findings, scores }`: its letter and
 * colour, and what the API tells of the study.
 */

import { percent, score } from "../numbers.js";
import { listed, MOST_SIDES } from "../sides.js";

/** How many studies can be compared at once. */
export const MOST_COMPARED = MOST_SIDES;

/** What scores have to share so that they can be compared: as people call it, and what it is of a spec. */
const SHARED = [
  ["objectives", ({ objective }) => objective],
  ["targets", ({ target }) => target],
  ["distances", ({ distance }) => distance],
  ["measures", ({ measure }) => measure],
  ["sounds a trial", ({ sounds_per_trial: sounds }) => sounds],
  ["recordings held out", ({ hold_out: held }) => held],
];

/** Returns the sides in groups whose scores can be compared, in the order of their first ones. */
export function groups(sides) {
  const found = new Map();
  for (const side of sides) {
    const key = JSON.stringify(SHARED.map(([, read]) => read(side.study.spec) ?? null));
    found.set(key, [...(found.get(key) ?? []), side]);
  }
  return [...found.values()];
}

/** Returns what several studies come to, in sentences. */
export function sentences(sides) {
  const comparable = groups(sides);
  return [
    ...(comparable.length > 1 ? [incomparable(sides, comparable)] : []),
    ...comparable.flatMap((group) => [scored(group), judged(group)]),
    unfinished(sides),
  ].filter(Boolean);
}

function incomparable(sides, comparable) {
  const differing = SHARED.filter(([, read]) => new Set(sides.map(({ study }) => read(study.spec) ?? null)).size > 1);
  const [first, ...others] = comparable.map((group) => `those of ${listed(letters(group))}`);
  const which = `${first.replace("those", "Scores")} cannot be compared with ${listed(others, "or")}`;
  return `${which}: their ${listed(differing.map(([name]) => name))} differ.`;
}

/** Returns which of a group scores best on fresh sounds; nothing if fewer than two were scored again. */
function scored(group) {
  const again = group.filter(({ study }) => study.rescored !== null);
  if (again.length < 2) return "";
  const isMatch = group[0].study.spec.objective === "match";
  const better = isMatch ? (one, other) => one.mean - other.mean : (one, other) => other.mean - one.mean;
  const words = isMatch ? "is nearest to the target" : "is most varied";
  return ranked(again, ({ study }) => study.rescored, better, score, (best, value) => `${best} ${words}: on fresh sounds it scores ${value}`);
}

/** Returns which of a group classifiers tell from the target least often; nothing if they were asked of fewer than two. */
function judged(group) {
  const told = group.filter((side) => toldApart(side) !== null);
  if (told.length < 2) return "";
  const least = (one, other) => one.mean - other.mean;
  const words = (best, value) => `Classifiers tell ${best} from the target least often, by ${value}`;
  return ranked(told, toldApart, least, (share) => percent(share), words);
}

function ranked(sides, valueOf, better, written, words) {
  const [best, ...others] = [...sides].sort((one, other) => better(valueOf(one), valueOf(other)));
  const { mean, low, high } = valueOf(best);
  const lead = words(best.letter, `${written(mean)} (${written(low)} to ${written(high)})`);
  const near = others.filter((side) => valueOf(side).low <= high && valueOf(side).high >= low);
  const rest = listed(letters(others));
  if (near.length === 0) return `${lead}, clearly ahead of ${rest}.`;
  const overlap = `${near.length === 1 ? "the interval" : "the intervals"} of ${listed(letters(near))} overlap${near.length === 1 ? "s" : ""} with its own`;
  return `${lead}. Yet ${overlap}, so that it may be chance.`;
}

/** Returns which studies have not been scored again, and what that means. */
function unfinished(sides) {
  const open = sides.filter(({ study }) => study.rescored === null);
  if (open.length === 0) return "";
  const states = open.map(({ letter, study }) => `${letter} is ${study.state}`);
  const what = open.length === 1 ? "its score is" : "their scores are";
  return `${listed(states)} and not scored on fresh sounds: ${what} the best of many noisy ones, and held against no other.`;
}

/** Returns how often classifiers tell what a study has found from its target, with its interval; null if not asked. */
export function toldApart({ findings }) {
  return findings.verdict?.judged.find(({ role }) => role === "found")?.told_apart ?? null;
}

/** Returns the best score so far over the sounds rendered: a point wherever it changes, and the last. */
export function bestSoFar({ study, scores }) {
  const { sounds_per_trial: sounds, objective } = study.spec;
  const isBetter = objective === "match" ? (one, other) => one < other : (one, other) => one > other;
  const [xs, ys] = [[], []];
  scores.forEach((value, place) => {
    const best = ys[ys.length - 1];
    const improves = place === 0 || isBetter(value, best);
    if (!improves && place < scores.length - 1) return;
    xs.push((place + 1) * sounds);
    ys.push(improves ? value : best);
  });
  return { xs, ys };
}

function letters(sides) {
  return sides.map(({ letter }) => letter);
}
