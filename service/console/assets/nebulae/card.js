/** One parameter to be shaped: by dragging its curve, by a slider, by a number; its fall and its symmetry. */

import { element } from "../html.js";
import { rounded, shapeWords, through, written } from "./curve.js";
import { plotOf } from "./plot.js";

// Modules of a synth with more parameters are folded, and all of them where screens are narrow.
const MOST_OPEN = 100;
const NARROW = "(max-width: 40rem)";

/** A card of a parameter; `place` is its element, `shape` what it is bent by now. */
export class Card {
  #parameter;
  #changed;
  #plot;
  #slider;
  #number;
  #fall;
  #flag;
  #reset;
  #beside;

  /**
   * @param parameter As the API shows it.
   * @param changed Told of each change by hand.
   * @param beside How the other components of a mixture bend it.
   */
  constructor(parameter, changed, beside = []) {
    const { module, name, unit, description } = parameter;
    const path = `${module} ${name}`;
    this.#parameter = parameter;
    this.#changed = changed;
    this.#beside = beside.map((shape) => ({ ...shape, mark: "other" }));
    this.shape = shapeOf(parameter);
    this.#plot = plotOf(parameter);
    this.#slider = element("input", {
      type: "range",
      min: -2,
      max: 2,
      step: 0.02,
      "aria-label": `Curve of ${path}`,
      input: () => this.#set({ curve: rounded(10 ** Number(this.#slider.value)) }),
    });
    this.#number = element("input", {
      type: "number",
      min: 0.01,
      max: 100,
      step: "any",
      "aria-label": `Curve of ${path} as a number`,
      change: () => this.#typed(),
    });
    this.#fall = element("input", {
      type: "number",
      min: 1e-30,
      max: 1e300,
      step: "any",
      "aria-label": `Fall of ${path}`,
      change: () => this.#typedFall(),
    });
    this.#flag = element("input", { type: "checkbox", change: () => this.#set({ symmetric: this.#flag.checked }) });
    this.#reset = element(
      "button",
      { type: "button", class: "link", "aria-label": `Reset ${path}`, click: () => this.#back() },
      "Reset",
    );
    this.place = element(
      "div",
      { class: "parameter", "data-path": path },
      element(
        "div",
        { class: "row apart" },
        element("h4", {}, name, unit && element("span", {}, ` ${unit}`)),
        this.#reset,
      ),
      this.#plot.svg,
      element("div", { class: "controls" }, this.#slider, this.#number),
      element("label", { class: "check" }, "fall ", this.#fall),
      element("label", { class: "check" }, this.#flag, "symmetric"),
      element("p", { class: "hint" }, description),
      parameter.choices.length > 0 && element("p", { class: "hint" }, `One of ${parameter.choices.join(", ")}.`),
    );
    this.#drags();
    this.#draw();
  }

  /** Whether it differs from what it was. */
  get isChanged() {
    return Object.entries(this.shape).some(([key, value]) => value !== this.#parameter[key]);
  }

  /** Makes it what it was. */
  reset() {
    this.shape = shapeOf(this.#parameter);
    this.#draw();
  }

  #back() {
    this.reset();
    this.#slider.focus();
    this.#changed();
  }

  #typed() {
    const value = this.#number.valueAsNumber;
    if (value > 0) this.#set({ curve: rounded(value) });
    else this.#draw();
  }

  #typedFall() {
    const value = this.#fall.valueAsNumber;
    if (value > 0) this.#set({ fall: Math.min(1e300, Math.max(1e-30, value)) });
    else this.#draw();
  }

  #set(change) {
    this.shape = { ...this.shape, ...change };
    this.#draw();
    this.#changed();
  }

  #drags() {
    const { svg } = this.#plot;
    const move = (event) => {
      const [draw, place] = this.#plot.under(event);
      this.#set({ curve: through(draw, place, this.shape) });
    };
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target !== this.#plot.pad) return;
      svg.setPointerCapture(event.pointerId);
      move(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (svg.hasPointerCapture(event.pointerId)) move(event);
    });
  }

  #draw() {
    const { curve, fall, symmetric } = this.shape;
    this.#slider.value = Math.log10(curve);
    this.#slider.setAttribute("aria-valuetext", shapeWords(this.shape));
    this.#number.value = written(curve);
    this.#fall.value = written(fall);
    this.#flag.checked = symmetric;
    this.#reset.hidden = !this.isChanged;
    this.place.classList.toggle("changed", this.isChanged);
    const now = { ...this.shape, mark: "found" };
    const before = this.isChanged ? [{ ...this.#parameter, mark: "other" }] : [];
    this.#plot.draw([...this.#beside, ...before, now]);
  }
}

function shapeOf({ curve, fall, symmetric }) {
  return { curve, fall, symmetric };
}

/** Returns cards under the names of their modules, those of one module beside each other. */
export function grouped(parameters, cards) {
  const modules = [...new Set(parameters.map(({ module }) => module))];
  const open = parameters.length <= MOST_OPEN && !matchMedia(NARROW).matches;
  return modules.map((module) => {
    const places = cards.filter((_, place) => parameters[place].module === module).map(({ place }) => place);
    const count = element("span", { class: "soft" }, ` ${places.length}`);
    return element(
      "details",
      { class: "module", open },
      element("summary", {}, element("h3", {}, module, count)),
      element("div", { class: "parameters" }, places),
    );
  });
}
