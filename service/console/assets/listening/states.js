/** Where a listening test is in its life, and what can be done then. */

import { element } from "../html.js";

const KINDS = { draft: "", sealing: "active", sealed: "wait", open: "active", closed: "wait", unblinded: "good" };

const STEPS = ["draft", "sealed", "open", "closed", "unblinded"];

/** Each method in a sentence. */
export const METHODS = {
  preference: "Which of two sounds do people prefer?",
  rating: "How good is one sound, heard by itself?",
  "multi-stimulus": "How good is each of several sounds, side by side? (ITU-R BS.2132)",
  ranking: "In which order are several sounds, from the best to the worst?",
  mushra: "How near is each of several sounds to a reference? (ITU-R BS.1534-3)",
  abx: "Is a third sound, X, the same as A or as B? Answers are right or wrong.",
  "same-different": "Are two sounds the same? Answers are right or wrong.",
  bs1116: "Which of two sounds is the reference, and how much worse is the other? (ITU-R BS.1116-3)",
};

const NAMES = { mushra: "MUSHRA", abx: "ABX", "same-different": "same or different", bs1116: "BS.1116" };

/** The languages of the participant's page. */
export const LANGUAGES = {
  en: "English",
  de: "German",
  fr: "French",
  es: "Spanish",
  ja: "Japanese",
  zh: "Chinese",
};

/** Returns the name of a method as people write it. */
export function methodName(method) {
  return NAMES[method] ?? method;
}

/** Returns the state of a test in a word of its own colour. */
export function badge({ state }) {
  return element("span", { class: `badge ${KINDS[state] ?? ""}` }, state);
}

/** Returns the life of a test, with the state that it is in. */
export function steps({ state }) {
  const at = STEPS.indexOf(state === "sealing" ? "draft" : state);
  return element(
    "ol",
    { class: "steps", "aria-label": "The life of this test" },
    STEPS.map((step, place) =>
      element(
        "li",
        { class: place < at ? "past" : null, "aria-current": place === at ? "step" : null },
        place === at && state === "sealing" ? "sealing" : step,
      ),
    ),
  );
}
