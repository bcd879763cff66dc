/**
 * "Vary this": a nebula near the one on the page, by chance. The server's rule makes it of a seed, which is drawn here, so that
 * no two presses give the same one.
 */

import { select } from "../form.js";
import { element } from "../html.js";
import { trying } from "../notice.js";

/** How far: standard deviation of a step of a curve, in decades, and its name. */
const WIDTHS = [
  [0.1, "a little"],
  [0.25, "somewhat"],
  [0.6, "a lot"],
];

/** Returns a choice of how far, and the button; `vary` is told width and seed, and is not asked again until it is done. */
export function varying(vary) {
  const width = select(WIDTHS, { "aria-label": "How far to vary" });
  let busy = false;
  const act = trying(async () => {
    if (busy) return;
    busy = true;
    try {
      await vary(Number(width.value), crypto.getRandomValues(new Uint32Array(1))[0]);
    } finally {
      busy = false;
    }
  });
  return [element("button", { type: "button", class: "small", click: act }, "Vary this"), width];
}
