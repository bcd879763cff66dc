/** Letters that press buttons, wherever the focus is but in what is typed into; they can be switched off. */

import { html, show } from "./html.js";
import { recall, remember } from "./storage.js";
import { say } from "./texts.js";

const KEY = "shortcuts";
const TYPED_INTO = 'input[type="number"], input[type="text"], textarea, select';

/**
 * Shows what the letters do, and listens to them.
 *
 * @param element Where they are explained.
 * @param shortcuts List of `{ letter, text, act }`.
 * @param signal Ends the listening.
 */
export function offerShortcuts(element, shortcuts, signal) {
  show(
    element,
    html`<details class="keys">
      <summary>${say("keys")}</summary>
      <label class="check"><input type="checkbox" /> ${say("keys.use")}</label>
      <dl>
        ${shortcuts.map(({ letter, text }) => html`<div><dt><kbd>${letter}</kbd></dt><dd>${text}</dd></div>`)}
      </dl>
    </details>`,
  );
  const use = element.querySelector("input");
  use.checked = recall(KEY) ?? true;
  use.addEventListener("change", () => remember(KEY, use.checked));
  addEventListener(
    "keydown",
    (event) => {
      if (!use.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (event.target.closest?.(TYPED_INTO)) return;
      const shortcut = shortcuts.find(({ letter }) => letter === event.key.toUpperCase());
      if (!shortcut) return;
      event.preventDefault();
      shortcut.act();
    },
    { signal },
  );
}
