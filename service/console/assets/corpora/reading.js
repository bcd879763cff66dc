/** How far the server is with reading the sounds of a corpus, watched until it is done. */

import { element, show } from "../html.js";
import { trying } from "../notice.js";
import { count } from "../numbers.js";
import { repeat } from "../polling.js";
import { get } from "../server.js";

const KINDS = { reading: "active", ready: "good", failed: "alert" };

/** Returns the state of a corpus in a word of its own colour. */
export function badge({ state }) {
  return element("span", { class: `badge ${KINDS[state] ?? ""}` }, state);
}

/** Returns how many files of a corpus cannot be used. */
export function skippedOf({ sounds_read: read, sounds_usable: usable, sounds_excluded: excluded }) {
  return read - usable - excluded;
}

/**
 * Returns the state of a corpus; one that is being read moves on by itself.
 *
 * @param corpus As the API shows it.
 * @param done Told of the corpus once it has been read.
 */
export function progress(corpus, done) {
  const place = element("span", { class: "row" });
  draw(place, corpus);
  if (corpus.state === "reading") trying(() => watch(place, corpus.id, done))();
  return place;
}

async function watch(place, id, done) {
  const over = new AbortController();
  await repeat(
    1,
    async () => {
      const corpus = await get(`/v1/corpora/${id}`);
      draw(place, corpus);
      if (corpus.state !== "reading" || !place.isConnected) over.abort();
      if (corpus.state !== "reading" && place.isConnected) done(corpus);
    },
    over.signal,
  );
}

function draw(place, corpus) {
  const { state, sounds_read: read, sounds_total: total } = corpus;
  const words = `${count(read)} of ${count(total)}`;
  show(
    place,
    badge(corpus),
    state === "reading" && element("progress", { max: total, value: read, "aria-label": words }),
    state === "reading" && element("span", { class: "soft" }, words),
  );
}
