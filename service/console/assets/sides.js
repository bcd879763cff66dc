/** Letters and colours of what is compared side by side. */

import { element } from "./html.js";

const MARKS = ["first", "second", "third", "fourth", "fifth", "sixth"];

/** How many can be told apart. */
export const MOST_SIDES = MARKS.length;

/** Returns `{ letter, mark }` of a place from 0. */
export function sideOf(place) {
  return { letter: String.fromCharCode(65 + place), mark: MARKS[place] };
}

/** Returns a side's letter in its colour. */
export function letterOf({ letter, mark }) {
  return element("span", { class: `letter ${mark}` }, letter);
}

/** Returns names in a sentence: "A", "A and B", "A, B and C". */
export function listed(names, between = "and") {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${between} ${names[names.length - 1]}`;
}
