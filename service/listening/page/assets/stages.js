/** The pages before and after the trials. Each fills an element, and calls back when its button is pressed. */

import { openAudio } from "./audio.js";
import "./headphone-check.js";
import { html, paragraphs, show } from "./html.js";
import { pinkNoise, RATE_HZ } from "./noises.js";
import { say } from "./texts.js";

const DEVICES = ["headphones", "monitors", "speakers", "other"];

/** Shows what one agrees to. */
export function showConsent(place, visit, { texts }, goOn) {
  show(
    place,
    html`${heading(texts.title || say("title"))} ${paragraphs(texts.consent || say("consent"))}
      <p class="soft">${say("consent.data")}</p>
      ${button(say("consent.agree"))}`,
  );
  pressed(place, () => {
    visit.finishStage("consent");
    goOn();
  });
}

/** Shows the question for what one listens with, and the headphone check. */
export function showDevice(place, visit, goOn) {
  show(
    place,
    html`${heading(say("device"))}
      <fieldset class="choices">
        <legend>${say("device.question")}</legend>
        ${DEVICES.map(
          (device) => html`<label class="card"><input type="radio" name="device" value="${device}" />
            ${say(`device.${device}`)}</label>`,
        )}
      </fieldset>
      <section class="panel" hidden>
        <h2>${say("check")}</h2>
        <p>${say("check.how")}</p>
        <button type="button" class="quiet begin">${say("check.begin")}</button>
        <headphone-check></headphone-check>
      </section>
      <p class="missing" role="status"></p>
      ${button(say("continue"))}`,
  );
  const check = place.querySelector("headphone-check");
  const begin = place.querySelector(".begin");
  const chosen = () => place.querySelector("[name=device]:checked")?.value;
  place.querySelector("fieldset").addEventListener("change", () => {
    place.querySelector(".panel").hidden = chosen() !== "headphones";
    place.querySelector(".missing").textContent = "";
  });
  begin.addEventListener("click", () => {
    begin.hidden = true;
    check.prepare();
    check.querySelector(".play").focus();
  });
  pressed(place, () => {
    if (!chosen()) {
      place.querySelector(".missing").textContent = say("device.missing");
      return false;
    }
    visit.finishStage("device", { device: chosen(), ...(check.answer && { check: check.answer }) });
    goOn();
    return true;
  });
}

/** Shows how to set the volume. */
export function showVolume(place, visit, goOn, signal) {
  show(
    place,
    html`${heading(say("volume"))}
      <p>${say("volume.how")}</p>
      <button type="button" class="play" aria-pressed="false"
        ><span class="icon" aria-hidden="true"></span>${say("volume.play")}</button>
      <p>${say("volume.keep")}</p>
      ${button(say("continue"))}`,
  );
  const play = place.querySelector(".play");
  let noise = null;
  let heard = false;
  const stop = () => {
    noise?.stop();
    noise = null;
    play.setAttribute("aria-pressed", "false");
  };
  play.addEventListener("click", () => {
    if (noise) {
      stop();
      return;
    }
    const context = openAudio(RATE_HZ);
    noise = new AudioBufferSourceNode(context, { buffer: pinkNoise(), loop: true });
    noise.connect(context.destination);
    noise.start();
    heard = true;
    play.setAttribute("aria-pressed", "true");
  });
  signal.addEventListener("abort", stop);
  pressed(place, () => {
    stop();
    visit.finishStage("volume", { heard });
    goOn();
  });
}

/** Shows what is to be done, before the practice or the test. */
export function showIntroduction(place, texts, isPractice, goOn) {
  show(
    place,
    html`${heading(isPractice ? say("practice") : say("test"))}
      ${paragraphs(texts.instructions || say("instructions"))}
      ${isPractice ? paragraphs(texts.practice || say("practice.how")) : html`<p>${say("test.pause")}</p>`}
      ${button(isPractice ? say("practice.begin") : say("test.begin"))}`,
  );
  pressed(place, goOn);
}

/** Shows that the participant is done. */
export function showThanks(place, visit, { texts, completion_url: completion }) {
  show(
    place,
    html`${heading(say("thanks"))} ${paragraphs(texts.thanks || say("thanks.text"))}
      ${completion && html`<p><a class="button" href="${completion}">${say("thanks.completion")}</a></p>`}
      <p>${say("thanks.withdraw")} <a href="#withdraw=${visit.session}">${say("withdraw")}</a></p>
      <p class="soft">${say("thanks.other")}</p>
      <button type="button" class="quiet another">${say("thanks.another")}</button>`,
  );
  place.querySelector(".another").addEventListener("click", () => {
    visit.end();
    location.reload();
  });
}

/** Shows a few words, and a button if there is something to press. */
export function showWords(place, title, text, label, act) {
  show(place, html`${heading(title)} ${paragraphs(text)} ${label && button(label)}`);
  if (label) pressed(place, act);
}

/** Asks whether all is to be deleted. */
export function showWithdrawal(place, withdraw, back) {
  show(
    place,
    html`${heading(say("withdraw"))}
      <p>${say("withdraw.question")}</p>
      <div class="row">
        ${button(say("withdraw.confirm"))}
        <button type="button" class="quiet back">${say("withdraw.back")}</button>
      </div>`,
  );
  place.querySelector(".back").addEventListener("click", back);
  pressed(place, withdraw);
}

function heading(text) {
  return html`<h1 tabindex="-1">${text}</h1>`;
}

function button(text) {
  return html`<p class="end"><button type="button" class="next">${text}</button></p>`;
}

/** Lets the page's button do something, once, unless that says that it was not time. */
function pressed(place, act) {
  const next = place.querySelector(".next");
  next.addEventListener("click", () => {
    if (next.getAttribute("aria-disabled") === "true") return;
    if (act() !== false) next.setAttribute("aria-disabled", "true");
  });
  place.querySelector("h1").focus();
}
