/** What runs, what finished, and what to do next. */

import { element, find, show } from "./html.js";
import { fail } from "./notice.js";
import { count, counted } from "./numbers.js";
import { repeat } from "./polling.js";
import { get } from "./server.js";
import { may } from "./session.js";
import { badge, doing, isActive, progress, result } from "./studies/states.js";
import { empty, table } from "./table.js";
import { moment } from "./time.js";

const AGAIN_SECONDS = 3;
const LATELY = 8;

const STEPS = [
  ["/corpora", "Bring your own sounds", "A folder or a zip of recordings that a nebula should come to resemble."],
  [
    "/studies/quick",
    "Launch a study",
    "It looks for the nebula whose random sounds are nearest to yours, or most varied.",
  ],
  ["/nebulae", "Hear and shape nebulae", "Play random sounds by seed, bend a curve by hand, hear the difference."],
  ["/listening-tests", "Ask ears, blind", "Find out whether people prefer what a study has found."],
];

const ENDED = [
  { title: "Name", cell: (study) => element("a", { href: `/studies/${study.id}` }, study.name) },
  { title: "State", cell: badge },
  { title: "Score", cell: result, number: true },
  { title: "Trials", cell: (study) => count(study.trials_done), number: true },
  { title: "Ended", cell: (study) => moment(study.ended_at) },
];

let shown = "";

async function load() {
  try {
    const [studies, system] = await Promise.all([get("/v1/studies?limit=50"), get("/v1/system")]);
    // Only what has changed is drawn anew: who is at a link with the keyboard stays there.
    const now = JSON.stringify([studies, system.studies, system.manager.alive, system.workers.length]);
    if (now !== shown) showAll(studies.items, system);
    shown = now;
    find("#speed").textContent = speed(system);
  } catch (error) {
    fail(error);
  }
}

function showAll(studies, system) {
  const [active, ended] = [studies.filter(isActive), studies.filter((study) => study.ended_at !== null)];
  show(find("#welcome"), studies.length === 0 ? welcome() : null);
  show(find("#workers"), element("p", { class: "soft" }, pool(system), " ", element("span", { id: "speed" })));
  fill("#active", "running", active.map(card));
  fill("#ended", "finished", ended.length > 0 ? [table("Studies that ended", ENDED, ended.slice(0, LATELY))] : []);
}

/** Shows a section if there is anything in it. */
function fill(place, heading, content) {
  find(place).closest("section").hidden = content.length === 0;
  find(`#${heading}`).hidden = content.length === 0;
  show(find(place), content);
}

function welcome() {
  return empty(
    element("h2", {}, "Welcome"),
    element(
      "p",
      {},
      "A nebula decides what a synthesizer's random sounds are like. A study tunes one: the first needs no data and " +
        "takes some minutes. It looks for a drum nebula from nothing but its sounds.",
    ),
    may("experimenter")
      ? element(
          "p",
          {},
          element("a", { class: "button", href: "/studies/new?spec=quickstart" }, "Begin the first study"),
        )
      : element("p", {}, "Your key looks and listens; one of an experimenter launches studies."),
  );
}

function card(study) {
  return element(
    "article",
    { class: "panel" },
    element("div", { class: "row apart" }, element("a", { href: `/studies/${study.id}` }, study.name), badge(study)),
    element("p", {}, progress(study)),
    element("p", { class: "soft" }, doing(study)),
    study.best !== null && element("p", {}, result(study)),
  );
}

function pool({ manager, workers, studies }) {
  if (!manager.alive) return "No manager is running: studies wait.";
  const busy = studies.running + studies.stopping > 0;
  return `${counted(workers.length, "worker")}${busy ? " at work" : ", idle"}.`;
}

function speed({ manager }) {
  return manager.evaluations_per_minute > 0
    ? `${count(manager.evaluations_per_minute)} scores in the last minute.`
    : "";
}

show(
  find("#steps"),
  STEPS.filter(([address]) => address !== "/studies/quick" || may("experimenter")).map(([address, name, words]) =>
    element(
      "article",
      { class: "panel" },
      element("h3", {}, element("a", { href: address }, name)),
      element("p", { class: "soft" }, words),
    ),
  ),
);
await repeat(AGAIN_SECONDS, load);
