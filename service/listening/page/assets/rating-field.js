/**
 * A slider and a number for the rating of one slot. It has no value until somebody gives it one.
 *
 *     const field = document.createElement("rating-field");
 *     field.prepare("A", { minimum: 0, maximum: 100, labels: ["bad", "good"] });
 *     field.addEventListener("rate", () => console.log(field.value));
 *     field.addEventListener("settle", () => console.log("The slider has come to rest."));
 */

import { element, show } from "./html.js";
import { say } from "./texts.js";

// Scales at least this wide that begin and end with whole numbers go in ones, others in hundredths of their width.
const LEAST_WIDTH_OF_ONES = 4;

export class RatingField extends HTMLElement {
  #scale;
  #slider;
  #number;
  #said;
  #value = null;

  /** Makes the parts. */
  prepare(slot, scale) {
    const { minimum, maximum, labels } = scale;
    const isInOnes = Number.isInteger(minimum) && Number.isInteger(maximum) && maximum - minimum >= LEAST_WIDTH_OF_ONES;
    const step = scale.step ?? (isInOnes ? 1 : (maximum - minimum) / 100);
    this.#scale = scale;
    const range = { min: minimum, max: maximum, step };
    this.#slider = element("input", { type: "range", ...range, "aria-label": say("rating", { slot }) });
    const number = { type: "number", inputmode: "decimal", ...range };
    this.#number = element("input", { ...number, "aria-label": say("rating.number", { slot }) });
    this.#said = element("span", { class: "said", "aria-hidden": "true" });
    const written = labels.map((label) => element("span", {}, label));
    show(
      this,
      element(
        "div",
        { class: "slide" },
        this.#slider,
        element("div", { class: scale.step ? "labels points" : "labels", "aria-hidden": "true" }, written),
      ),
      this.#number,
      this.#said,
    );
    this.#slider.addEventListener("input", () => this.#rate(this.#slider.valueAsNumber));
    this.#slider.addEventListener("change", () => this.#settle());
    // To rate it as where the slider stands already: no input comes of that, and no click of a finger.
    this.#slider.addEventListener("pointerup", () => this.#confirm());
    this.#slider.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.#confirm();
    });
    this.#number.addEventListener("input", () => {
      const value = this.#number.valueAsNumber;
      if (!(value >= minimum && value <= maximum) || (scale.step && this.#number.validity.stepMismatch)) return;
      this.#rate(value);
      this.#settle();
    });
    this.#number.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** The rating, null if there is none. */
  get value() {
    return this.#value;
  }

  set value(value) {
    this.#value = value;
    this.#show();
  }

  get disabled() {
    return this.#slider.disabled;
  }

  set disabled(disabled) {
    this.#slider.disabled = disabled;
    this.#number.disabled = disabled;
  }

  #rate(value) {
    this.value = value;
    this.dispatchEvent(new Event("rate"));
  }

  #settle() {
    this.dispatchEvent(new Event("settle"));
  }

  #confirm() {
    if (this.#value !== null || this.disabled) return;
    this.#rate(this.#slider.valueAsNumber);
    this.#settle();
  }

  #show() {
    const { minimum, maximum, labels, step } = this.#scale;
    const isRated = this.#value !== null;
    const value = isRated ? this.#value : (minimum + maximum) / 2;
    const share = (value - minimum) / (maximum - minimum);
    const label = labels[step ? Math.round(share * (labels.length - 1)) : evenly(share, labels.length)];
    const said = !isRated
      ? say("unrated")
      : label === undefined
        ? String(value)
        : say("rated", { value, label });
    this.dataset.rated = String(isRated);
    this.#slider.value = value;
    this.#slider.setAttribute("aria-valuetext", said);
    if (!isRated) this.#number.value = "";
    else if (this.#number.valueAsNumber !== value) this.#number.value = value;
    this.#said.textContent = said;
  }
}

/** Returns which of some labels stands at a share of the scale, if they share it out. */
function evenly(share, count) {
  return Math.min(count - 1, Math.floor(share * count));
}

customElements.define("rating-field", RatingField);
