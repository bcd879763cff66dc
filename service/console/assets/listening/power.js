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
const LEAST_RANKED = 3;
const PAIRED = ["preference", "abx", "same-different", "bs1116"];

/** The calculator. */
export class Power {
  #inputs = {};
  #load = element("div");
  #preference;
  #told;
  #ratings;
  #ranks;
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
    this.#told = element(
      "div",
      { class: "together" },
      this.#input("right", "Right answers, %", 65, "Of all; 50 is chance.", { min: 51, max: 100 }),
      this.#input("found", "Chance to find it, %", 80, "Its power.", { min: 5, max: 99 }),
    );
    this.#ratings = element(
      "div",
      { class: "together" },
      this.#input("difference", "True difference", 5, "Of two systems, in points of the scale."),
      this.#input("listener_deviation", "Spread of listeners", 8, "Standard deviation of that difference.", { min: 0 }),
      this.#input("answer_deviation", "Spread of ratings", 15, "Of one sound by one listener.", { min: 0.01 }),
    );
    this.#ranks = element(
      "div",
      { class: "together" },
      this.#input("first", "Placed before another, %", 65, "How often one system is; the others are alike.", {
        min: 51,
        max: 99,
      }),
      this.#input("taste", "Spread of listeners", 0.5, "Of what a system is worth, in log-odds.", { min: 0, max: 10 }),
    );
    place.append(this.#load, this.#preference, this.#told, this.#ratings, this.#ranks, this.#found);
    place.addEventListener("input", () => this.#ask());
  }

  /** Computes for another spec. */
  follow(spec) {
    this.#spec = spec;
    const kind = kindOf(spec);
    this.#preference.hidden = kind !== "compared";
    this.#told.hidden = kind !== "told";
    this.#ratings.hidden = kind !== "rated";
    this.#ranks.hidden = kind !== "ranked";
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
      const ways = {
        compared: () => this.#compared(),
        told: () => this.#toldApart(),
        rated: () => this.#rated(),
        ranked: () => this.#ranked(),
      };
      show(this.#found, await ways[kindOf(this.#spec)]());
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

  async #toldApart() {
    const { right, found } = this.#values();
    const { method } = this.#spec;
    const significance = this.#spec.analysis.significance;
    const query = { method, share: right / 100, power: found / 100, significance };
    const { count: needed, power } = await get(`/v1/listening-tests/power/told-apart?${parameters(query)}`);
    const own = heard(this.#spec);
    return [
      element("p", { class: "figure" }, counted(Math.ceil(needed / own), "listener")),
      element(
        "p",
        {},
        `who each answer ${counted(own, "trial")} about the same two give ${counted(needed, "answer")}: if ` +
          `${score(right)} % of them are right, that this is no chance is found with a chance of ${percent(power)}.`,
      ),
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
      chances(rows),
    ];
  }

  async #ranked() {
    const { first, taste } = this.#values();
    const sounds = Math.min(64, heard(this.#spec));
    const { systems, analysis } = this.#spec;
    if (systems.length < LEAST_RANKED) return element("p", { class: "soft" }, "An order takes three systems or more.");
    const rows = [];
    for (const listeners of LISTENERS) {
      const query = {
        listeners,
        sounds,
        systems: systems.length,
        share: first / 100,
        listener_deviation: taste,
        significance: analysis.significance,
      };
      const { power } = await get(`/v1/listening-tests/power/ranking?${parameters(query)}`);
      rows.push({ listeners, power });
    }
    return [
      element("p", {}, `The chance that the test finds that one system is better, by ${counted(sounds, "set")}:`),
      chances(rows),
    ];
  }

  #values() {
    return Object.fromEntries(Object.entries(this.#inputs).map(([name, input]) => [name, Number(input.value)]));
  }
}

function chances(rows) {
  return table("Chance by number of listeners", [
    { title: "Listeners", cell: ({ listeners }) => count(listeners), number: true },
    { title: "Chance", cell: ({ power }) => percent(power), number: true },
  ], rows);
}

/** Returns what is computed of a spec. */
function kindOf({ method }) {
  if (method === "ranking") return "ranked";
  if (method === "preference") return "compared";
  return ["abx", "same-different"].includes(method) ? "told" : "rated";
}

/** Returns how many sounds of each system one listener rates, or how often they compare the same two. */
function heard({ method, systems, reference, items, sounds = 1 }) {
  // Without listed excerpts the pairs of more than two systems take turns.
  const all = items?.length ? excerpts(items).heard : sounds / (PAIRED.includes(method) ? pairs(systems, reference) : 1);
  return Math.min(512, Math.max(1, Math.floor(all)));
}

/** Returns what a test asks of one listener, and of the server. */
function load({ method, systems, anchors_hz: anchors = [], items = [], sounds = 0, practice = 0, ...spec }) {
  const { playlist = 1, seconds = 0, reference = null, checks = 0 } = spec;
  const compared = systems.length;
  const turns = PAIRED.includes(method) ? pairs(systems, reference) : method === "rating" ? compared : 1;
  const slots = PAIRED.includes(method) ? 2 : { rating: 1, mushra: compared + 1 + anchors.length }[method] ?? compared;
  const drawn = sounds * (method === "rating" ? compared : 1) + practice;
  const listed = excerpts(items);
  const asked = items.length ? (listed.practice + listed.checks + listed.heard) * turns : drawn;
  const all = items.length ? items.length * turns : drawn;
  // A check plays one sound twice; each group has its own.
  const played = all * slots + checks * Math.max(1, listed.groups);
  const trials = asked + checks;
  return { trials: Math.ceil(trials), sounds: played * playlist, seconds: trials * slots * playlist * seconds };
}

/** Returns how many pairs there are: with a reference, of each system and that. */
function pairs({ length }, reference) {
  return reference ? length : Math.max(1, (length * (length - 1)) / 2);
}

/** Returns of listed excerpts how many a listener has for practice, as checks, and to be judged: those of one group. */
function excerpts(items) {
  const counted = items.filter(({ practice }) => !practice);
  const groups = new Set(counted.map(({ group }) => group ?? 0)).size;
  const checks = counted.filter(({ check }) => check).length;
  return {
    practice: items.length - counted.length,
    checks: checks / Math.max(1, groups),
    heard: (counted.length - checks) / Math.max(1, groups),
    groups,
  };
}

/** Returns a query without what is empty or no number. */
function parameters(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
