/**
 * Fields with a hint and an error beside them.
 *
 *     form.append(field("name", "Name", element("input", { maxlength: 64 }), "What people call it."));
 *     showProblems(form, error);
 */

import { explained } from "./glossary.js";
import { element } from "./html.js";
import { fail } from "./notice.js";

/**
 * Returns a field.
 *
 * @param name Of its value; where the server's errors point to: `search.start`.
 * @param label What it is called.
 * @param control The input, select or textarea.
 * @param hint What there is to know about it.
 * @param words Of the glossary, that are explained beside the label.
 */
export function field(name, label, control, hint = "", words = []) {
  const id = `field-${name.replaceAll(".", "-")}`;
  control.id = id;
  control.name = name;
  control.setAttribute("aria-describedby", hint ? `${id}-hint ${id}-error` : `${id}-error`);
  return element(
    "div",
    { class: "field", "data-name": name },
    words.length === 0
      ? element("label", { for: id }, label)
      : element("div", { class: "labelled" }, element("label", { for: id }, label), explained(words)),
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
  const places = [...form.querySelectorAll(".field[data-name]")].filter((place) => !place.closest("[hidden]"));
  const said = problems(error).filter(({ where, message }) => {
    const found = placeOf(places, where);
    if (!found) return true;
    found.querySelector(".error").textContent = message;
    found.querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
    const folded = found.closest("details");
    if (folded) folded.open = true;
    return false;
  });
  if (lead) form.querySelector("[aria-invalid]")?.focus();
  if (said.length > 0) fail(error);
}

/** Returns the field of a value, or of what holds it, or the first within it. */
function placeOf(places, where) {
  const parts = where.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join(".");
    const found = places.find((place) => place.dataset.name === name);
    if (found) return found;
  }
  return places.find((place) => place.dataset.name.startsWith(`${where}.`));
}

/** Takes all errors away. */
export function clearProblems(form) {
  for (const error of form.querySelectorAll(".error")) error.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** Returns what an error says of each value: from its details, or from a sentence such as `spec 'x': seed: got -1`. */
function problems(error) {
  const details = error.details?.length > 0 ? error.details : [{ where: "body", message: error.message ?? "" }];
  return details.map(({ where, message }) => {
    const path = where.replace(/^body\.?/, "");
    const found = path === "" ? /^(?:\w+ '[^']*': )?([a-z_][a-z_0-9.]*): (.+)$/.exec(message) : null;
    return found ? { where: found[1], message: found[2] } : { where: path, message };
  });
}
