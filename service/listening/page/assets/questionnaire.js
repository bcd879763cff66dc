/** The questions after the trials. Every change is saved. */

import { html, show } from "./html.js";
import { listed, say } from "./texts.js";

const TEXT_CHARACTERS = 2000;

/** Shows the questionnaire. */
export function showQuestionnaire(place, visit, state, goOn) {
  const fields = state.questionnaire;
  const answers = { ...state.questionnaire_saved };
  show(
    place,
    html`<h1 tabindex="-1">${say("questionnaire")}</h1>
      <form novalidate>
        ${fields.map((field) => question(field, answers[field.key]))}
        <p class="missing" role="status"></p>
        <p class="end"><button class="next">${say("questionnaire.send")}</button></p>
      </form>`,
  );
  const form = place.querySelector("form");
  let isSent = false;
  form.addEventListener("input", ({ target }) => {
    const field = fields.find(({ key }) => key === target.name);
    const checked = [...form.querySelectorAll(`[name="${field.key}"]:checked`)].map(({ value }) => value);
    answers[field.key] = field.kind === "choices" ? checked : target.value;
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

function question({ key, text, kind, options, required }, answer) {
  const label = html`${text}${!required && html` <span class="soft">${say("questionnaire.optional")}</span>`}`;
  if (kind === "text") {
    return html`<div class="question">
      <label for="question-${key}">${label}</label>
      <textarea id="question-${key}" name="${key}" rows="3" maxlength="${TEXT_CHARACTERS}">${answer}</textarea>
    </div>`;
  }
  const type = kind === "choice" ? "radio" : "checkbox";
  return html`<fieldset class="choices question">
    <legend>${label}</legend>
    ${options.map(
      (option) => html`<label class="card"><input type="${type}" name="${key}" value="${option}"
        ${(kind === "choice" ? answer === option : answer?.includes(option)) && html`checked`} /> ${option}</label>`,
    )}
  </fieldset>`;
}
