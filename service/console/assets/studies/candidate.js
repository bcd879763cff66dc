/** A trial or a finalist that was chosen: some of its sounds as tiles, the first of which is heard at once. */

import { element, show } from "../html.js";
import { tiles } from "../tile.js";

const SOUNDS = 6;

/**
 * Shows a candidate's sounds, and plays the first.
 *
 * @param place What holds them.
 * @param words What the candidate is.
 * @param path Of the candidate in the API, below which its sounds are.
 */
export function playCandidate(place, words, path) {
  const sounds = Array.from({ length: SOUNDS }, (_, seed) => ({
    label: `seed ${seed}`,
    sound: `${path}/sounds/${seed}.flac`,
  }));
  show(place, element("h3", {}, words), tiles(words, sounds));
  place.querySelector(".tile").click();
}
