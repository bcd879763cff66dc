/**
 * Buttons that play a sound, each as loud as every other. One is heard at a time; Escape ends it.
 *
 *     row.append(playButton("/v1/nebulae/drum/sounds/7.flac", "seed 7"));
 *     row.append(playButton(async () => URL.createObjectURL(await blob("/v1/nebulae/preview", body)), "now"));
 */

import { element } from "./html.js";
import { fail } from "./notice.js";
import { gain, volume } from "./volume.js";

const audio = new Audio();
let heard = null;

/**
 * Plays a sound, or ends it if it is the one that is heard.
 *
 * @param source Address of the sound, or what returns a promise of it; its memory is given back in the end.
 * @param pressed Told whether it is heard: true, and false when it ends.
 * @param owner Whose sound it is: playing for the same owner again ends it.
 * @param moved Told how much of it was heard, from 0 to 1, while it is.
 */
export async function toggle(source, pressed, owner = source, moved = () => {}) {
  const same = heard?.owner === owner;
  stop();
  if (same) return;
  const mine = { owner, pressed };
  heard = mine;
  pressed(true);
  try {
    const address = typeof source === "function" ? await source() : source;
    if (heard !== mine) return;
    audio.src = address.startsWith("blob:") ? address : matched(address);
    audio.volume = gain();
    await audio.play();
    follow(mine, moved);
  } catch (error) {
    if (heard !== mine) return;
    stop();
    fail(error.name === "NotSupportedError" ? new Unheard() : error);
  }
}

function follow(mine, moved) {
  if (heard !== mine) return;
  moved(audio.currentTime / (audio.duration || 1));
  requestAnimationFrame(() => follow(mine, moved));
}

/** Returns where the same sound is as loud as every other. */
function matched(address) {
  return `${address}${address.includes("?") ? "&" : "?"}loudness=matched`;
}

/** Ends what is heard. */
export function stop() {
  audio.pause();
  if (audio.src.startsWith("blob:")) URL.revokeObjectURL(audio.src);
  const last = heard;
  heard = null;
  last?.pressed(false);
}

/** Returns a button that plays a sound; `label` is what is read and shown, `attributes` go onto the button. */
export function playButton(source, label, attributes = {}) {
  const button = element(
    "button",
    {
      type: "button",
      "aria-pressed": "false",
      "aria-label": `Play ${label}`,
      ...attributes,
      class: `play ${attributes.class ?? ""}`.trim(),
      click: () => toggle(source, (is) => button.setAttribute("aria-pressed", String(is)), button),
    },
    element("span", { class: "icon" }),
    label,
  );
  return button;
}

class Unheard extends Error {
  constructor() {
    super("This sound cannot be played: it is not there any more, or the browser does not know its format.");
    this.name = "ServerError";
  }
}

audio.addEventListener("ended", stop);
volume.addEventListener("change", () => {
  audio.volume = gain();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
});
