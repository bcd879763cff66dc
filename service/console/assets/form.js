/**
 * Fields with a hint and an error beside them.
 *
 *     form.append(field("name", "Name", element("input", { maxlength: 64 }), "What people call it."));
 *     showProblems(form, error);
 */

import { element } from "./html.js";
import { fail } from "./notice.js";

/**
 * Returns a field.
 *
 * @param name Of its value; where the server's errors point to: `search.start`.
 * @param label What it is called.
 * @param control The input, select or textarea.
 * @param hint What there is to know about it.
 */
export function field(name, label, control, hint = "") {
  const id = `field-${name.replaceAll(".", "-")}`;
  control.id = id;
  control.name = name;
  control.setAttribute("aria-describedby", hint ? `${id}-hint ${id}-error` : `${id}-error`);
  return element(
    "div",
    { class: "field", "data-name": name },
    element("label", { for: id }, label),
    control,
    hint ? element("p", { class: "hint", id: `${id}-hint` }, hint) : null,
    element("p", { class: "error", id: `${id}-error` }),
  );
}

/** Returns a select with `[value, text]` as its options. */
export function select(options, attributes = {}) {
  return element(
    "select",
    attributes,
    options.map(([value, text, disabled = false]) => element("option", { value, disabled }, text)),
  );
}

/**
 * Shows an error beside the fields that it names, and above the page if it names none.
 *
 * @param form What holds the fields.
 * @param error What was thrown.
 * @param lead Whether the first of the fields takes the focus; not while somebody types.
 */
export function showProblems(form, error, lead = true) {
  clearProblems(form);
  const said = problems(error).filter(({ where, message }) => {
    const found = [...form.querySelectorAll(".field[data-name]")].find((place) => place.dataset.name === where);
    if (!found) return true;
    found.querySelector(".error").textContent = message;
    found.querySelector("input, select, textarea").setAttribute("aria-invalid", "true");
    return false;
  });
  if (lead) form.querySelector("[aria-invalid]")?.focus();
  if (said.length > 0) fail(error);
}

/** Takes all errors away. */
export function clearProblems(form) {
  for (const error of form.querySelectorAll(".error")) error.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** Returns what an error says of each value: from its details, or from a sentence such as `spec 'x': seed: got -1`. */
function problems(error) {
  if (error.details?.length > 0) {
    return error.details.map(({ where, message }) => ({ where: where.replace(/^body\./, ""), message }));
  }
  const found = /^(?:\w+ '[^']*': )?([a-z_][a-z_0-9.]*): (.+)$/.exec(error.message ?? "");
  return [found ? { where: found[1], message: found[2] } : { where: "", message: error.message }];
}
