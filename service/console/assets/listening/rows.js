/**
 * A list that people make longer and shorter, such as the systems of a test or the questions after it.
 *
 *     const rows = new Rows({ name: "systems", label: "Systems", add: "Add a system", blank: () => ({}), row });
 *     form.append(rows.place);
 *     rows.set(spec.systems);
 *     spec.systems = rows.get();
 *
 * `row(item, name)` returns `{ content, read }`: elements, and what returns the item as it is now.
 */

import { element, show } from "../html.js";

/** The list, in its own part of a form. */
export class Rows {
  #options;
  #holder = element("div", { class: "rows" });
  #read = [];

  /**
   * @param options `name` of the value, `label` and `hint` of the list, `add` on the button, `noun` of one item,
   *   `blank`, what returns a new item, `row`, `least` number of items.
   */
  constructor(options) {
    this.#options = { least: 0, hint: "", ...options };
    const { name, label, hint, add, blank } = this.#options;
    const button = element(
      "button",
      {
        type: "button",
        class: "quiet small",
        click: () => {
          this.set([...this.get(), blank()]);
          this.#holder.lastElementChild.querySelector("input, select").focus();
          this.#changed();
        },
      },
      add,
    );
    this.place = element(
      "fieldset",
      { class: "field", "data-name": name },
      element("legend", {}, label),
      hint ? element("p", { class: "hint" }, hint) : null,
      element("p", { class: "error" }),
      this.#holder,
      button,
    );
  }

  /** Shows items. */
  set(items) {
    const { name, noun, least, row } = this.#options;
    this.#read = [];
    show(
      this.#holder,
      items.map((item, place) => {
        const { content, read } = row(item, `${name}.${place}`);
        this.#read.push(read);
        const remove = element(
          "button",
          {
            type: "button",
            class: "quiet small",
            "aria-label": `Remove ${noun} ${place + 1}`,
            click: () => {
              this.set(this.get().filter((_, other) => other !== place));
              this.place.querySelector(".rows + button").focus();
              this.#changed();
            },
          },
          "Remove",
        );
        return element("div", { class: "one-row" }, element("div", {}, content), items.length > least ? remove : null);
      }),
    );
  }

  /** Returns the items as they are now. */
  get() {
    return this.#read.map((read) => read());
  }

  #changed() {
    this.place.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
