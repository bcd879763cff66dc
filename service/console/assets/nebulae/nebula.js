/** One nebula: heard by seed, shaped by hand or varied by chance, and kept under a new name. */

import { confirmed } from "../dialog.js";
import { element, find, show } from "../html.js";
import { clear, trying } from "../notice.js";
import { counted } from "../numbers.js";
import { blob, create, get, post, send } from "../server.js";
import { may, subject } from "../session.js";
import { shareButton } from "../sharing.js";
import { moment } from "../time.js";
import { aroundSound } from "./around.js";
import { Card, grouped } from "./card.js";
import { named } from "./naming.js";
import { about, address } from "./origins.js";
import { takeAlong } from "./presets.js";
import { keys, onKey, Seeds } from "./seeds.js";
import { starButton } from "./stars.js";
import { onKeys, Steps } from "./steps.js";
import { varying } from "./vary.js";

const STILL_SECONDS = 0.12;

const path = `/v1/nebulae/${encodeURIComponent(subject)}`;

/** How many components of a mixture are drawn, and their weights said: one around a bank has hundreds. */
const MOST_DRAWN = 9;

/** A nebula on its page, what hands have made of it so far, and how that sounds. */
class Workbench {
  #nebula;
  #cards;
  #seeds;
  #steps;
  #timer = 0;
  #asked = new AbortController();
  #before = false;
  #leaving = (event) => event.preventDefault();

  constructor(nebula) {
    this.#nebula = nebula;
    const others = nebula.components.slice(1, MOST_DRAWN);
    this.#cards = nebula.parameters.map((parameter, column) => {
      const beside = others.map(({ curves, falls, symmetric }) => ({
        curve: curves[column],
        fall: falls[column],
        symmetric: symmetric[column],
      }));
      return new Card(
        parameter,
        () => this.#changed(),
        () => this.#settled(),
        beside,
      );
    });
    const unshaped = (seed) => `${path}/sounds/${seed}.flac`;
    const around = trying(() => aroundSound(nebula, this.#seeds.last));
    const surround =
      may("experimenter") &&
      element("button", { type: "button", class: "quiet small", click: around }, "Around a sound");
    this.#seeds = new Seeds(find("#seeds"), unshaped, (seed) => this.#sound(seed), surround);
    show(find("#parameters"), grouped(nebula.parameters, this.#cards));
    show(find("#filter"), this.#filter());
    this.#steps = new Steps(this.#shapes, (shapes) => this.#return(shapes));
    onKeys(this.#steps, () => this.#cards.some((card) => card.isBeingWritten));
    show(
      find("#varying"),
      varying((width, seed) => this.#vary(width, seed)),
      this.#steps.buttons,
    );
    this.#showState();
    onKey((key) => {
      if (key === "b" && this.#count > 0) this.#turn(!this.#before);
    });
  }

  get #count() {
    return this.#cards.filter((card) => card.isChanged).length;
  }

  get #shapes() {
    return this.#cards.map(({ shape }) => shape);
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

  #settled() {
    this.#steps.put(this.#shapes);
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

  /** Makes of all cards what they were at some step. */
  #return(shapes) {
    this.#cards.forEach((card, place) => card.bend(shapes[place]));
    this.#changed();
  }

  async #vary(width, seed) {
    const before = this.#shapes;
    const locked = this.#nebula.parameters
      .filter((_, place) => this.#cards[place].isLocked)
      .map(({ module, name }) => `${module}.${name}`);
    const { nebula } = this.#shaped;
    const { curves, falls, symmetric } = await post("/v1/nebulae/variations", { nebula, width, seed, locked });
    // Whoever has gone on by hand meanwhile keeps what they made.
    if (this.#shapes.some((shape, place) => shape !== before[place])) return;
    this.#cards.forEach((card, place) =>
      card.bend({ curve: curves[place], fall: falls[place], symmetric: symmetric[place] }),
    );
    this.#changed();
    this.#settled();
  }

  #resetAll() {
    for (const card of this.#cards) card.reset();
    this.#changed();
    this.#settled();
    find("#filter input").focus();
  }

  async #save() {
    const made = await named(
      "Save as a new nebula",
      "Save",
      ({ name }) => create("/v1/nebulae", { name, ...this.#shaped, saved_from: this.#nebula.name }),
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
  const shares = components.slice(0, MOST_DRAWN).map(({ weight }) => `${Number((100 * weight).toPrecision(2))} %`);
  const more = components.length - shares.length;
  const all = `${shares.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return `a mixture of ${components.length} components, ${all}; the first is shaped here, over the others`;
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
    element("button", { type: "button", class: "quiet", click: trying(() => takeAlong(nebula, path)) }, "Sounds and presets"),
    shareButton({ nebula: nebula.name }),
    mine && element("button", { type: "button", class: "quiet", click: rename }, "Rename"),
    mine && element("button", { type: "button", class: "quiet", click: remove }, "Delete"),
  );
  show(
    find("#origin"),
    starButton(nebula),
    element("span", { class: "badge" }, nebula.origin),
    element("span", { class: "soft" }, `a nebula of ${nebula.synth}`),
    nebula.components.length > 1 && element("span", { class: "soft" }, mixtureWords(nebula.components)),
    nebula.correlated && element("span", { class: "soft" }, "some of its draws go together"),
    nebula.created_at && element("span", { class: "soft" }, moment(nebula.created_at)),
    element("span", { class: "soft" }, about(nebula)),
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
