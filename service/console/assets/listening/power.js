/**
 * How many listeners a test takes, asked before it is sealed: whoever counts on until a test is significant has proved
 * nothing.
 *
 *     const power = new Power(place);
 *     power.follow(spec);
 */

import { field } from "../form.js";
import { element, show } from "../html.js";
import { count, counted, percent, score } from "../numbers.js";
import { throttled } from "../polling.js";
import { get } from "../server.js";
import { facts, table } from "../table.js";
import { roughly } from "../time.js";

const PAUSE_SECONDS = 0.4;
const MOST_SOUNDS = 1024;
const LISTENERS = [8, 16, 32, 64];

/** The calculator. */
export class Power {
  #inputs = {};
  #load = element("div");
  #preference;
  #ratings;
  #found = element("div", { role: "status" });
  #spec = null;
  #ask = throttled(PAUSE_SECONDS, () => this.#update());

  constructor(place) {
    this.#preference = element(
      "div",
      { class: "together" },
      this.#input("share", "True preference, %", 60, "60: six of ten answers prefer the same one.", {
        min: 51,
        max: 99,
      }),
      this.#input("power", "Chance to find it, %", 80, "Its power.", { min: 5, max: 99 }),
      this.#input("correlation", "Likeness of answers", 0.1, "Of one listener, 0 to 1; 0: all have one taste.", {
        min: 0,
        max: 0.99,
        step: 0.05,
      }),
    );
    this.#ratings = element(
      "div",
      { class: "together" },
      this.#input("difference", "True difference", 5, "Of two systems, in points of the scale."),
      this.#input("listener_deviation", "Spread of listeners", 8, "Standard deviation of that difference.", { min: 0 }),
      this.#input("answer_deviation", "Spread of ratings", 15, "Of one sound by one listener.", { min: 0.01 }),
    );
    place.append(this.#load, this.#preference, this.#ratings, this.#found);
    place.addEventListener("input", () => this.#ask());
  }

  /** Computes for another spec. */
  follow(spec) {
    this.#spec = spec;
    const compared = spec.method === "preference";
    [this.#preference.hidden, this.#ratings.hidden] = [!compared, compared];
    const { trials, sounds, seconds } = load(spec);
    show(
      this.#load,
      facts([
        ["Trials for each", count(trials)],
        ["To hear all once", roughly(seconds)],
        ["Sounds to render", sounds > MOST_SOUNDS ? `${count(sounds)}, above ${count(MOST_SOUNDS)}` : count(sounds)],
      ]),
    );
    this.#ask();
  }

  #input(name, label, value, hint, attributes = {}) {
    this.#inputs[name] = element("input", { type: "number", step: "any", value, ...attributes });
    return field(`power.${name}`, label, this.#inputs[name], hint);
  }

  async #update() {
    if (this.#spec === null) return;
    try {
      show(this.#found, await (this.#spec.method === "preference" ? this.#compared() : this.#rated()));
    } catch (error) {
      if (error.name !== "ServerError") throw error;
      show(this.#found, element("p", { class: "error" }, error.message));
    }
  }

  async #compared() {
    const { share, power, correlation } = this.#values();
    const answers = heard(this.#spec);
    const significance = this.#spec.analysis.significance;
    const query = { share: share / 100, power: power / 100, correlation, answers, significance };
    const { listeners, answers: single } = await get(`/v1/listening-tests/power/preference?${parameters(query)}`);
    return [
      element("p", { class: "figure" }, counted(listeners.count, "listener")),
      element(
        "p",
        {},
        `who each compare ${counted(answers, "pair")} of the same two find a preference of ` +
          `${share} to ${score(100 - share)} with a chance of ${percent(listeners.power)}. ` +
          "Each counts once, for what they choose more often.",
      ),
      element("p", { class: "soft" }, `With one answer of each person it would take ${count(single.count)} people.`),
    ];
  }

  async #rated() {
    const sounds = heard(this.#spec);
    const significance = this.#spec.analysis.significance;
    const rows = [];
    for (const listeners of LISTENERS) {
      const query = { ...this.#values(), listeners, sounds, significance };
      const { power } = await get(`/v1/listening-tests/power/ratings?${parameters(query)}`);
      rows.push({ listeners, power });
    }
    return [
      element("p", {}, `The chance that the test tells two systems apart, by ${counted(sounds, "sound")} of each:`),
      table("Chance by number of listeners", [
        { title: "Listeners", cell: ({ listeners }) => count(listeners), number: true },
        { title: "Chance", cell: ({ power }) => percent(power), number: true },
      ], rows),
    ];
  }

  #values() {
    return Object.fromEntries(Object.entries(this.#inputs).map(([name, input]) => [name, Number(input.value)]));
  }
}

/** Returns how many sounds of each system one listener rates, or how often they compare the same two. */
function heard({ method, systems, items, sounds = 1 }) {
  // Without listed excerpts the pairs of more than two systems take turns.
  const all = items?.length ? excerpts(items).heard : sounds / (method === "preference" ? pairs(systems) : 1);
  return Math.min(512, Math.max(1, Math.floor(all)));
}

/** Returns what a test asks of one listener, and of the server. */
function load({ method, systems, anchors_hz: anchors = [], items = [], sounds = 0, practice = 0, ...spec }) {
  const { playlist = 1, seconds = 0 } = spec;
  const compared = systems.length;
  const turns = { preference: pairs(systems), rating: compared }[method] ?? 1;
  const slots = { preference: 2, rating: 1, mushra: compared + 1 + anchors.length }[method] ?? compared;
  const drawn = sounds * (method === "rating" ? compared : 1) + practice;
  const listed = excerpts(items);
  const trials = items.length ? (listed.practice + listed.heard) * turns : drawn;
  const all = items.length ? items.length * turns : drawn;
  return { trials: Math.ceil(trials), sounds: all * slots * playlist, seconds: trials * slots * playlist * seconds };
}

function pairs({ length }) {
  return Math.max(1, (length * (length - 1)) / 2);
}

/** Returns of listed excerpts how many a listener has for practice, and how many after: those of one group. */
function excerpts(items) {
  const counted = items.filter(({ practice }) => !practice);
  const groups = new Set(counted.map(({ group }) => group ?? 0)).size;
  return { practice: items.length - counted.length, heard: counted.length / Math.max(1, groups) };
}

/** Returns a query without what is empty or no number. */
function parameters(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
