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
  #settled;
  #plot;
  #slider;
  #number;
  #fall;
  #flag;
  #lock;
  #reset;
  #beside;

  /**
   * @param parameter As the API shows it.
   * @param changed Told of each change by hand.
   * @param settled Told when a change is done, which takes as long as something is dragged.
   * @param beside How the other components of a mixture bend it.
   */
  constructor(parameter, changed, settled, beside = []) {
    const { module, name, unit, description } = parameter;
    const path = `${module} ${name}`;
    this.#parameter = parameter;
    this.#changed = changed;
    this.#settled = settled;
    this.#beside = beside.map((shape) => ({ ...shape, mark: "other" }));
    this.shape = shapeOf(parameter);
    this.#plot = plotOf(parameter);
    this.#slider = element("input", {
      type: "range",
      min: -2,
      max: 2,
      step: 0.02,
      "aria-label": `Curve of ${path}`,
      input: () => this.#set({ curve: rounded(10 ** Number(this.#slider.value)) }, false),
      change: () => this.#settled(),
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
    this.#lock = element("input", { type: "checkbox", class: "locks", "aria-label": `Lock ${path}` });
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
      element(
        "div",
        { class: "row" },
        element("label", { class: "check" }, this.#flag, "symmetric"),
        element("label", { class: "check", title: "“Vary this” leaves it alone." }, this.#lock, "locked"),
      ),
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

  /** Whether it is left alone when the nebula is varied. */
  get isLocked() {
    return this.#lock.checked;
  }

  set isLocked(is) {
    this.#lock.checked = is;
  }

  /** Whether a number was typed that is not entered yet. */
  get isBeingWritten() {
    return this.#number.value !== written(this.shape.curve) || this.#fall.value !== written(this.shape.fall);
  }

  /** Makes it what it was at first. */
  reset() {
    this.bend(shapeOf(this.#parameter));
  }

  /** Bends it, without telling. */
  bend(shape) {
    if (Object.entries(this.shape).every(([key, value]) => value === shape[key])) return;
    this.shape = shape;
    this.#draw();
  }

  #back() {
    this.reset();
    this.#slider.focus();
    this.#changed();
    this.#settled();
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

  #set(change, done = true) {
    this.shape = { ...this.shape, ...change };
    this.#draw();
    this.#changed();
    if (done) this.#settled();
  }

  #drags() {
    const { svg } = this.#plot;
    const move = (event) => {
      const [draw, place] = this.#plot.under(event);
      this.#set({ curve: through(draw, place, this.shape) }, false);
    };
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target !== this.#plot.pad) return;
      svg.setPointerCapture(event.pointerId);
      move(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (svg.hasPointerCapture(event.pointerId)) move(event);
    });
    svg.addEventListener("lostpointercapture", () => this.#settled());
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
    const within = cards.filter((_, place) => parameters[place].module === module);
    const count = element("span", { class: "soft" }, ` ${within.length}`);
    const folded = element(
      "details",
      { class: "module", open },
      element("summary", {}, element("h3", {}, module, count)),
      element(
        "div",
        { class: "parameters" },
        within.map(({ place }) => place),
      ),
    );
    return element("div", { class: "framed" }, lockOf(module, within, folded), folded);
  });
}

/** Returns the button that locks a module, all its parameters; it stands beside what is folded, and can be pressed then. */
function lockOf(module, cards, folded) {
  const areLocked = () => cards.every((card) => card.isLocked);
  const showLocked = () => button.setAttribute("aria-pressed", String(areLocked()));
  const turn = () => {
    const locked = !areLocked();
    for (const card of cards) card.isLocked = locked;
    showLocked();
  };
  const attributes = { type: "button", class: "quiet small lock", "aria-label": `Lock ${module}`, "aria-pressed": "false" };
  const button = element("button", { ...attributes, title: "“Vary this” leaves what is locked alone.", click: turn }, "Lock");
  folded.addEventListener("change", ({ target }) => target.matches(".locks") && showLocked());
  return button;
}
