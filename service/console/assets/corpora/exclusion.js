/** Leaving sounds out of a corpus and putting them back: at once, or in a version of it if studies have used it. */

import { asked } from "../dialog.js";
import { element } from "../html.js";
import { create, send } from "../server.js";
import { links } from "./deletion.js";

/** Leaves a sound out; returns whether the corpus has changed. */
export function excluded(corpus, { number, name }) {
  return changed(corpus, { exclude: [number] }, `without ${name}`);
}

/** Puts a sound back; returns whether the corpus has changed. */
export function putBack(corpus, { number, name }) {
  return changed(corpus, { include: [number] }, `with ${name}`);
}

async function changed(corpus, change, words) {
  const path = `/v1/corpora/${corpus.id}`;
  if (corpus.used_by.length === 0) {
    await send("PATCH", `${path}/sounds`, change);
    return true;
  }
  const [which, they] =
    corpus.used_by.length === 1 ? ["A study has", "it"] : [`${corpus.used_by.length} studies have`, "they"];
  const stay = `. So that ${they} can be understood and done again, the sounds stay as they are.`;
  const version = `A version of the corpus is made ${words}, of which as many more can then be excluded as you like.`;
  const content = [
    element("p", {}, `${which} used these sounds: `, links(corpus.used_by), stay),
    element("p", {}, version),
  ];
  if ((await asked(`“${corpus.name}” is in use`, content, "Make a version")) === null) return false;
  const made = await create(`${path}/versions`, change);
  location.assign(`/corpora/${made.id}`);
  return false;
}
