/**
 * Which synthesizer: one that is listed, a plugin among them, or another by its name, such as a member of a family.
 *
 *     const choice = new SynthChoice(synths, (synth) => starts.push(synth.start));
 *     form.append(choice.place);
 *     choice.value = "voice";
 */

import { field, select } from "../form.js";
import { element, lead } from "../html.js";
import { get } from "../server.js";

const PLUGIN = "plugin:";

// No synthesizer has a name with spaces.
const OTHER = "another by name";

/** A select with a field for the name of a synthesizer that it does not list. */
export class SynthChoice {
  #items;
  #added;
  #input = element("input", { autocomplete: "off", spellcheck: "false", autocapitalize: "none" });
  #named;
  #before = "";

  /**
   * @param synths As the API lists them: `items`, to which another one is added, and `families`.
   * @param added Told of a synthesizer that was not listed, before the control has its name.
   */
  constructor({ items, families }, added) {
    this.#items = items;
    this.#added = added;
    const options = items.map(({ name, ready, reason }) => [name, ready ? called(name) : `${called(name)} – ${reason}`, !ready]);
    this.control = select([...options, [OTHER, "another, by its name …"]]);
    const forms = families.map(({ form, description, example }) => `${form}: ${description}, such as ${example}.`);
    this.#named = field("other-synth", "Called", this.#input, forms.join(" "));
    this.#named.hidden = true;
    this.place = element("div", {}, field("synth", "Synthesizer", this.control, "Whose random sounds are tuned.", ["synth"]), this.#named);
    this.control.addEventListener("input", (event) => this.#chosen(event));
    // It is no value of the form until it is known to be one.
    this.#input.addEventListener("input", (event) => event.stopPropagation());
    this.#input.addEventListener("change", () => this.#name());
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#name();
    });
  }

  /** The name of the one that is chosen. */
  get value() {
    return this.control.value;
  }

  set value(name) {
    if (![...this.control.options].some(({ value }) => value === name))
      this.control.lastElementChild.before(element("option", { value: name }, called(name)));
    this.control.value = this.#before = name;
  }

  #chosen(event) {
    const isOther = this.control.value === OTHER;
    this.#named.hidden = !isOther;
    if (!isOther) {
      this.#before = this.control.value;
      return;
    }
    event.stopImmediatePropagation();
    this.control.value = this.#before;
    this.#input.focus();
  }

  async #name() {
    const name = this.#input.value.trim();
    if (!name || this.#named.hidden) return;
    const error = this.#named.querySelector(".error");
    error.textContent = "";
    this.#input.removeAttribute("aria-invalid");
    try {
      const synth = await get(`/v1/synths/${encodeURIComponent(name)}`);
      if (!synth.ready) throw new Error(synth.reason);
      if (this.#named.hidden) return;
      this.#enter(synth);
    } catch (failure) {
      error.textContent = failure.message;
      this.#input.setAttribute("aria-invalid", "true");
    }
  }

  #enter(synth) {
    if (!this.#items.some(({ name }) => name === synth.name)) {
      this.#items.push(synth);
      this.#added(synth);
    }
    this.value = synth.name;
    this.#named.hidden = true;
    lead(this.control);
    this.control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function called(name) {
  return name.startsWith(PLUGIN) ? `plugin ${name.split("/").pop()}` : name;
}
