/** Dialogs that give a nebula a name, and ask again for as long as the server does not take it. */

import { insisted } from "../dialog.js";
import { field } from "../form.js";
import { element } from "../html.js";

const HINT = "Letters, digits, spaces, dots, - and _.";

/**
 * Returns what was made under a name; null if the person went back.
 *
 * @param title Of the dialog.
 * @param action What its button says.
 * @param act Told the values of the form, `name` among them; what it throws is shown, and the person asked again.
 * @param options `name` that is proposed; `before`, a function that returns elements to stand before the name.
 */
export function named(title, action, act, { name = "", before = () => [] } = {}) {
  const content = (values, error) => {
    const attributes = { required: true, maxlength: 64, autocomplete: "off", autofocus: true };
    const input = element("input", { ...attributes, value: values?.name ?? name });
    const place = field("name", "Name", input, HINT);
    if (error) {
      place.querySelector(".error").textContent = error.message.replace(/^name: /, "");
      input.setAttribute("aria-invalid", "true");
    }
    return [...before(), place];
  };
  return insisted(title, content, action, act);
}
