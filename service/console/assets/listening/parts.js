/** Parts of a form: fields beside each other, panels, and what is folded away until somebody wants it. */

import { element } from "../html.js";

/** Returns fields beside each other. */
export function pair(...fields) {
  return element("div", { class: "together" }, fields);
}

/** Returns a part of the form that is always open. */
export function panel(title, ...content) {
  return element("section", { class: "panel" }, element("h2", {}, title), content);
}

/** Returns what is folded away inside a panel. */
export function folded(title, open, ...content) {
  return element("details", { class: "folded", open }, element("summary", {}, title), content);
}

/** Returns a panel that is folded away. */
export function part(title, ...content) {
  return element("details", { class: "panel folded" }, element("summary", {}, element("h2", {}, title)), content);
}
