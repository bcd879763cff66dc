/**
 * Pausing, going back to the start, repeating, and repeating only a part. Shares of the sound, never seconds: how long
 * a sound is would be one thing more to tell sounds apart by.
 *
 *     const controls = document.createElement("loop-controls");
 *     controls.prepare(player, { hasParts: true });
 */

import { element, show } from "./html.js";
import { say } from "./texts.js";

export class LoopControls extends HTMLElement {
  #player;

  /** Makes the parts; `hasParts` tells whether a part can be repeated. */
  prepare(player, { hasParts }) {
    this.#player = player;
    const repeat = element("input", { type: "checkbox", class: "repeat" });
    show(
      this,
      element(
        "div",
        { class: "row" },
        quiet("pause", say("pause")),
        quiet("rewind", say("rewind")),
        element("label", { class: "check" }, repeat, " ", say("repeat")),
      ),
      hasParts &&
        element(
          "details",
          { class: "part" },
          element("summary", {}, say("part")),
          ["begin", "end"].map(edgeFields),
          quiet("whole", say("part.whole")),
        ),
    );
    repeat.checked = player.repeat;
    repeat.addEventListener("change", () => {
      player.repeat = repeat.checked;
    });
    this.querySelector(".pause").addEventListener("click", () => player.pause());
    this.querySelector(".rewind").addEventListener("click", () => player.seek(player.region.begin));
    if (!hasParts) return;
    for (const slider of this.querySelectorAll("input[data-edge]")) {
      slider.addEventListener("input", () => {
        this.#move(slider.dataset.edge, (slider.valueAsNumber / 100) * player.duration);
      });
    }
    for (const here of this.querySelectorAll("button[data-edge]")) {
      here.addEventListener("click", () => this.#move(here.dataset.edge, player.position));
    }
    this.querySelector(".whole").addEventListener("click", () => this.#set({ begin: 0, end: player.duration }));
    this.#show();
  }

  #move(edge, seconds) {
    this.#set({ ...this.#player.region, [edge]: seconds });
  }

  #set(region) {
    this.#player.region = region;
    this.#show();
  }

  #show() {
    const region = this.#player.region;
    for (const slider of this.querySelectorAll("input[data-edge]")) {
      const share = Math.round((100 * region[slider.dataset.edge]) / this.#player.duration);
      slider.value = share;
      slider.setAttribute("aria-valuetext", say("part.share", { share }));
    }
  }
}

function edgeFields(edge) {
  const id = `part-${edge}`;
  const range = { type: "range", id, "data-edge": edge, min: 0, max: 100, step: 1 };
  return element(
    "div",
    { class: "edge" },
    element("label", { for: id }, say(`part.${edge}`)),
    element("input", range),
    element("button", { type: "button", class: "quiet", "data-edge": edge }, say(`part.${edge}.here`)),
  );
}

function quiet(name, text) {
  return element("button", { type: "button", class: `quiet ${name}` }, text);
}

customElements.define("loop-controls", LoopControls);
