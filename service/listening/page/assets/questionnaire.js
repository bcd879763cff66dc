/** The questions after the trials. Every change is saved. */

import { element, show } from "./html.js";
import { listed, say } from "./texts.js";

const TEXT_CHARACTERS = 2000;

/** Shows the questionnaire. */
export function showQuestionnaire(place, visit, state, goOn) {
  const fields = state.questionnaire;
  const answers = { ...state.questionnaire_saved };
  show(
    place,
    element("h1", { tabindex: -1 }, say("questionnaire")),
    element(
      "form",
      { novalidate: true },
      fields.map((field) => question(field, answers[field.key])),
      element("p", { class: "missing", role: "status" }),
      element("p", { class: "end" }, element("button", { class: "next" }, say("questionnaire.send"))),
    ),
  );
  const form = place.querySelector("form");
  let isSent = false;
  form.addEventListener("input", ({ target }) => {
    const field = fields.find(({ key }) => key === target.name);
    const checked = [...form.querySelectorAll(`[name="${field.key}"]:checked`)].map(({ value }) => value);
    // What is no number in its range is no answer; while it is typed it may not be one yet.
    const written = target.validity.valid ? target.value : "";
    answers[field.key] = field.kind === "choices" ? checked : written;
    visit.saveQuestionnaire(answers, false);
    place.querySelector(".missing").textContent = "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = fields.filter(({ key, required }) => required && !answers[key]?.length);
    if (missing.length > 0) {
      const names = listed(missing.map(({ text }) => text));
      place.querySelector(".missing").textContent = say("questionnaire.missing", { names });
      form.querySelector(`[name="${missing[0].key}"]`).focus();
    } else if (!isSent) {
      isSent = true;
      visit.saveQuestionnaire(answers, true);
      goOn();
    }
  });
  place.querySelector("h1").focus();
}

function question({ key, text, kind, options, option_texts: words, minimum, maximum, required }, answer) {
  const label = [text, !required && [" ", element("span", { class: "soft" }, say("questionnaire.optional"))]];
  const id = `question-${key}`;
  if (kind === "number") {
    const range = { ...(minimum !== null && { min: minimum }), ...(maximum !== null && { max: maximum }) };
    const input = { id, name: key, type: "number", step: "any", inputmode: "decimal", value: answer ?? "", ...range };
    return element(
      "div",
      { class: "question" },
      element("label", { for: id }, label),
      element("input", input),
    );
  }
  if (kind === "text") {
    return element(
      "div",
      { class: "question" },
      element("label", { for: id }, label),
      element("textarea", { id, name: key, rows: 3, maxlength: TEXT_CHARACTERS }, answer),
    );
  }
  const type = kind === "choice" ? "radio" : "checkbox";
  const isChosen = (option) => (kind === "choice" ? answer === option : answer?.includes(option));
  return element(
    "fieldset",
    { class: "choices question" },
    element("legend", {}, label),
    options.map((option, place) =>
      element(
        "label",
        { class: "card" },
        element("input", { type, name: key, value: option, checked: isChosen(option) }),
        " ",
        words[place],
      ),
    ),
  );
}
