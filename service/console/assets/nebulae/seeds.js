/**
 * A row of sounds by their seeds: eight at a time, by a press or by the keys 1 to 8; N brings another eight.
 *
 *     const address = (seed) => `/v1/nebulae/drum/sounds/${seed}.flac`;
 *     const seeds = new Seeds(place, address, address);
 *     seeds.replay();
 */

import { element, show } from "../html.js";
import { stop } from "../player.js";
import { tiles } from "../tile.js";

const COUNT = 8;

/** Eight sounds in a row. */
export class Seeds {
  #source;
  #address;
  #beside;
  #row = element("div", { class: "seeds" });
  #first = 0;
  #last = 0;

  /**
   * @param place What holds them.
   * @param address Returns the address of a seed's sound in the API.
   * @param source Returns the address of what is played of a seed, or a promise of it.
   * @param beside What stands beside the button that brings others, if anything.
   */
  constructor(place, address, source, beside = null) {
    this.#beside = beside;
    this.#address = address;
    this.#source = source;
    show(
      place,
      this.#row,
      element("span", { class: "hint touchless" }, [
        keys("1"),
        " – ",
        keys(COUNT),
        " play, ",
        keys("N"),
        " brings others, ",
        keys("Esc"),
        " ends",
      ]),
    );
    this.#show();
    onKey((key) => {
      if (key === "n") this.next();
      else if (key >= "1" && key <= String(COUNT)) this.#play(this.#first + Number(key) - 1);
    });
  }

  /** The seed that was played last, or the first. */
  get last() {
    return this.#last;
  }

  /** Plays the seed that was played last, or the first, from its begin. */
  replay() {
    this.#play(this.#last);
  }

  /** Says whether the pictures are those of what is heard. */
  pictured(are) {
    this.#row.classList.toggle("stale", !are);
  }

  /** Shows another eight. */
  next() {
    this.#first += COUNT;
    this.#last = this.#first;
    this.#show();
  }

  #play(seed) {
    stop();
    this.#row.querySelectorAll(".tile")[seed - this.#first].click();
  }

  #show() {
    stop();
    const sounds = Array.from({ length: COUNT }, (_, place) => {
      const seed = this.#first + place;
      const source = () => {
        this.#last = seed;
        return this.#source(seed);
      };
      return { label: `seed ${seed}`, sound: this.#address(seed), source, key: place + 1 };
    });
    const more = element("button", { type: "button", class: "quiet small", click: () => this.next() }, "Another eight");
    const focused = this.#row.contains(document.activeElement);
    show(this.#row, tiles(null, sounds), element("div", { class: "row" }, more, this.#beside));
    if (focused) more.focus();
  }
}

/** Tells of letters and figures that are pressed where nothing is written. */
export function onKey(act) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog")) return;
    const { target } = event;
    const writes = target.matches("select, textarea, input:not([type=range], [type=checkbox], [type=radio])");
    if (!writes && event.key.length === 1) act(event.key.toLowerCase());
  });
}

/** Returns the name of a key, as it is shown. */
export function keys(name) {
  return element("kbd", {}, name);
}
