/**
 * Sounds to be seen and heard: a picture of spectrogram and waveform, in which a line shows what is heard, and the sound as
 * a file, which can be dragged into a folder or another program where the browser allows it. Arrow keys lead to the next one
 * and play it.
 *
 *     place.append(tiles("Target", [{ label: "seed 0", sound: "/v1/nebulae/drum/sounds/0.flac" }]));
 */

import { element } from "./html.js";
import { toggle } from "./player.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Returns tiles in a row.
 *
 * @param name What the sounds are of, where others are beside them; else null.
 * @param sounds List of `{ label, sound, source, key, short, about, side, action }`: address of the sound in the API; what is played in
 *   its place, if anything; the key that plays it, if there is one; what is seen in place of a long label; what is said below;
 *   `{ letter, mark }` of whose sound it is where several are compared; and `{ words, sign, act }` of what else can be done.
 */
export function tiles(name, sounds) {
  const place = element(
    "div",
    { class: "sound-tiles", role: "group", "aria-label": name ?? "Sounds" },
    sounds.map((sound) => tile(sound, name)),
  );
  place.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const plays = [...place.querySelectorAll(".tile")];
    const at = plays.indexOf(document.activeElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const next = plays[at + step];
    if (next === undefined) return;
    next.focus();
    next.click();
  });
  return place;
}

/** Returns one tile, to be added to others; as in `tiles`. */
export function tile({ label, sound, source = sound, key, short = label, about, side, action }, name = null) {
  const called = name === null ? label : `${name.toLowerCase()}, ${label}`;
  const line = element("span", { class: "line", hidden: true });
  const button = element(
    "button",
    {
      type: "button",
      class: "tile",
      "aria-pressed": "false",
      "aria-label": `Play ${called}`,
      draggable: "true",
      click: () => toggle(source, pressed, button, moved),
    },
    element(
      "span",
      { class: "picture" },
      element("img", { src: form(sound, "picture"), alt: "", width: 160, height: 64, loading: "lazy" }),
      line,
    ),
    element("span", { class: "icon" }),
    side && element("span", { class: `letter ${side.mark}`, "aria-hidden": "true" }, side.letter),
    key && element("kbd", { class: "touchless", "aria-hidden": "true" }, key),
    element("span", { class: "label", title: short === label ? null : label }, short),
    about && element("span", { class: "about soft" }, about),
  );

  function pressed(is) {
    button.setAttribute("aria-pressed", String(is));
    line.hidden = !is;
    if (is) moved(0);
  }

  function moved(share) {
    line.style.setProperty("left", `${100 * share}%`);
  }

  const file = `${name === null ? short : called}.wav`;
  const download = element(
    "a",
    {
      class: "wav",
      href: form(sound, "wav"),
      download: file,
      "aria-label": `Download ${called}, as WAV`,
    },
    "WAV",
  );
  return element(
    "div",
    { class: "sound-tile", dragstart: (event) => carry(event.dataTransfer, file, form(sound, "wav")) },
    button,
    action &&
      element("button", { type: "button", class: "other-act", "aria-label": action.words, title: action.words, click: action.act }, action.sign),
    download,
  );
}

/** Returns the end of a sound's path, without what says its format: enough to know it by among its neighbours. */
export function fileName(path) {
  return path.split("/").pop().replace(/\.[^.]+$/, "");
}

/** Has what is dragged be a file: Chromium fetches it where it is let go, and other browsers leave its address there. */
function carry(data, file, address) {
  const { href } = new URL(address, location.href);
  data.effectAllowed = "copy";
  data.setData("DownloadURL", `audio/wav:${file.replaceAll(":", " ").replaceAll("/", "-")}:${href}`);
  data.setData("text/uri-list", href);
}

function form(address, as) {
  return `${address}${address.includes("?") ? "&" : "?"}as=${as}`;
}
