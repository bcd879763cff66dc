/** Where nebulae come from, in words, and where their pages are. */

import { element } from "../html.js";

/** All origins, as the API names them: with the package, imported or saved by people, found by studies. */
export const ORIGINS = ["shipped", "kept", "found"];

/** Returns what a nebula is or comes from: its description, what it was saved from, the study that found it; or null. */
export function about({ description, saved_from: source, study_id: study, title }) {
  if (study) return ["found by study ", element("a", { href: `/studies/${study}` }, title)];
  if (source === null) return description || null;
  // What is not there any more is a word.
  return ["saved from ", source.name === null ? source.title : element("a", { href: address(source) }, source.title)];
}

/** Returns the page of a nebula. */
export function address({ name }) {
  return `/nebulae/${encodeURIComponent(name)}`;
}
