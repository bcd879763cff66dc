/**
 * Pausing, going back to the start, repeating, and repeating only a part. Shares of the sound, never seconds: how long
 * a sound is would be one thing more to tell sounds apart by.
 *
 *     const controls = document.createElement("loop-controls");
 *     controls.prepare(player, { hasParts: true });
 */

import { html, show } from "./html.js";
import { say } from "./texts.js";

export class LoopControls extends HTMLElement {
  #player;

  /** Makes the parts; `hasParts` tells whether a part can be repeated. */
  prepare(player, { hasParts }) {
    this.#player = player;
    show(
      this,
      html`<div class="row">
          <button type="button" class="quiet pause">${say("pause")}</button>
          <button type="button" class="quiet rewind">${say("rewind")}</button>
          <label class="check"><input type="checkbox" class="repeat" /> ${say("repeat")}</label>
        </div>
        ${
          hasParts &&
          html`<details class="part">
            <summary>${say("part")}</summary>
            ${["begin", "end"].map(
              (edge) => html`<div class="edge">
                <label for="part-${edge}">${say(`part.${edge}`)}</label>
                <input type="range" id="part-${edge}" data-edge="${edge}" min="0" max="100" step="1" />
                <button type="button" class="quiet" data-edge="${edge}">${say(`part.${edge}.here`)}</button>
              </div>`,
            )}
            <button type="button" class="quiet whole">${say("part.whole")}</button>
          </details>`
        }`,
    );
    const repeat = this.querySelector(".repeat");
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

customElements.define("loop-controls", LoopControls);
