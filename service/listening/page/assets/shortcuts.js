/** Letters and digits that press buttons, wherever the focus is but in what is typed into; they can be switched off. */

import { element, show } from "./html.js";
import { recall, remember } from "./storage.js";
import { say } from "./texts.js";

const KEY = "shortcuts";
const TYPED_INTO = 'input[type="number"], input[type="text"], textarea, select';

/**
 * Shows what the keys do, and listens to them.
 *
 * @param place Where they are explained.
 * @param shortcuts List of `{ letter, text, act }`.
 * @param signal Ends the listening.
 */
export function offerShortcuts(place, shortcuts, signal) {
  const use = element("input", { type: "checkbox" });
  const explained = shortcuts.map(({ letter, text }) =>
    element("div", {}, element("dt", {}, element("kbd", {}, letter)), element("dd", {}, text)),
  );
  show(
    place,
    element(
      "details",
      { class: "keys" },
      element("summary", {}, say("keys")),
      element("label", { class: "check" }, use, " ", say("keys.use")),
      element("dl", {}, explained),
    ),
  );
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
