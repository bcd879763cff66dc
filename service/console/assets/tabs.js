/**
 * Parts of a page of which one is seen, by tabs: a press, or the arrow keys, leads to another.
 *
 *     tabs(find("#parts"), document.querySelectorAll(".part"));
 *
 * A part is a section that begins with its heading, which the tab is called by.
 */

import { element, show } from "./html.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** Makes tabs for parts, the first of which is seen. */
export function tabs(place, parts) {
  const buttons = [...parts].map((part, number) => {
    part.id ||= `part-${number}`;
    part.setAttribute("role", "tabpanel");
    return element(
      "button",
      { type: "button", role: "tab", "aria-controls": part.id, click: () => choose(number) },
      part.querySelector("h2").textContent,
    );
  });

  function choose(chosen) {
    buttons.forEach((button, number) => {
      button.setAttribute("aria-selected", String(number === chosen));
      button.tabIndex = number === chosen ? 0 : -1;
      parts[number].hidden = number !== chosen;
    });
  }

  place.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    choose(next);
    buttons[next].focus();
    event.preventDefault();
  });
  show(place, buttons);
  choose(0);
}
