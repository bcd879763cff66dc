/**
 * A participant's way through a listening test. The only script that the page loads; the rest are its modules:
 *
 *     visit, outbox, server, storage      what the server is told and tells, now or when it can be reached again
 *     stages, questionnaire               the pages around the trials
 *     headphone-check, noises             what is heard there
 *     trial, answer                       the page of a trial, and what was said in it
 *     rating-field, loop-controls         its parts
 *     shortcuts                           letters in place of the mouse
 *     sounds, player, audio               from addresses to ears
 *     play-button, html                   buttons and elements
 *     texts, languages                    words, and the language that they are of
 *
 * `html` and `server` are shared with the console.
 */

import { speakTo } from "./languages.js";
import { showQuestionnaire } from "./questionnaire.js";
import { connection, ServerError } from "./server.js";
import {
  showConsent,
  showDevice,
  showIntroduction,
  showThanks,
  showVolume,
  showWithdrawal,
  showWords,
} from "./stages.js";
import { keepNothing } from "./storage.js";
import { say } from "./texts.js";
import { showTrial } from "./trial.js";
import { Visit } from "./visit.js";

// Begins the invites of previews; the server knows them by the same word.
const PREVIEW = "preview-";

const WITHDRAWAL = /^#withdraw=([\w-]+)$/;

const place = document.querySelector("main");
const progress = document.querySelector(".progress");
const invite = decodeURIComponent(location.pathname.split("/")[2]);
const query = new URLSearchParams(location.search);

let visit = null;
let showing = new AbortController();
let failedTrial = null;

/** Shows where the participant is. Whatever was shown before ends. */
async function goOn() {
  const signal = begin();
  let state;
  try {
    visit ??= Visit.remembered(invite, query, notTaken) ?? (await Visit.begin(invite, query, notTaken));
    offerWithdrawal();
    state = await visit.look();
    await speakTo(state.language, state.languages);
  } catch (error) {
    if (!signal.aborted) refused(error);
    return;
  }
  if (!signal.aborted) await showState(state, signal);
}

async function showState(state, signal) {
  const { stage, texts, trial } = state;
  showProgress(state);
  if (stage === "consent") showConsent(place, visit, state, goOn);
  else if (stage === "device") showDevice(place, visit, goOn);
  else if (stage === "volume") showVolume(place, visit, goOn, signal);
  else if (stage === "questionnaire") showQuestionnaire(place, visit, state, goOn);
  else if (stage === "thanks") showThanks(place, visit, state);
  else if (trial === null) {
    // All practice is done.
    visit.finishStage(stage);
    await goOn();
  } else if (state.progress.done === 0 && trial.saved === null && visit.notes.introduced !== stage) {
    showIntroduction(place, texts, trial.practice, () => {
      visit.notes = { ...visit.notes, introduced: stage };
      showState(state, signal);
    });
  } else {
    try {
      await showTrial(place, visit, state, goOn, signal);
    } catch (error) {
      if (signal.aborted) return;
      // Its sounds are not there when another page of the same visit has gone on; but not twice.
      if (!(error instanceof ServerError) || error.status !== 404 || failedTrial === trial.id) refused(error);
      else goOn();
      failedTrial = trial.id;
    }
  }
}

function showProgress({ stage, progress: { done, total }, texts, trial }) {
  const title = texts.title;
  const numbers = { number: Math.min(done + 1, total), total };
  const said = stage === "practice" ? say("progress.practice", numbers) : say("progress", numbers);
  document.title = trial === null ? title : `${said} – ${title}`;
  document.querySelector(".title").textContent = title;
  progress.hidden = trial === null;
  progress.querySelector("span").textContent = said;
  progress.querySelector("progress").max = total;
  progress.querySelector("progress").value = done;
}

/** Goes on from what the server has, if it did not take something: another page of the same visit was faster. */
function notTaken(error) {
  if (error.status === 404 || error.status === 409) goOn();
  else refused(error);
}

/** Shows why it does not go on. */
function refused(error) {
  begin();
  progress.hidden = true;
  const status = error instanceof ServerError ? error.status : null;
  if (status === 410) showWords(place, say("closed"), say("closed.text"));
  else if (status === 404 && visit === null) showWords(place, say("unknown"), say("unknown.text"));
  else if (status === 404) {
    showWords(place, say("gone"), say("gone.text"), say("gone.again"), () => {
      visit.end();
      location.reload();
    });
  } else {
    showWords(place, say("failed"), say("failed.text"), say("failed.again"), () => location.reload());
    console.error(error);
  }
}

function offerWithdrawal() {
  const link = document.querySelector(".withdraw");
  link.href = `#withdraw=${visit.session}`;
  link.hidden = false;
}

/** Shows what the address asks for: to withdraw, or to go on. */
function showAddressed() {
  const session = WITHDRAWAL.exec(location.hash)?.[1];
  if (session === undefined) {
    goOn();
    return;
  }
  begin();
  progress.hidden = true;
  const own = visit ?? Visit.remembered(invite, query, notTaken);
  const leaving = own?.session === session ? own : new Visit(session, session, () => {});
  const back = () => history.replaceState(null, "", location.pathname + location.search);
  showWithdrawal(
    place,
    async () => {
      let status = 200;
      try {
        await leaving.withdraw();
      } catch (error) {
        status = error.status;
      }
      back();
      document.querySelector(".withdraw").hidden = true;
      if (status === 200 || status === 404) showWords(place, say("withdrawn"), say("withdrawn.text"));
      else showWords(place, say("withdraw.late"), say("withdraw.late.text"));
    },
    () => {
      back();
      goOn();
    },
  );
}

/** Ends what is shown, and returns the signal that ends what comes next. */
function begin() {
  showing.abort();
  showing = new AbortController();
  return showing.signal;
}

const lost = document.querySelector(".connection");
connection.addEventListener("lost", () => {
  lost.textContent = say("connection.lost");
});
connection.addEventListener("found", () => {
  lost.textContent = "";
});

await speakTo(document.documentElement.lang);
if (invite.startsWith(PREVIEW)) {
  keepNothing();
  document.querySelector(".preview").hidden = false;
}
addEventListener("hashchange", showAddressed);
showAddressed();
