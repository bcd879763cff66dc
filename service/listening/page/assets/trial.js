/** The page of a trial: play, compare, answer, go on. */

import { Answer, REFERENCE } from "./answer.js";
import { openAudio } from "./audio.js";
import { element, show } from "./html.js";
import { paragraphs } from "./paragraphs.js";
import "./loop-controls.js";
import "./place-field.js";
import { playButton } from "./play-button.js";
import { Player } from "./player.js";
import "./rating-field.js";
import { offerShortcuts } from "./shortcuts.js";
import { loadSounds } from "./sounds.js";
import { listed, say } from "./texts.js";

const WATCH_MILLISECONDS = 100;

// What a slot is rated with: a slider and a number, or a place.
const FIELDS = "rating-field, place-field";

// Those in which one switches between versions of the same sound.
const REPEATING = ["multi-stimulus", "ranking", "mushra", "abx", "same-different", "bs1116"];

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

  start({ rate, channels, tracks, starts }) {
    this.#starts = starts;
    const repeat = REPEATING.includes(this.#trial.method);
    this.#player = new Player(() => this.#open(rate, channels), tracks, { repeat });
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
      paragraphs(this.#trial.text),
      element("p", { class: "soft" }, say(`how.${method}`)),
      element("p", { class: "now", role: "status" }),
      element("p", { class: "mixed soft", role: "status", hidden: true }),
      this.#hasPlaylists && this.#steps(),
      element(
        "div",
        { class: `slots ${method}` },
        names.map((name) => this.#slot(name)),
      ),
      element("loop-controls"),
      this.#trial.choices.length > 0 && this.#choices(),
      this.#trial.tags.length > 0 && this.#tags(),
      element(
        "div",
        { class: "end" },
        element("p", { class: "missing soft", id: "missing" }),
        element("button", { type: "button", class: "next", "aria-describedby": "missing" }, say("next")),
      ),
      element("div", { class: "shortcuts" }),
    );
    for (const field of this.#place.querySelectorAll(FIELDS)) {
      field.prepare(field.dataset.slot, this.#trial.scale ?? this.answer.slots.length);
      field.value = this.answer.ratings[field.dataset.slot] ?? null;
    }
    this.#find("loop-controls").prepare(this.#player, { hasParts: !this.#hasPlaylists });
    offerShortcuts(this.#find(".shortcuts"), this.#shortcuts(names), this.#signal);
    this.#find("h1").focus();
  }

  get #isOrdered() {
    return this.#trial.method === "ranking";
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
      this.#isOrdered && element("place-field", { "data-slot": name }),
    );
  }

  #choices() {
    const { choices } = this.#trial;
    return element(
      "fieldset",
      { class: "choices" },
      element("legend", {}, say("choice")),
      choices.map((choice, place) => {
        const checked = choice === this.answer.choice;
        const input = element("input", { type: "radio", name: "choice", value: choice, checked });
        const text = this.#chosen(choice);
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
      this.#trial.tags.map((tag, place) => {
        const checked = this.answer.tags.has(tag);
        const input = element("input", { type: "checkbox", name: "tag", value: tag, checked });
        return element("label", { class: "check" }, input, " ", this.#trial.tag_texts[place]);
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
        text: this.#chosen(input.value),
        act: () => this.#choose(input),
      })),
      ...(this.#isOrdered ? this.answer.slots.slice(0, 9) : []).map((_, index) => ({
        letter: String(index + 1),
        text: say("place.key", { place: index + 1 }),
        act: () => this.#rank(index + 1),
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
    for (const field of this.#place.querySelectorAll("place-field")) {
      field.addEventListener("rate", () => this.#put(field.dataset.slot, field.value));
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
    this.#tell(input.checked ? this.#chosen(input.value) : this.#missing());
  }

  /** Gives a slot its place, or takes it away. */
  #put(slot, place) {
    if (place === null) delete this.answer.ratings[slot];
    else this.answer.ratings[slot] = place;
    this.#save();
  }

  /** Gives a place to what was played last. */
  #rank(place) {
    if (this.#isFinished || !(this.#last in this.answer.plays)) return;
    const field = this.#find(`place-field[data-slot="${this.#last}"]`);
    field.value = place;
    this.#put(this.#last, place);
    this.#tell(`${this.#last}: ${field.querySelector("select").selectedOptions[0].text}`);
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
    for (const input of this.#place.querySelectorAll("input, select")) input.disabled = true;
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
    for (const field of this.#place.querySelectorAll(FIELDS)) {
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
    const { unheard, unrated, tied, unreached, isUndecided } = this.answer;
    if (unheard.length > 0) {
      const names = unheard.map(({ name, places }) => {
        if (!this.#hasPlaylists) return named(name);
        return say("missing.places", { name: named(name), places: places.map((place) => place + 1).join(", ") });
      });
      return say("missing.heard", { names: listed(names) });
    }
    if (unrated.length > 0) {
      const names = listed(unrated);
      return this.#isOrdered ? say("missing.placed", { names }) : say("missing.rated", { names });
    }
    if (tied.length > 0) return say("missing.tied", { names: listed(tied) });
    if (unreached !== null) return say("missing.reference", { value: unreached });
    return isUndecided ? say("missing.choice") : "";
  }

  /** Returns what somebody says who chooses this. */
  #chosen(choice) {
    if (choice === "same") return say("choice.same");
    if (choice === "different") return say("choice.different");
    const isAbx = this.#trial.method === "abx";
    if (choice === "tie") return isAbx ? say("choice.unsure") : say("choice.tie");
    return isAbx ? say("choice.x", { name: choice }) : say("choice.slot", { name: choice });
  }

  /** Returns what sounds are played on, and says so where it has fewer channels than they. */
  #open(rate, channels) {
    const context = openAudio(rate, channels);
    const outputs = context.destination.maxChannelCount;
    if (outputs > 0 && outputs < channels) {
      const mixed = this.#find(".mixed");
      mixed.hidden = false;
      mixed.textContent = say("mixed", { channels, outputs });
    }
    return context;
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

function named(name) {
  return name === REFERENCE ? say("reference") : name;
}
