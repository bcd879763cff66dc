/** Buttons that play. */

import { element } from "./html.js";

/** Returns a button that plays, with a picture that its `aria-pressed` changes. */
export function playButton(text, attributes = {}) {
  const icon = element("span", { class: "icon", "aria-hidden": "true" });
  return element("button", { type: "button", class: "play", ...attributes }, icon, text);
}
