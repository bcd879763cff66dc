/** Questions before what cannot be taken back, and small forms. */

import { element, lead, show } from "./html.js";

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
  return opened(title, content, [backButton(), element("button", { class: kind, value: "yes" }, action)]);
}

/**
 * Returns what `act` made of the values of a form; null if the person did not agree.
 *
 * The dialog stays until it is made. While `act` fails, the person is asked again, there.
 *
 * @param title Of the dialog.
 * @param content Returns elements between title and buttons, told the values that failed and with what error; at first null.
 * @param action What the button says.
 * @param act Told the values of the form by their names.
 */
export async function insisted(title, content, action, act) {
  const fields = element("div", {}, content(null, null));
  const status = element("p", { class: "soft", role: "status" });
  const back = backButton();
  const go = element("button", {}, action);
  let made = null;
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = Object.fromEntries(new FormData(form));
    work(true);
    try {
      made = await act(values);
      form.closest("dialog").close();
    } catch (error) {
      show(fields, content(values, error));
      lead(fields.querySelector("[aria-invalid]") ?? fields.querySelector("input, select, textarea"));
    } finally {
      work(false);
    }
  };
  await opened(title, [fields, status], [back, go], submit);
  return made;

  function work(underway) {
    for (const button of [back, go]) button.disabled = underway;
    status.textContent = underway ? "One moment …" : "";
  }
}

/** Shows something that only has to be looked at; the promise is kept when it is closed. */
export function told(title, content) {
  return opened(title, content, [element("button", { class: "quiet" }, "Close")]);
}

function backButton() {
  const back = element("button", { type: "button", class: "quiet", click: () => back.closest("dialog").close() }, "Back");
  return back;
}

function opened(title, content, buttons, submit = null) {
  const heading = element("h2", { id: "dialog-title" }, title);
  const form = element(
    "form",
    { method: "dialog", submit },
    heading,
    content,
    element("div", { class: "row" }, buttons),
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
