/** The page of a trial: play, compare, answer, go on. */

import { Answer, REFERENCE } from "./answer.js";
import { openAudio } from "./audio.js";
import { element, show } from "./html.js";
import "./loop-controls.js";
import { playButton } from "./play-button.js";
import { Player } from "./player.js";
import "./rating-field.js";
import { offerShortcuts } from "./shortcuts.js";
import { loadSounds } from "./sounds.js";
import { listed, say } from "./texts.js";

const WATCH_MILLISECONDS = 100;

// Those in which one switches between versions of the same sound.
const REPEATING = ["multi-stimulus", "mushra"];

/**
 * Shows a trial.
 *
 * @param place The element to fill.
 * @param visit The participant's.
 * @param state As the server gives it.
 * @param goOn Called when the trial is finished.
 * @param signal Ends everything that goes on here.
 */
export async function showTrial(place, visit, state, goOn, signal) {
  show(place, element("p", { class: "waiting" }, say("loading")));
  const page = new TrialPage(place, visit, state, goOn, signal);
  const loaded = await loadSounds(page.answer.playlists);
  if (!signal.aborted) page.start(loaded);
}

class TrialPage {
  #place;
  #visit;
  #trial;
  #texts;
  #goOn;
  #signal;
  #starts;
  #player = null;
  #last;
  #isFinished = false;

  constructor(place, visit, state, goOn, signal) {
    this.#place = place;
    this.#visit = visit;
    this.#trial = state.trial;
    this.#texts = state.texts;
    this.#goOn = goOn;
    this.#signal = signal;
    const notes = visit.notes;
    this.answer = new Answer(state.trial, notes.trial === state.trial.id ? notes.heard : null);
    this.#last = this.answer.slots[0];
  }

  start({ rate, tracks, starts }) {
    this.#starts = starts;
    const repeat = REPEATING.includes(this.#trial.method);
    this.#player = new Player(() => openAudio(rate), tracks, { repeat });
    this.#show();
    this.#listen();
    this.#shown();
  }

  get #hasPlaylists() {
    return this.#starts.length > 1;
  }

  #show() {
    const { method } = this.#trial;
    const names = Object.keys(this.answer.playlists);
    show(
      this.#place,
      element("h1", { tabindex: -1 }, this.#texts.question),
      element("p", { class: "soft" }, say(`how.${method}`)),
      element("p", { class: "now", role: "status" }),
      this.#hasPlaylists && this.#steps(),
      element(
        "div",
        { class: `slots ${method}` },
        names.map((name) => this.#slot(name)),
      ),
      element("loop-controls"),
      method === "preference" && this.#choices(),
      this.#trial.tags.length > 0 && this.#tags(),
      element(
        "div",
        { class: "end" },
        element("p", { class: "missing soft", id: "missing" }),
        element("button", { type: "button", class: "next", "aria-describedby": "missing" }, say("next")),
      ),
      element("div", { class: "shortcuts" }),
    );
    for (const field of this.#place.querySelectorAll("rating-field")) {
      field.prepare(field.dataset.slot, this.#trial.scale);
      field.value = this.answer.ratings[field.dataset.slot] ?? null;
    }
    this.#find("loop-controls").prepare(this.#player, { hasParts: !this.#hasPlaylists });
    offerShortcuts(this.#find(".shortcuts"), this.#shortcuts(names), this.#signal);
    this.#find("h1").focus();
  }

  #steps() {
    return element(
      "div",
      { class: "steps", role: "group", "aria-label": say("steps") },
      this.#starts.map((_, index) => {
        const label = say("step", { number: index + 1 });
        const attributes = { type: "button", class: "quiet", "data-step": index, "aria-label": label };
        return element("button", attributes, index + 1);
      }),
    );
  }

  #slot(name) {
    return element(
      "div",
      { class: "slot" },
      playButton(say("play", { name: named(name) }), { "data-play": name, "aria-pressed": "false" }),
      this.#hasPlaylists && element("span", { class: "heard soft", "data-heard": name }),
      this.#trial.scale && name !== REFERENCE && element("rating-field", { "data-slot": name }),
    );
  }

  #choices() {
    const choices = [...this.answer.slots, ...(this.#trial.tie ? ["tie"] : [])];
    return element(
      "fieldset",
      { class: "choices" },
      element("legend", {}, say("choice")),
      choices.map((choice, place) => {
        const checked = choice === this.answer.choice;
        const input = element("input", { type: "radio", name: "choice", value: choice, checked });
        const text = chosen(choice);
        const key = element("kbd", { "aria-hidden": "true" }, keyOf(choice, place));
        return element("label", { class: "card" }, input, " ", text, " ", key);
      }),
    );
  }

  #tags() {
    return element(
      "fieldset",
      { class: "tags" },
      element("legend", {}, say("tags")),
      this.#trial.tags.map((tag) => {
        const checked = this.answer.tags.has(tag);
        const input = element("input", { type: "checkbox", name: "tag", value: tag, checked });
        return element("label", { class: "check" }, input, " ", tag);
      }),
    );
  }

  #shortcuts(names) {
    return [
      ...names.map((name) => ({
        letter: name === REFERENCE ? "R" : name,
        text: say("play", { name: named(name) }),
        act: () => this.#press(name),
      })),
      ...[...this.#place.querySelectorAll("[name=choice]")].map((input, place) => ({
        letter: keyOf(input.value, place),
        text: chosen(input.value),
        act: () => this.#choose(input),
      })),
      { letter: "P", text: say("pause"), act: () => this.#player.pause() },
      { letter: "N", text: say("next"), act: () => this.#next() },
    ];
  }

  #listen() {
    const signal = this.#signal;
    for (const button of this.#place.querySelectorAll("[data-play]")) {
      button.addEventListener("click", () => this.#press(button.dataset.play));
    }
    for (const button of this.#place.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.#step(Number(button.dataset.step)));
    }
    for (const field of this.#place.querySelectorAll("rating-field")) {
      field.addEventListener("rate", () => {
        this.answer.ratings[field.dataset.slot] = field.value;
        this.#shown();
      });
      field.addEventListener("settle", () => this.#save());
    }
    for (const choice of this.#place.querySelectorAll("[name=choice]")) {
      choice.addEventListener("change", () => {
        this.answer.choice = choice.value;
        this.#save();
      });
    }
    for (const tag of this.#place.querySelectorAll("[name=tag]")) {
      tag.addEventListener("change", () => {
        if (tag.checked) this.answer.tags.add(tag.value);
        else this.answer.tags.delete(tag.value);
        this.#save();
      });
    }
    this.#find(".next").addEventListener("click", () => this.#next());
    this.#player.addEventListener("change", () => this.#shown());
    const watch = setInterval(() => this.#hear(), WATCH_MILLISECONDS);
    const attend = () => {
      this.answer.attending = document.visibilityState === "visible";
    };
    attend();
    document.addEventListener("visibilitychange", attend, { signal });
    signal.addEventListener("abort", () => {
      clearInterval(watch);
      this.#player.pause();
    });
  }

  #press(name) {
    if (this.#isFinished) return;
    if (this.#player.playing === name) {
      this.#player.pause();
      return;
    }
    this.#last = name;
    this.answer.play(name);
    this.#player.play(name);
    this.#hear();
    this.#save();
  }

  #choose(input) {
    if (this.#isFinished) return;
    // Before all is heard nothing can be chosen, and what is still to be heard is said.
    input.click();
    this.#tell(input.checked ? chosen(input.value) : this.#missing());
  }

  #step(place) {
    this.#player.seek(this.#starts[place]);
    if (this.#player.playing) this.#hear();
    else this.#press(this.#last);
  }

  #hear() {
    const name = this.#player.playing;
    if (name === null) return;
    const { position } = this.#player;
    const place = this.#starts.findLastIndex((start) => start <= position);
    for (const button of this.#place.querySelectorAll("[data-step]")) {
      button.setAttribute("aria-current", String(Number(button.dataset.step) === place));
    }
    if (!this.answer.hear(name, place)) return;
    this.#visit.notes = { ...this.#visit.notes, trial: this.#trial.id, heard: this.answer.heard };
    this.#shown();
  }

  #save() {
    this.#visit.saveTrial(this.#trial.id, this.answer.next(false));
    this.#shown();
  }

  #next() {
    if (this.#isFinished) return;
    if (!this.answer.isComplete) {
      this.#tell(this.#missing());
      return;
    }
    this.#player.pause();
    this.#isFinished = true;
    for (const input of this.#place.querySelectorAll("input")) input.disabled = true;
    this.#tell(say("saving"));
    this.#visit.saveTrial(this.#trial.id, this.answer.next(true));
    this.#goOn();
  }

  /** Brings the page up to what is played and answered. */
  #shown() {
    if (this.#isFinished) return;
    const { answer } = this;
    const { playing } = this.#player;
    for (const button of this.#place.querySelectorAll("[data-play]")) {
      button.setAttribute("aria-pressed", String(button.dataset.play === playing));
    }
    for (const field of this.#place.querySelectorAll("rating-field")) {
      field.disabled = !(field.dataset.slot in answer.plays);
    }
    for (const choice of this.#place.querySelectorAll("[name=choice]")) {
      choice.disabled = answer.slots.some((slot) => !(slot in answer.plays));
    }
    for (const heard of this.#place.querySelectorAll("[data-heard]")) {
      const done = answer.heard[heard.dataset.heard]?.length ?? 0;
      heard.textContent = say("heard", { done, total: this.#starts.length });
    }
    this.#find(".missing").textContent = this.#missing();
    this.#find(".next").setAttribute("aria-disabled", String(!answer.isComplete));
    if (playing !== null) this.#tell(say("playing", { name: named(playing) }));
    else if (Object.keys(answer.plays).length > 0) this.#tell(say("paused"));
  }

  /** Returns what is to be done before going on, nothing if that is all. */
  #missing() {
    const { unheard, unrated, isUndecided } = this.answer;
    if (unheard.length > 0) {
      const names = unheard.map(({ name, places }) => {
        if (!this.#hasPlaylists) return named(name);
        return say("missing.places", { name: named(name), places: places.map((place) => place + 1).join(", ") });
      });
      return say("missing.heard", { names: listed(names) });
    }
    if (unrated.length > 0) return say("missing.rated", { names: listed(unrated) });
    return isUndecided ? say("missing.choice") : "";
  }

  #tell(text) {
    const now = this.#find(".now");
    if (now.textContent !== text) now.textContent = text;
  }

  #find(selector) {
    return this.#place.querySelector(selector);
  }
}

/** Returns the key that chooses: 1 for the first slot and so on, 0 for none. */
function keyOf(choice, place) {
  return choice === "tie" ? "0" : String(place + 1);
}

function chosen(choice) {
  return choice === "tie" ? say("choice.tie") : say("choice.slot", { name: choice });
}

function named(name) {
  return name === REFERENCE ? say("reference") : name;
}
