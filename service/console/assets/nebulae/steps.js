/**
 * Steps that can be taken back and done again, by buttons and by Ctrl+Z and Shift+Ctrl+Z.
 *
 *     const steps = new Steps([1, 2], (state) => draw(state));
 *     steps.put([1, 3]);
 *     steps.back();
 */

import { element } from "../html.js";

/** What something was, step by step; states are lists that nobody changes. */
export class Steps {
  #states;
  #at = 0;
  #return;
  #buttons;

  /**
   * @param state What it is at first.
   * @param goTo Told the state that somebody goes back to, or forth.
   */
  constructor(state, goTo) {
    this.#states = [state];
    this.#return = goTo;
    this.#buttons = {
      back: button("Undo", "Control+Z", () => this.back()),
      forth: button("Redo", "Shift+Control+Z", () => this.forth()),
    };
    this.#showPossible();
  }

  /** The buttons, of which one that can do nothing says so. */
  get buttons() {
    return Object.values(this.#buttons);
  }

  /** Enters a state after the present one, if it is another; what was taken back is then gone. */
  put(state) {
    if (state.every((part, place) => part === this.#states[this.#at][place])) return;
    this.#states.splice(this.#at + 1, Infinity, state);
    this.#at += 1;
    this.#showPossible();
  }

  /** Goes one step back, if there is one. */
  back() {
    this.#go(this.#at - 1);
  }

  /** Goes one step forth, if one was taken back. */
  forth() {
    this.#go(this.#at + 1);
  }

  #go(to) {
    if (this.#states[to] === undefined) return;
    this.#at = to;
    this.#showPossible();
    this.#return(this.#states[to]);
  }

  #showPossible() {
    this.#buttons.back.setAttribute("aria-disabled", String(this.#at === 0));
    this.#buttons.forth.setAttribute("aria-disabled", String(this.#at === this.#states.length - 1));
  }
}

function button(words, shortcut, act) {
  const attributes = { type: "button", class: "quiet small", "aria-keyshortcuts": shortcut, title: shortcut.replace("Control", "Ctrl") };
  return element("button", { ...attributes, click: act }, words);
}

/**
 * Tells of Ctrl+Z and Shift+Ctrl+Z, or Ctrl+Y, but where the browser takes back what is being written.
 *
 * @param steps What goes back and forth.
 * @param writing Returns whether something is written on the page that is not entered yet.
 */
export function onKeys(steps, writing) {
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog")) return;
    if (event.target.matches("textarea, input[type=search], input[type=text]") || writing()) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) steps.back();
    else if (key === "z" || key === "y") steps.forth();
    else return;
    event.preventDefault();
  });
}
