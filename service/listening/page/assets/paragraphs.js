/** An experimenter's prose. */

import { element } from "./html.js";

/** Returns a paragraph for each that a text has, with an empty line in between. */
export function paragraphs(text) {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim())
    .map((paragraph) => element("p", {}, paragraph.trim()));
}
