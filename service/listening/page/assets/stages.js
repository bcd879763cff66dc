/** The pages before and after the trials. Each fills an element, and calls back when its button is pressed. */

import { openAudio } from "./audio.js";
import "./headphone-check.js";
import { element, show } from "./html.js";
import { pinkNoise, RATE_HZ } from "./noises.js";
import { paragraphs } from "./paragraphs.js";
import { playButton } from "./play-button.js";
import { say } from "./texts.js";

const DEVICES = ["headphones", "monitors", "speakers", "other"];

/** Shows what one agrees to. */
export function showConsent(place, visit, { texts, language }, goOn) {
  show(
    place,
    heading(texts.title),
    paragraphs(texts.consent),
    element("p", { class: "soft" }, say("consent.data")),
    button(say("consent.agree")),
  );
  pressed(place, () => {
    visit.finishStage("consent", { language });
    goOn();
  });
}

/** Shows the question for what one listens with, and the headphone check. */
export function showDevice(place, visit, goOn) {
  show(
    place,
    heading(say("device")),
    element(
      "fieldset",
      { class: "choices" },
      element("legend", {}, say("device.question")),
      DEVICES.map((device) =>
        element(
          "label",
          { class: "card" },
          element("input", { type: "radio", name: "device", value: device }),
          " ",
          say(`device.${device}`),
        ),
      ),
    ),
    element(
      "section",
      { class: "panel", hidden: true },
      element("h2", {}, say("check")),
      element("p", {}, say("check.how")),
      element("button", { type: "button", class: "quiet begin" }, say("check.begin")),
      element("headphone-check"),
    ),
    element("p", { class: "missing", role: "status" }),
    button(say("continue")),
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
    heading(say("volume")),
    element("p", {}, say("volume.how")),
    playButton(say("volume.play"), { "aria-pressed": "false" }),
    element("p", {}, say("volume.keep")),
    button(say("continue")),
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
    const outputs = openAudio(RATE_HZ).destination.maxChannelCount;
    visit.finishStage("volume", { heard, outputs });
    goOn();
  });
}

/** Shows what is to be done, before the practice or the test. */
export function showIntroduction(place, texts, isPractice, goOn) {
  show(
    place,
    heading(isPractice ? say("practice") : say("test")),
    paragraphs(texts.instructions),
    paragraphs(isPractice ? texts.practice : say("test.pause")),
    button(isPractice ? say("practice.begin") : say("test.begin")),
  );
  pressed(place, goOn);
}

/** Shows that the participant is done. */
export function showThanks(place, visit, { texts, completion_url: completion }) {
  show(
    place,
    heading(say("thanks")),
    paragraphs(texts.thanks),
    completion && element("p", {}, element("a", { class: "button", href: completion }, say("thanks.completion"))),
    element(
      "p",
      {},
      say("thanks.withdraw"),
      " ",
      element("a", { href: `#withdraw=${visit.session}` }, say("withdraw")),
    ),
    element("p", { class: "soft" }, say("thanks.other")),
    element("button", { type: "button", class: "quiet another" }, say("thanks.another")),
  );
  place.querySelector(".another").addEventListener("click", () => {
    visit.end();
    location.reload();
  });
}

/** Shows a few words, and a button if there is something to press. */
export function showWords(place, title, text, label, act) {
  show(place, heading(title), paragraphs(text), label && button(label));
  if (label) pressed(place, act);
}

/** Asks whether all is to be deleted. */
export function showWithdrawal(place, withdraw, back) {
  show(
    place,
    heading(say("withdraw")),
    element("p", {}, say("withdraw.question")),
    element(
      "div",
      { class: "row" },
      button(say("withdraw.confirm")),
      element("button", { type: "button", class: "quiet back" }, say("withdraw.back")),
    ),
  );
  place.querySelector(".back").addEventListener("click", back);
  pressed(place, withdraw);
}

function heading(text) {
  return element("h1", { tabindex: -1 }, text);
}

function button(text) {
  return element("p", { class: "end" }, element("button", { type: "button", class: "next" }, text));
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
