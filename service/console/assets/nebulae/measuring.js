/** How far nebulae are from each other and from a corpus, measured when asked for: it takes seconds. */

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

  /** Offers to measure nebulae, `{ letter, nebula }` each, two by two. */
  async show(sides) {
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
        await measured(results, { sides, corpus: chosen, distance: distance.value }, this.#over.signal);
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

async function measured(place, { sides, corpus, distance }, signal) {
  const called = ({ letter, nebula }) => `${letter}, ${nebula.title}`;
  const pairs = sides.flatMap((one, at) =>
    sides.slice(at + 1).map((two) => [`${called(one)}, and ${called(two)}`, one, { other: two.nebula.name }]),
  );
  if (corpus) pairs.push(...sides.map((one) => [`${called(one)}, and ${corpus.name}`, one, { corpus: corpus.id }]));
  const rows = [];
  for (const [between, { nebula }, other] of pairs) {
    const far = pairs.length > 1 ? ` (${rows.length + 1} of ${pairs.length})` : "";
    show(place, rows.length > 0 && drawnUp(rows), element("p", { class: "soft" }, `Measuring ${between}${far} …`));
    const query = new URLSearchParams({ ...other, distance });
    rows.push({ between, ...(await patiently(`/v1/nebulae/${encodeURIComponent(nebula.name)}/mmd?${query}`, signal)) });
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
