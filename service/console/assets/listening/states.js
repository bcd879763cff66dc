/** Where a listening test is in its life, and what can be done then. */

import { element } from "../html.js";

const KINDS = { draft: "", sealing: "active", sealed: "wait", open: "active", closed: "wait", unblinded: "good" };

const STEPS = ["draft", "sealed", "open", "closed", "unblinded"];

/** Each method in a sentence. */
export const METHODS = {
  preference: "Which of two sounds do people prefer?",
  rating: "How good is one sound, heard by itself?",
  "multi-stimulus": "How good is each of several sounds, side by side? (ITU-R BS.2132)",
  mushra: "How near is each of several sounds to a reference? (ITU-R BS.1534-3)",
};

/** Returns the name of a method as people write it. */
export function methodName(method) {
  return method === "mushra" ? "MUSHRA" : method;
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
