/**
 * The place of one slot among those that are put in order. It has none until somebody gives it one.
 *
 *     const field = document.createElement("place-field");
 *     field.prepare("A", 3);
 *     field.addEventListener("rate", () => console.log(field.value));
 */

import { element, show } from "./html.js";
import { say } from "./texts.js";

export class PlaceField extends HTMLElement {
  #select;

  /** Makes the parts, for so many places. */
  prepare(slot, count) {
    const places = Array.from({ length: count }, (_, index) => index + 1);
    const named = (place) => {
      if (place === 1) return say("place.best", { place });
      return place === count ? say("place.last", { place }) : String(place);
    };
    this.#select = element(
      "select",
      { "aria-label": say("place", { slot }) },
      element("option", { value: "" }, say("place.none")),
      places.map((place) => element("option", { value: place }, named(place))),
    );
    show(this, this.#select);
    this.#select.addEventListener("change", () => this.dispatchEvent(new Event("rate")));
  }

  /** The place, 1 for the best; null if there is none. */
  get value() {
    return this.#select.value === "" ? null : Number(this.#select.value);
  }

  set value(value) {
    this.#select.value = value ?? "";
  }

  get disabled() {
    return this.#select.disabled;
  }

  set disabled(disabled) {
    this.#select.disabled = disabled;
  }
}

customElements.define("place-field", PlaceField);
