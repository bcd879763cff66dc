/**
 * A test that can only be passed with headphones: which of three noises hides a tone? It decides nothing here, and may
 * be left before its end; `answer` is what was answered.
 *
 *     const check = document.createElement("headphone-check");
 *     check.prepare();
 */

import { openAudio } from "./audio.js";
import { element, show } from "./html.js";
import { hugginsNoise, RATE_HZ } from "./noises.js";
import { playButton } from "./play-button.js";
import { say } from "./texts.js";

const ROUNDS = 6;
const NOISES = 3;
const GAP_SECONDS = 0.4;

export class HeadphoneCheck extends HTMLElement {
  #rounds = [];
  #target;
  #playing = [];

  /** Makes the first round. */
  prepare() {
    this.#rounds = [];
    this.#round();
  }

  /** What was answered, null if nothing. */
  get answer() {
    if (this.#rounds.length === 0) return null;
    const correct = this.#rounds.filter(({ target, answer }) => target === answer).length;
    return { kind: "huggins", rounds: this.#rounds, correct, total: ROUNDS };
  }

  disconnectedCallback() {
    this.#silence();
  }

  #round() {
    this.#target = 1 + Math.floor(NOISES * Math.random());
    const number = this.#rounds.length + 1;
    const noises = Array.from({ length: NOISES }, (_, index) => index + 1);
    show(
      this,
      element("p", { id: "check-round", role: "status" }, say("check.round", { number, total: ROUNDS })),
      playButton(say("check.play")),
      element(
        "div",
        { class: "row", role: "group", "aria-label": say("check.question") },
        noises.map((noise) =>
          element(
            "button",
            { type: "button", class: "quiet", disabled: true, "data-noise": noise },
            say("check.noise", { noise }),
          ),
        ),
      ),
    );
    this.querySelector(".play").addEventListener("click", () => this.#play());
    for (const button of this.querySelectorAll("[data-noise]")) {
      button.addEventListener("click", () => this.#answered(Number(button.dataset.noise)));
    }
  }

  #play() {
    this.#silence();
    const context = openAudio(RATE_HZ);
    let at = context.currentTime + 0.1;
    for (let noise = 1; noise <= NOISES; noise += 1) {
      const source = new AudioBufferSourceNode(context, { buffer: hugginsNoise(noise === this.#target) });
      source.connect(context.destination);
      source.start(at);
      at += source.buffer.duration + GAP_SECONDS;
      this.#playing.push(source);
    }
    for (const button of this.querySelectorAll("[data-noise]")) button.disabled = false;
  }

  #answered(answer) {
    this.#silence();
    this.#rounds.push({ target: this.#target, answer });
    if (this.#rounds.length < ROUNDS) {
      this.#round();
      this.querySelector(".play").focus();
    } else {
      show(this, element("p", { role: "status", tabindex: -1 }, say("check.done")));
      this.querySelector("p").focus();
    }
  }

  #silence() {
    for (const source of this.#playing) source.stop();
    this.#playing = [];
  }
}

customElements.define("headphone-check", HeadphoneCheck);
