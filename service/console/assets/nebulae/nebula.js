/** One nebula: heard by seed, shaped by hand, and kept under a new name. */

import { confirmed } from "../dialog.js";
import { element, find, show } from "../html.js";
import { clear, trying } from "../notice.js";
import { counted } from "../numbers.js";
import { blob, create, get, send } from "../server.js";
import { may, subject } from "../session.js";
import { moment } from "../time.js";
import { Card, grouped } from "./card.js";
import { named } from "./naming.js";
import { address } from "./origins.js";
import { takeAlong } from "./presets.js";
import { keys, onKey, Seeds } from "./seeds.js";

const STILL_SECONDS = 0.12;

const path = `/v1/nebulae/${encodeURIComponent(subject)}`;

/** A nebula on its page, what hands have made of it so far, and how that sounds. */
class Workbench {
  #nebula;
  #cards;
  #seeds;
  #timer = 0;
  #asked = new AbortController();
  #before = false;
  #leaving = (event) => event.preventDefault();

  constructor(nebula) {
    this.#nebula = nebula;
    const others = nebula.components.slice(1);
    this.#cards = nebula.parameters.map((parameter, column) => {
      const beside = others.map(({ curves, falls, symmetric }) => ({
        curve: curves[column],
        fall: falls[column],
        symmetric: symmetric[column],
      }));
      return new Card(parameter, () => this.#changed(), beside);
    });
    const unshaped = (seed) => `${path}/sounds/${seed}.flac`;
    this.#seeds = new Seeds(find("#seeds"), unshaped, (seed) => this.#sound(seed));
    show(find("#parameters"), grouped(nebula.parameters, this.#cards));
    show(find("#filter"), this.#filter());
    this.#showState();
    onKey((key) => {
      if (key === "b" && this.#count > 0) this.#turn(!this.#before);
    });
  }

  get #count() {
    return this.#cards.filter((card) => card.isChanged).length;
  }

  /** What is on the page, as a nebula's file has it, with the draws together that were and among what it is mixed with. */
  get #shaped() {
    const shapes = this.#nebula.parameters.map(({ module, name }, place) => {
      return [`${module}.${name}`, this.#cards[place].shape];
    });
    const nebula = { version: 1, synth: this.#nebula.synth, parameters: Object.fromEntries(shapes) };
    const { name, correlated, components } = this.#nebula;
    return {
      nebula,
      ...(correlated && { correlation_of: name }),
      ...(components.length > 1 && { others_of: name }),
    };
  }

  async #sound(seed) {
    if (this.#count === 0 || this.#before) return `${path}/sounds/${seed}.flac`;
    // Whoever asked before is not heard any more.
    this.#asked.abort();
    this.#asked = new AbortController();
    return URL.createObjectURL(await blob("/v1/nebulae/preview", { ...this.#shaped, seed, loudness: "matched" }, this.#asked.signal));
  }

  #changed() {
    this.#before = false;
    this.#showState();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#seeds.replay(), 1000 * STILL_SECONDS);
  }

  #turn(before) {
    this.#before = before;
    this.#showState();
    this.#seeds.replay();
  }

  #resetAll() {
    for (const card of this.#cards) card.reset();
    this.#changed();
    find("#filter input").focus();
  }

  async #save() {
    const made = await named(
      "Save as a new nebula",
      "Save",
      ({ name }) => create("/v1/nebulae", { name, ...this.#shaped }),
      { name: this.#nebula.origin === "kept" ? `${this.#nebula.name} 2`.slice(0, 64) : "" },
    );
    if (made === null) return;
    removeEventListener("beforeunload", this.#leaving);
    location.assign(address(made));
  }

  #showState() {
    const count = this.#count;
    this.#seeds.pictured(count === 0 || this.#before);
    if (count > 0) addEventListener("beforeunload", this.#leaving);
    else removeEventListener("beforeunload", this.#leaving);
    const turned = (text, before) =>
      element(
        "button",
        { type: "button", "aria-pressed": String(this.#before === before), click: () => this.#turn(before) },
        text,
      );
    const place = find("#shaping");
    if (count === 0) {
      show(place, element("span", { class: "soft", role: "status" }, "Drag a curve below, and hear the change."));
      return;
    }
    const focused = place.contains(document.activeElement) ? document.activeElement.textContent : null;
    show(
      place,
      element(
        "div",
        { class: "row" },
        element(
          "div",
          { class: "tabs", role: "group", "aria-label": "What is heard" },
          turned("Shaped", false),
          turned("Before", true),
        ),
        element("span", { class: "hint touchless" }, keys("B"), " turns"),
      ),
      element(
        "div",
        { class: "row" },
        element("span", { class: "soft", role: "status" }, `${counted(count, "parameter")} changed`),
        element("button", { type: "button", class: "quiet small", click: () => this.#resetAll() }, "Reset all"),
        may("experimenter") &&
          element("button", { type: "button", class: "small", click: trying(() => this.#save()) }, "Save as new"),
      ),
    );
    [...place.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
  }

  #filter() {
    const words = element("input", { type: "search", "aria-label": "Filter by name", placeholder: "Filter by name" });
    const changed = element("input", { type: "checkbox" });
    const none = element("p", { class: "soft", hidden: true, role: "status" }, "No parameter fits.");
    const sections = [...document.querySelectorAll(".module")];
    const open = (every) => {
      for (const section of sections) section.open = every;
    };
    const opens = (words, every) =>
      element("button", { type: "button", class: "quiet small", click: () => open(every) }, words);
    const apply = () => {
      const wanted = words.value.toLowerCase().split(/\s+/);
      for (const card of this.#cards) {
        const named = wanted.every((word) => card.place.dataset.path.includes(word));
        card.place.hidden = !(named && (!changed.checked || card.isChanged));
      }
      for (const section of sections) {
        section.hidden = section.querySelector(".parameter:not([hidden])") === null;
        // What was looked for is seen.
        if (words.value || changed.checked) section.open = true;
      }
      none.hidden = sections.some((section) => !section.hidden);
    };
    words.addEventListener("input", apply);
    changed.addEventListener("change", apply);
    return [
      element(
        "p",
        { class: "soft" },
        "Left: how an even draw, across, becomes a value, up. Right: where the values fall. Drag a curve and listen: ",
        "1 is straight, below 1 leans to the low end, above 1 to the high end.",
      ),
      element(
        "div",
        { class: "row filter" },
        words,
        element("label", { class: "check" }, changed, "Changed only"),
        element("div", { class: "row" }, opens("Open all", true), opens("Fold all", false)),
      ),
      none,
    ];
  }
}

function mixtureWords(components) {
  const shares = components.map(({ weight }) => `${Math.round(100 * weight)} %`);
  return `a mixture of ${components.length} components, ${shares.join(", ")}; the first is shaped here, over the others`;
}

function showActions(nebula) {
  const rename = trying(async () => {
    const made = await named("Rename", "Rename", ({ name }) => send("PATCH", path, { name }), { name: nebula.name });
    if (made) location.assign(address(made));
  });
  const remove = trying(async () => {
    clear();
    if (!(await confirmed(`Delete “${nebula.title}”?`, "This cannot be taken back.", "Delete"))) return;
    await send("DELETE", path);
    location.assign("/nebulae");
  });
  const mine = may("experimenter") && nebula.origin === "kept";
  show(
    find("#actions"),
    element("a", { class: "button quiet", href: `/nebulae/compare?a=${encodeURIComponent(nebula.name)}` }, "Compare"),
    element("a", { class: "button quiet", href: `${path}/export`, download: true }, "Export JSON"),
    element("button", { type: "button", class: "quiet", click: trying(() => takeAlong(nebula, path)) }, "Presets"),
    mine && element("button", { type: "button", class: "quiet", click: rename }, "Rename"),
    mine && element("button", { type: "button", class: "quiet", click: remove }, "Delete"),
  );
  show(
    find("#origin"),
    element("span", { class: "badge" }, nebula.origin),
    element("span", { class: "soft" }, `a nebula of ${nebula.synth}`),
    nebula.components.length > 1 && element("span", { class: "soft" }, mixtureWords(nebula.components)),
    nebula.correlated && element("span", { class: "soft" }, "some of its draws go together"),
    nebula.created_at && element("span", { class: "soft" }, moment(nebula.created_at)),
    nebula.study_id && element("a", { href: `/studies/${nebula.study_id}` }, "its study"),
  );
}

await trying(async () => {
  const nebula = await get(path);
  find("h1").textContent = nebula.title;
  document.title = `${nebula.title} – Nebula`;
  showActions(nebula);
  new Workbench(nebula);
  for (const section of document.querySelectorAll("main > section")) section.hidden = false;
})();
