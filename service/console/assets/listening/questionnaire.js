/** The questions that participants are asked after the trials. */

import { element } from "../html.js";
import { field, select } from "../form.js";
import { list, text } from "./values.js";

const KINDS = [
  ["choice", "one of some options"],
  ["choices", "any number of options"],
  ["text", "text"],
];

/** Returns the fields of a question, and what reads it. */
export function questionRow(question, name) {
  const asked = element("input", { value: question.text ?? "", maxlength: 200, required: true });
  const key = element("input", { value: question.key ?? "", maxlength: 64, required: true });
  const kind = select(KINDS);
  kind.value = question.kind ?? "choice";
  const options = element("textarea", { rows: 2 });
  options.value = (question.options ?? []).join("\n");
  const required = element("input", { type: "checkbox", checked: question.required ?? true });
  const choices = field(`${name}.options`, "Options, one a line", options);
  const follow = () => {
    choices.hidden = kind.value === "text";
  };
  kind.addEventListener("change", follow);
  follow();
  return {
    content: [
      field(`${name}.text`, "Question", asked),
      element(
        "div",
        { class: "together" },
        field(`${name}.kind`, "Answer", kind),
        field(`${name}.key`, "Key", key, "Its column in the export: small letters, digits, _."),
      ),
      choices,
      element("label", { class: "check" }, required, "has to be answered"),
    ],
    read: () => ({
      key: text(key),
      text: text(asked),
      kind: kind.value,
      options: kind.value === "text" ? [] : list(options),
      required: required.checked,
    }),
  };
}
