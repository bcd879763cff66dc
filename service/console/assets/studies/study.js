/**
 * One study, as it happens. The page's script: it asks, follows and hands on; what is shown is in
 *
 *     answer      what it has come to, in two sentences and a picture
 *     scores      score over trials, with lines to hold it against
 *     verdict     finalists, what matters, and the files that a study leaves
 *     hearing     sounds of the best and of the target, and the map
 *     curves      the curves against those of the start
 *     controls    state, progress, and what can be asked of it
 *     describing  tags and a note
 *     telling     that it has ended, to who looks elsewhere
 */

import { follow } from "../events.js";
import { element, find, show } from "../html.js";
import { fail, trying } from "../notice.js";
import { throttled } from "../polling.js";
import { get } from "../server.js";
import { subject } from "../session.js";
import { tabs } from "../tabs.js";
import { showAnswer } from "./answer.js";
import { showControls, showFacts } from "./controls.js";
import { showCurves } from "./curves.js";
import { showDescription } from "./describing.js";
import { offerMap, showSounds } from "./hearing.js";
import { Scores } from "./scores.js";
import { isActive, left } from "./states.js";
import { offerNotice, tellEnd } from "./telling.js";
import { showFinalists, showImportance, showResults } from "./verdict.js";

const STUDY_SECONDS = 0.5;
const FINDINGS_SECONDS = 2;
const UNSEEN_SECONDS = 15;

const path = `/v1/studies/${subject}`;

let study;
let target;
let scores;
let found;
let yardsticks = [];

/** Asks for the study's state, and shows it. */
const refresh = throttled(STUDY_SECONDS, async () => {
  try {
    const before = study.state;
    study = await get(path);
    showState();
    if (study.state !== before) {
      tellEnd(study);
      refind();
    }
  } catch (error) {
    fail(error);
  }
});

/** Asks for what was found, and shows it. */
const refind = throttled(FINDINGS_SECONDS, async () => {
  try {
    showFound(await get(`${path}/findings`));
  } catch (error) {
    fail(error);
  }
});

/** Says how long it takes yet, or what has become of it, where a tab that is not looked at says so. */
function showTitle() {
  const words = left(study) || (isActive(study) ? "" : study.state);
  document.title = `${words && `${words} · `}${study.name} – Nebula`;
}

function showState() {
  showTitle();
  offerNotice(study);
  showControls(study, (changed) => {
    study = changed;
    showState();
  });
  showDescription(find("#description"), study, (changed) => {
    study = changed;
    showState();
  });
  showFacts(study, target);
  showResults(study);
}

function showFound(findings) {
  const end = findings.found ?? findings.best;
  found = findings;
  showAnswer(study, findings, yardsticks);
  showFinalists(study, findings.finalists);
  showImportance(findings.importance);
  showSounds(study, findings);
  if (end !== null) showCurves(findings.synth, findings.start, end, findings.tuned);
  else show(find("#curves"), element("p", { class: "soft" }, "They are drawn as soon as a trial has finished."));
}

const begin = trying(async () => {
  const [known, now, findings] = await Promise.all([get(`${path}/scores`), get(path), get(`${path}/findings`)]);
  study = now;
  target = findings.target;
  find("h1").textContent = study.name;
  show(
    find("#spec"),
    element(
      "details",
      {},
      element("summary", {}, "The spec"),
      element("pre", { class: "scrolls", tabindex: 0 }, JSON.stringify(study.spec, null, 2)),
    ),
  );
  scores = new Scores(find("#scores"), study, known);
  showState();
  showFound(findings);
  offerMap(study);
  follow(`${path}/events`, known.last_event, {
    trial: (trial) => {
      scores.add(trial.number, trial.score);
      if (trial.done > study.trials_done) {
        study = { ...study, trials_done: trial.done, best: trial.best };
        showFacts(study, target);
        refresh();
      }
    },
    best: refind,
    finalist: refind,
    importance: refind,
    state: refresh,
    wish: refresh,
    stage: refresh,
    failure: refresh,
  });
  // The three were not asked at one moment: what happened in between, and is no trial, is seen now.
  refresh();
  if (isActive(study)) refind();
  yardsticks = await scores.measure(`${path}/yardsticks`);
  showAnswer(study, found, yardsticks);
});

// Events are not followed while nobody looks; that it has ended is told all the same.
setInterval(() => {
  if (document.hidden && study !== undefined && isActive(study)) refresh();
}, 1000 * UNSEEN_SECONDS);

tabs(find("#parts"), document.querySelectorAll(".part"));
await begin();
if (study === undefined) {
  const back = element("a", { href: "/studies" }, "To all studies");
  show(find("main"), element("h1", {}, "This study cannot be shown"), element("p", {}, back));
}
