/** What a study is doing, and what can be asked of it. */

import { element } from "../html.js";
import { count, counted, percent, score } from "../numbers.js";
import { roughly } from "../time.js";

const KINDS = {
  queued: "wait",
  running: "active",
  paused: "wait",
  stopping: "active",
  stopped: "",
  failed: "alert",
  done: "good",
};

const WISHES = {
  pause: "pausing",
  stop: "stopping",
  cancel: "cancelling",
  resume: "resuming",
  skip: "skipping classifiers",
};

const STAGES = {
  target: "hearing the target",
  search: "searching",
  finalists: "re-scoring the best",
  listener: "asking classifiers",
};

/** All states, as the API names them. */
export const STATES = Object.keys(KINDS);

/** Returns what a study can be asked for, the likeliest first. */
export function verbs({ state, stage }) {
  const possible = VERBS[state];
  return state === "running" && stage === "listener" ? ["skip", ...possible.filter((verb) => verb !== "stop")] : possible;
}

const VERBS = {
  queued: ["pause", "cancel"],
  running: ["pause", "stop", "cancel"],
  paused: ["resume", "cancel"],
  stopping: ["cancel"],
  stopped: [],
  failed: ["resume"],
  done: [],
};

/** Returns whether something happens to a study of its own accord. */
export function isActive(study) {
  return ["queued", "running", "stopping"].includes(study.state);
}

/** Returns the state of a study, or what it is about to be, in a word of its own colour. */
export function badge({ state, wish }) {
  return element("span", { class: `badge ${KINDS[state] ?? ""}` }, wish ? `${WISHES[wish]} …` : state);
}

/** Returns what a study that runs is busy with and how far that is, in words; empty for others. */
export function doing({ state, stage, stage_done: done, stage_total: total }) {
  if (state !== "running" && state !== "stopping") return "";
  const words = STAGES[stage] ?? "";
  return words && stage !== "search" && total ? `${words}, ${percent(done / total)}` : words;
}

/** Returns how long a study that runs will take yet, all stages included, in words; empty where it is not known. */
export function left({ state, due_at: due }, now = Date.now()) {
  if ((state !== "running" && state !== "stopping") || due === null) return "";
  return `${roughly(Math.max(0, (Date.parse(due) - now) / 1000))} left`;
}

/** Returns what a study has come to: the re-scored value with its interval once there is one, else the best so far. */
export function result({ best, rescored, state }) {
  if (rescored !== null) {
    const { mean, low, high } = rescored;
    return [score(mean), " ", soft(`${score(low)} to ${score(high)}`)];
  }
  if (best === null) return score(best);
  return [score(best), " ", soft(isActive({ state }) || state === "paused" ? "so far" : "not re-scored")];
}

function soft(words) {
  return element("span", { class: "soft" }, words);
}

/** Returns how far a study is, as a bar and in words. */
export function progress(study) {
  const { trials_done: done, trials_total: most, state } = study;
  // A study is done with fewer trials than it might have had where they no longer helped.
  const isFlat = state === "done" && done < most;
  const total = isFlat ? done : most;
  const words = isFlat ? `${counted(done, "trial")}, then flat` : `${count(done)} of ${counted(total, "trial")}`;
  const more = left(study);
  return element(
    "span",
    { class: "progress number" },
    element("progress", { max: total, value: done, "aria-label": words }),
    element("span", { class: "soft" }, words),
    more && element("span", { class: "soft left" }, more),
  );
}
