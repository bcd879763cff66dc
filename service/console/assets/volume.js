/**
 * How loud sounds are played: one control in the frame of every page, remembered by the browser.
 *
 *     audio.volume = gain();
 *     volume.addEventListener("change", () => { audio.volume = gain(); });
 */

import { find } from "./html.js";

const KEY = "nebula-volume";

/** Tells "change" whenever the control is moved, in this tab or in another one. */
export const volume = new EventTarget();

/** Returns what samples are multiplied by; loudness is felt about as the square of the control's place. */
export function gain() {
  return (place() / 100) ** 2;
}

/** Gives the control of the page its place, and remembers where it is moved to. */
export function showVolume() {
  const control = find("#volume");
  control.value = place();
  control.addEventListener("input", () => {
    localStorage.setItem(KEY, control.value);
    volume.dispatchEvent(new Event("change"));
  });
  addEventListener("storage", ({ key }) => {
    if (key !== KEY) return;
    control.value = place();
    volume.dispatchEvent(new Event("change"));
  });
  control.disabled = false;
}

function place() {
  const kept = Number.parseFloat(localStorage.getItem(KEY) ?? "");
  return kept >= 0 && kept <= 100 ? kept : 100;
}
