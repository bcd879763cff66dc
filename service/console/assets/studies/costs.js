/** What a study will cost, in words. */

import { element } from "../html.js";
import { count, counted } from "../numbers.js";
import { roughly } from "../time.js";

/** Returns paragraphs: trials and sounds, and how long they take with the workers that there are. */
export function costWords(spec, { evaluations, sounds, seconds, workers }) {
  const trials = spec.search.phases.reduce((sum, phase) => sum + phase.trials, 0);
  const { repeats } = spec.finalists;
  const finalists = (evaluations - trials) / repeats;
  const again = `${count(finalists)} finalists (the best ${count(finalists - 2)}, the centre of the search and the start)`;
  const each = `of ${count(spec.sounds_per_trial)} sounds each`;
  const most = spec.search.phases.some((phase) => phase.until_flat) ? "At most " : "";
  const work = `${most}${counted(trials, "trial")}, then ${again} scored ${count(repeats)} times over, ${each}`;
  const judged = spec.objective === "match" ? " Then classifiers are asked." : "";
  return [element("p", {}, `${work}: ${count(sounds)} sounds.${judged}`), element("p", {}, duration(seconds, workers))];
}

function duration(seconds, workers) {
  if (workers === 0) {
    const words = seconds === null ? "" : ` One would take ${roughly(seconds)}.`;
    return `There is no worker now, so it would wait.${words}`;
  }
  const crew = workers === 1 ? "with the one worker that there is" : `with the ${workers} workers that there are`;
  if (seconds === null)
    return `How long that takes ${crew} is not yet measured here: no study by this distance has run.`;
  return `That takes ${roughly(seconds)} ${crew}, if they do nothing else.`;
}
