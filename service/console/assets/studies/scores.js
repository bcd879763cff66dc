/** Score over trials: each of them to be pointed at and heard, the best so far, and what known nebulae would score. */

import { Chart } from "../chart.js";
import { element, find, show } from "../html.js";
import { score } from "../numbers.js";
import { get } from "../server.js";
import { playCandidate } from "./candidate.js";

const NAMES = { default: "default", drum: "drum, made by hand" };
const MARKS = { default: "other", drum: "hand" };

export class Scores {
  #chart;
  #better;
  #known = new Set();
  #numbers = [];
  #xs = [];
  #ys = [];
  #best = [];
  #levels = [];
  #place;

  /**
   * @param place What holds the chart.
   * @param study Its objective says which way is up.
   * @param scores What the API knows of all trials.
   */
  constructor(place, study, { numbers, scores }) {
    const match = study.spec.objective === "match";
    this.#place = place;
    this.#better = match ? Math.min : Math.max;
    this.#chart = new Chart(place, {
      label: `Score over trials; ${match ? "smaller is nearer to the target" : "larger is more varied"}`,
      x: "trial",
      y: match ? "MMD to the target, smaller is nearer" : "diversity, larger is more varied",
      height: 300,
      told: (at) => this.#told(at),
      pressed: (at) => {
        const trial = `/v1/studies/${study.id}/trials/${this.#numbers[at]}`;
        playCandidate(find("#trial"), this.#told(at), trial);
      },
    });
    numbers.forEach((number, index) => this.#enter(number, scores[index]));
    this.#draw();
  }

  /** Adds a trial, unless it is there. */
  add(number, score) {
    if (this.#known.has(number)) return;
    this.#enter(number, score);
    this.#draw();
  }

  /** Asks what known nebulae would score, draws them as lines, and returns them with their intervals. */
  async measure(path) {
    const place = find("#yardsticks");
    place.textContent = "Scoring the start, the default and the hand-made nebula for comparison …";
    try {
      const { items, reason } = await get(path);
      this.#levels = items.map(({ name, score }) => ({
        name: NAMES[name] ?? `start: ${name}`,
        kind: "level",
        y: score,
        mark: MARKS[name] ?? "start",
      }));
      place.textContent = reason;
      this.#draw();
      return items;
    } catch (error) {
      place.textContent = error.message;
      return [];
    }
  }

  #enter(number, score) {
    this.#known.add(number);
    this.#numbers.push(number);
    this.#xs.push(this.#xs.length + 1);
    this.#ys.push(score);
    this.#best.push(this.#best.length ? this.#better(this.#best[this.#best.length - 1], score) : score);
  }

  #told(at) {
    return `trial ${this.#xs[at]}: ${score(this.#ys[at])}, best until then ${score(this.#best[at])}`;
  }

  #draw() {
    if (this.#xs.length === 0 && this.#levels.length === 0) {
      show(this.#place, element("p", { class: "soft" }, "No trial has finished yet."));
      return;
    }
    this.#chart.draw([
      { name: "trials", kind: "cloud", mark: "other", xs: this.#xs, ys: this.#ys },
      { name: "best so far", kind: "steps", mark: "found", xs: this.#xs, ys: this.#best },
      ...this.#levels,
    ]);
  }
}
