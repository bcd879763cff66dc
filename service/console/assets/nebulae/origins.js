/** Where nebulae come from, and where their pages are. */

/** All origins, as the API names them: with the package, imported or saved by people, found by studies. */
export const ORIGINS = ["shipped", "kept", "found"];

/** Returns the page of a nebula. */
export function address({ name }) {
  return `/nebulae/${encodeURIComponent(name)}`;
}
