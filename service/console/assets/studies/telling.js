/** Tells who looks elsewhere that a study has ended, if they and their browser allow it. */

import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { isActive } from "./states.js";

// Browsers have it only on this machine and behind TLS.
const KNOWN = "Notification" in window && isSecureContext;

/** Offers to tell when a study that runs has ended, unless that was answered before. */
export function offerNotice(study) {
  const place = find("#telling");
  const wanted = KNOWN && Notification.permission === "default" && isActive(study);
  if (wanted === place.hasChildNodes()) return;
  const ask = trying(async () => {
    await Notification.requestPermission();
    offerNotice(study);
  });
  show(place, wanted && element("button", { type: "button", class: "quiet small", click: ask }, "Tell me when it is done"));
}

/** Tells that a study has ended. */
export function tellEnd({ id, name, state }) {
  if (!document.hidden || isActive({ state }) || state === "paused") return;
  if (!KNOWN || Notification.permission !== "granted") return;
  const told = new Notification(`${name}: ${state}`, { tag: id });
  told.addEventListener("click", () => window.focus());
}
