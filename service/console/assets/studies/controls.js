/** The state of a study, how far it is, and what can be asked of it. */

import { confirmed } from "../dialog.js";
import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { count, score } from "../numbers.js";
import { named } from "../nebulae/naming.js";
import { get, post, send } from "../server.js";
import { may } from "../session.js";
import { facts } from "../table.js";
import { duration, moment } from "../time.js";
import { remove } from "./deletion.js";
import { badge, doing, progress, result, verbs } from "./states.js";

const WORDS = { pause: "Pause", resume: "Resume", stop: "Stop", cancel: "Cancel", skip: "Skip classifiers" };

const QUESTIONS = {
  stop: [
    "Stop this study?",
    "The trials that run are finished, the best are scored again, and the results written; classifiers are not asked. " +
      "It cannot go on after that.",
    "Stop it",
  ],
  cancel: ["Cancel this study?", "What runs is dropped, and there will be no results.", "Cancel it"],
};

/** Shows the state and buttons for what can be asked; `changed` is called with the study after something was. */
export function showControls(study, changed) {
  show(find("#state"), badge(study));
  if (!may("experimenter")) return;
  const place = find("#verbs");
  offerName(study, changed);
  offerDeletion(study);
  const possible = verbs(study).filter((verb) => study.wish === null || verb === "cancel");
  const wanted = possible.join();
  // What is there already stays there, and with it who is about to press it.
  if (place.dataset.verbs === wanted) return;
  place.dataset.verbs = wanted;
  const focused = place.contains(document.activeElement);
  show(
    place,
    possible.map((verb) => button(study.id, verb, changed)),
  );
  if (focused) (place.querySelector("button") ?? find("main")).focus();
}

/** Offers to give a study another name. */
function offerName(study, changed) {
  const place = find("#naming");
  if (place.hasChildNodes()) return;
  const rename = trying(async () => {
    const path = `/v1/studies/${study.id}`;
    const { name } = await get(path);
    const made = await named("Rename", "Rename", (values) => send("PATCH", path, { name: values.name }), { name });
    if (made === null) return;
    find("h1").textContent = made.name;
    changed(made);
  });
  show(place, element("button", { type: "button", class: "quiet small", click: rename }, "Rename"));
}

/** Offers to delete a study that does not run. */
function offerDeletion(study) {
  const place = find("#deletion");
  const wanted = !["running", "stopping"].includes(study.state);
  if (wanted === place.hasChildNodes()) return;
  const ask = trying(() => remove(study));
  show(place, wanted && element("button", { type: "button", class: "danger small", click: ask }, "Delete"));
}

function button(id, verb, changed) {
  const ask = trying(async () => {
    if (verb in QUESTIONS && !(await confirmed(...QUESTIONS[verb]))) return;
    changed(await post(`/v1/studies/${id}/${verb}`));
  });
  return element("button", { type: "button", class: verb === "cancel" ? "danger" : "quiet", click: ask }, WORDS[verb]);
}

/** Shows how far a study is; `target` is what it is tuned towards, as its findings tell. */
export function showFacts(study, target) {
  const { spec } = study;
  const busy = doing(study);
  show(
    find("#facts"),
    study.reason
      ? element("p", { class: study.state === "failed" ? "error" : "soft", role: "status" }, study.reason)
      : null,
    facts(
      [
        ["Progress", progress(study)],
        study.rescored ? ["On fresh sounds", result(study)] : [bestSo(study), score(study.best)],
        busy && ["Now", busy],
        [spec.objective === "match" ? "Towards" : "Objective", towards(spec, target)],
        ["By", spec.distance],
        ["Sounds a trial", count(spec.sounds_per_trial)],
        study.failures > 0 && ["Failures", count(study.failures)],
        study.started_at ? ["Began", moment(study.started_at)] : ["Posted", moment(study.created_at)],
        study.ended_at &&
          study.started_at && ["Took", duration((Date.parse(study.ended_at) - Date.parse(study.started_at)) / 1000)],
      ].filter(Boolean),
    ),
  );
}

function bestSo({ state }) {
  return state === "stopped" ? "Best, not re-scored" : "Best so far";
}

function towards({ objective, target: name }, target) {
  if (objective === "diversify") return "variety";
  if (target === null) return `${name ?? ""} (not there any more)`;
  const page = target.kind === "corpus" ? "corpora" : "nebulae";
  return element("a", { href: `/${page}/${encodeURIComponent(target.name)}` }, target.title);
}
