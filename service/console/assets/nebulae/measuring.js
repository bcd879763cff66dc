/** How far two nebulae are from each other and from a corpus, measured when asked for: it takes seconds. */

import { field, select } from "../form.js";
import { element, show } from "../html.js";
import { trying } from "../notice.js";
import { score } from "../numbers.js";
import { get, pause } from "../server.js";
import { may } from "../session.js";
import { table } from "../table.js";

const DISTANCES = [
  ["log-mel", "log-mel"],
  ["multi-scale-spectrogram", "multi-scale spectrogram"],
  ["doppelganger", "doppelganger"],
];

const BUSY = 503;

/** The panel that measures. */
export class Measuring {
  #place;
  #corpora = null;
  #over = new AbortController();

  constructor(place) {
    this.#place = place;
  }

  /** Offers to measure a pair of nebulae, `{ a, b }`. */
  async show({ a, b }) {
    this.#over.abort();
    if (!may("experimenter")) return;
    this.#corpora ??= get("/v1/corpora?limit=500").then(({ items }) => items.filter(({ state }) => state === "ready"));
    const corpora = await this.#corpora;
    const corpus = select([["", "none"], ...corpora.map(({ id, name }) => [id, name])]);
    const distance = select(DISTANCES);
    const results = element("div", { role: "status" });
    const button = element("button", {}, "Measure");
    const measure = trying(async () => {
      const chosen = corpora.find(({ id }) => id === corpus.value);
      this.#over.abort();
      this.#over = new AbortController();
      button.disabled = true;
      try {
        await measured(results, { a, b, corpus: chosen, distance: distance.value }, this.#over.signal);
      } finally {
        button.disabled = false;
      }
    });
    show(
      this.#place,
      element("h2", {}, "Measure"),
      element(
        "form",
        {
          submit: (event) => {
            event.preventDefault();
            measure();
          },
        },
        element(
          "div",
          { class: "together" },
          field("corpus", "And from a corpus", corpus),
          field("distance", "Heard by", distance),
        ),
        button,
      ),
      results,
    );
  }
}

async function measured(place, { a, b, corpus, distance }, signal) {
  const pairs = [[`A, ${a.title}, and B, ${b.title}`, a, { other: b.name }]];
  if (corpus) {
    pairs.push([`A, ${a.title}, and ${corpus.name}`, a, { corpus: corpus.id }]);
    pairs.push([`B, ${b.title}, and ${corpus.name}`, b, { corpus: corpus.id }]);
  }
  const rows = [];
  for (const [between, { name }, other] of pairs) {
    show(place, rows.length > 0 && drawnUp(rows), element("p", { class: "soft" }, `Measuring ${between} …`));
    const query = new URLSearchParams({ ...other, distance });
    rows.push({ between, ...(await patiently(`/v1/nebulae/${encodeURIComponent(name)}/mmd?${query}`, signal)) });
  }
  const { sounds } = rows[0];
  const hint = `Ten times over, ${sounds} random sounds of each side; the smaller, the more alike.`;
  show(place, drawnUp(rows), element("p", { class: "hint" }, hint));
}

/** Asks again while somebody else's pair is being measured. */
async function patiently(path, signal) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await get(path, signal);
    } catch (error) {
      if (error.status !== BUSY) throw error;
      await pause(failures, signal);
      signal.throwIfAborted();
    }
  }
}

function drawnUp(rows) {
  return table(
    "Distances",
    [
      { title: "Between", cell: ({ between }) => between },
      { title: "MMD", cell: ({ mmd }) => score(mmd), number: true },
      { title: "Standard deviation", cell: ({ standard_deviation: deviation }) => score(deviation), number: true },
    ],
    rows,
  );
}
