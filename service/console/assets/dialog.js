/** Questions before what cannot be taken back, and small forms. */

import { element } from "./html.js";

/**
 * Returns whether the person agreed.
 *
 *     if (await confirmed("Delete the corpus?", "Its 926 sounds are deleted, too.", "Delete")) ...
 */
export async function confirmed(title, text, action) {
  return (await asked(title, [element("p", {}, text)], action, "danger")) !== null;
}

/**
 * Returns the values of a form by their names, null if the person did not agree.
 *
 * @param title Of the dialog.
 * @param content Elements between title and buttons.
 * @param action What the button says.
 * @param kind Class of the button.
 */
export function asked(title, content, action, kind = "") {
  const heading = element("h2", { id: "dialog-title" }, title);
  const form = element(
    "form",
    { method: "dialog" },
    heading,
    content,
    element(
      "div",
      { class: "row" },
      element("button", { type: "button", class: "quiet", click: () => dialog.close() }, "Back"),
      element("button", { class: kind, value: "yes" }, action),
    ),
  );
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const values = Object.fromEntries(new FormData(form));
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? values : null);
    });
  });
}
