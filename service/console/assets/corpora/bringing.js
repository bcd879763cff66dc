/**
 * The panel that takes sounds in: dropped anywhere on the page, or chosen; then named, sent, and read.
 *
 *     new Bringing(place, () => list.load());
 *
 * Of a corpus that is there already, a new one is made that has the sounds as well.
 */

import { clearProblems, field, showProblems } from "../form.js";
import { element, lead, show } from "../html.js";
import { clear, fail, trying } from "../notice.js";
import { bytes, counted } from "../numbers.js";
import { repeat } from "../polling.js";
import { get } from "../server.js";
import { duration } from "../time.js";
import { chosen, dropped } from "./files.js";
import { progress } from "./reading.js";
import { upload } from "./upload.js";

const SKIPPED_SHOWN = 5;

/** Takes sounds in, in one panel of a page; `changed` is told when there may be a new corpus, `base` is what they are added to. */
export class Bringing {
  #place;
  #changed;
  #base;
  #busy = false;
  #leaving = (event) => event.preventDefault();

  constructor(place, changed, base = null) {
    this.#place = place;
    this.#changed = changed;
    this.#base = base;
    place.classList.add("panel", "bring");
    addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.toggle("over", !this.#busy);
    });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) place.classList.remove("over");
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      if (!this.#busy) trying(async () => this.#name(await dropped(event.dataTransfer)))();
    });
    this.#ask();
  }

  #ask(...result) {
    show(
      this.#place,
      result,
      element("p", { class: "lead" }, this.#base === null ? "Drop a folder, a zip or sounds here" : "Drop a folder or sounds here"),
      element(
        "div",
        { class: "row" },
        this.#chooser("Choose a folder", { webkitdirectory: true }),
        this.#base === null
          ? this.#chooser("Choose files or a zip", { multiple: true, accept: "audio/*,.zip,.csv,.txt" })
          : this.#chooser("Choose files", { multiple: true, accept: "audio/*,.csv,.txt" }),
      ),
      element(
        "p",
        { class: "hint" },
        "WAV, AIFF, FLAC, OGG, Opus or MP3; of each sound the first 30 s. They stay on this server.",
      ),
    );
  }

  #chooser(text, attributes) {
    const input = element("input", {
      type: "file",
      hidden: true,
      "aria-label": text,
      change: () => this.#name(chosen(input)),
      ...attributes,
    });
    return [element("button", { type: "button", class: "quiet", click: () => input.click() }, text), input];
  }

  #name({ name: proposed, files }) {
    clear();
    if (files.length === 0) {
      this.#ask(element("p", { class: "error", role: "alert" }, "There are no files in it."));
      return;
    }
    const size = files.reduce((sum, { file }) => sum + file.size, 0);
    const value = (this.#base === null ? proposed : `${this.#base.name} with more`).slice(0, 64);
    const name = element("input", { maxlength: 64, required: true, value, autocomplete: "off" });
    const form = element(
      "form",
      {
        submit: (event) => {
          event.preventDefault();
          clearProblems(form);
          this.#send(files, name.value, form);
        },
      },
      field("name", this.#base === null ? "Name of the corpus" : "Name of the new corpus", name, `${counted(files.length, "file")}, ${bytes(size)}`),
      element(
        "div",
        { class: "row" },
        element("button", {}, "Upload"),
        element("button", { type: "button", class: "quiet", click: () => this.#ask() }, "Back"),
      ),
    );
    show(this.#place, form);
    name.select();
  }

  async #send(files, name, form) {
    const cancel = new AbortController();
    const sent = new AbortController();
    const bar = element("progress", { max: 1, value: 0, "aria-label": "Sent" });
    const words = element("p", { class: "soft", role: "status" }, "Sending …");
    const button = element("button", { type: "button", class: "quiet", click: () => cancel.abort() }, "Cancel");
    show(this.#place, element("p", { class: "lead" }, name), bar, words, element("div", { class: "row" }, button));
    button.focus();
    const moved = (loaded, total) => {
      bar.max = total;
      bar.value = loaded;
      words.textContent = `${bytes(loaded)} of ${bytes(total)} sent`;
      if (loaded < total || sent.signal.aborted) return;
      words.textContent = "All is there. The sounds are being read …";
      button.remove();
      // The answer comes once they are read; the list shows how far that is.
      repeat(1, this.#changed, sent.signal);
    };
    this.#work(true);
    try {
      const corpus = await upload(files, name, moved, cancel.signal, this.#base?.id);
      sent.abort();
      await this.#read(corpus);
    } catch (error) {
      sent.abort();
      show(this.#place, form);
      if (error.name === "ServerError") showProblems(form, error);
      else fail(error);
      lead(form.querySelector("button"));
    }
    this.#work(false);
    await this.#changed();
  }

  /** Shows how reading goes on where it takes longer than the answer waited, and in the end what came of it. */
  async #read(corpus) {
    const done = trying(async (read) => {
      const { items } = await get(`/v1/corpora/${read.id}/sounds?skipped=true&limit=${SKIPPED_SHOWN}`);
      this.#ask(outcome(read, items));
    });
    if (corpus.state !== "reading") await done(corpus);
    else this.#ask(element("p", { class: "outcome" }, link(corpus), " ", progress(corpus, done)));
  }

  #work(is) {
    this.#busy = is;
    if (is) addEventListener("beforeunload", this.#leaving);
    else removeEventListener("beforeunload", this.#leaving);
  }
}

function outcome(corpus, skipped) {
  const total = corpus.sounds_total - corpus.sounds_usable - corpus.sounds_excluded;
  const words =
    corpus.state === "failed"
      ? ` failed: ${corpus.reason}.`
      : ` is ready: ${counted(corpus.sounds_usable, "sound")}, ${duration(corpus.seconds)}.`;
  return element(
    "div",
    { class: `outcome ${corpus.state}`, role: "status" },
    element("p", {}, link(corpus), words, total > 0 && ` ${counted(total, "file was", "files were")} skipped:`),
    total > 0 &&
      element(
        "ul",
        {},
        skipped.map(({ name, reason }) => element("li", {}, element("span", { class: "mono" }, name), ` ${reason}`)),
        total > skipped.length && element("li", {}, `and ${counted(total - skipped.length, "more", "more")}`),
      ),
  );
}

function link({ id, name }) {
  return element("a", { href: `/corpora/${id}` }, name);
}
