/** The form that asks for a match: a recording of a corpus or a file of one's own, and a synthesizer. */

import { upload } from "../corpora/upload.js";
import { field, select, showProblems } from "../form.js";
import { element, show } from "../html.js";
import { trying } from "../notice.js";
import { repeat } from "../polling.js";
import { create, get } from "../server.js";

const OWN_FILE = "";

/** Efforts by the number of generations that they search for. */
const EFFORTS = [
  ["", "as usual"],
  ["32", "quick"],
  ["512", "thorough"],
];

/** The panel with the form; `asked` is told of each match that was asked for. */
export class Asking {
  #place;
  #asked;

  constructor(place, asked) {
    this.#place = place;
    this.#asked = asked;
  }

  /** Shows the form, with what there is to choose from. */
  show() {
    return trying(async () => {
      const [{ items: corpora }, { items: synths }] = await Promise.all([
        get("/v1/corpora?limit=500"),
        get("/v1/synths"),
      ]);
      this.#draw(
        corpora.filter(({ state }) => state === "ready"),
        synths.filter(({ ready }) => ready),
      );
      this.#place.hidden = false;
    })();
  }

  #draw(corpora, synths) {
    const file = element("input", { type: "file", accept: "audio/*", required: true });
    const sound = select([]);
    const corpus = select([[OWN_FILE, "a file of mine"], ...corpora.map(({ id, name }) => [id, name])], {
      change: trying(async () => {
        const own = corpus.value === OWN_FILE;
        file.required = own;
        file.closest(".field").hidden = !own;
        sound.closest(".field").hidden = own;
        if (own) return;
        const { items } = await get(`/v1/corpora/${corpus.value}/sounds?skipped=false&limit=500`);
        show(
          sound,
          items.map(({ number, name }) => element("option", { value: number }, name)),
        );
      }),
    });
    const synth = select(synths.map(({ name }) => [name, name]));
    const generations = select(EFFORTS);
    const button = element("button", {}, "Match");
    const form = element(
      "form",
      {
        submit: async (event) => {
          event.preventDefault();
          button.disabled = true;
          try {
            const source = corpus.value === OWN_FILE ? await brought(file.files[0]) : [corpus.value, sound.value];
            await create("/v1/matches", {
              corpus: source[0],
              sound: Number(source[1]),
              synth: synth.value,
              ...(generations.value === "" ? {} : { generations: Number(generations.value) }),
            });
            await this.#asked();
          } catch (error) {
            showProblems(form, error);
          } finally {
            button.disabled = false;
          }
        },
      },
      element(
        "div",
        { class: "together" },
        field("corpus", "Recording from", corpus),
        field("file", "File", file, "It is kept as a corpus of its own."),
        field("sound", "Recording", sound),
        field("synth", "Synthesizer", synth),
        field("generations", "Search", generations),
      ),
      button,
    );
    show(
      this.#place,
      element("h2", {}, "Match a recording"),
      element("p", { class: "soft" }, "Finds the preset whose sound is nearest to a recording, by log-mel."),
      form,
    );
    sound.closest(".field").hidden = true;
    const wanted = new URLSearchParams(location.search).get("corpus");
    if (corpora.some(({ id }) => id === wanted)) {
      corpus.value = wanted;
      corpus.dispatchEvent(new Event("change"));
    }
  }
}

/** Sends a file as a corpus of its own, and returns that corpus' id and the file's number once it has been read. */
async function brought(file) {
  const over = new AbortController();
  const name = file.name.replace(/\.[^.]*$/, "").slice(0, 64) || "recording";
  let corpus = await upload([{ path: file.name, file }], name, () => {}, over.signal);
  await repeat(
    1,
    async () => {
      if (corpus.state === "reading") corpus = await get(`/v1/corpora/${corpus.id}`);
      if (corpus.state !== "reading") over.abort();
    },
    over.signal,
  );
  return [corpus.id, 0];
}
