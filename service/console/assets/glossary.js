/**
 * Words of the field, explained where they stand: a press, or pointing, tells what one means, as the glossary of the
 * documentation has it.
 *
 *     label.after(explained(["nearness"]));
 */

import { element } from "./html.js";

/** What words mean; the same as in docs/glossary.md. */
const MEANINGS = {
  correlation: "which draws of a nebula's parameters go together",
  curve: "how a parameter's draw is bent towards one end of its range; 1 leaves it uniform",
  distance: "sounds to vectors whose l1 distance stands for how different the sounds are",
  fall: "the second exponent of a curve, by which values rest within the range and not at an end of it only; 1 leaves the curve alone",
  finalists: "the best candidates, the centre and the start, re-scored on fresh seeds",
  nearness: "how near a sound comes to the nearest one of the target; credited beside the influence where a study asks for it",
  objective: "whether a study matches a target or diversifies",
  phase: "a stretch of a search with one sampler",
  sampler: "what proposes candidates",
  score: "what a candidate is worth: MMD to the target, or diversity",
  start: "the nebula that gives every value that is not tuned",
  synth: "a synthesizer with a name, a panel and a way to render",
  target: "the sounds to be resembled",
  trial: "a candidate with its score, in the sense of Optuna",
};

const GAP = 6;

let made = 0;

/** Returns a button that tells what words mean, and what it tells. */
export function explained(words) {
  made += 1;
  const id = `meaning-${made}`;
  const meanings = words.map((word) => [word, MEANINGS[word]]);
  const button = element(
    "button",
    { type: "button", class: "term", popovertarget: id, title: meanings.map((pair) => pair.join(": ")).join("; ") },
    element("span", { "aria-hidden": "true" }, "?"),
    element("span", { class: "hidden-text" }, `What “${words.join("”, “")}” means`),
  );
  const place = element(
    "div",
    { popover: "auto", id, class: "meaning" },
    meanings.map(([word, meaning]) => element("p", {}, element("b", {}, word), `: ${meaning}.`)),
  );
  place.addEventListener("toggle", ({ newState }) => {
    if (newState !== "open") return;
    const beside = button.getBoundingClientRect();
    const most = document.documentElement.clientWidth - place.offsetWidth - GAP;
    const below = beside.bottom + GAP;
    const fits = below + place.offsetHeight < document.documentElement.clientHeight;
    place.style.setProperty("left", `${Math.max(GAP, Math.min(beside.left, most))}px`);
    place.style.setProperty("top", `${fits ? below : Math.max(GAP, beside.top - place.offsetHeight - GAP)}px`);
  });
  return [button, place];
}
