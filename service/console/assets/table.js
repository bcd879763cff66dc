/**
 * Tables, and lists that come in pieces.
 *
 *     const columns = [
 *       { title: "Name", cell: (corpus) => element("a", { href: `/corpora/${corpus.id}` }, corpus.name) },
 *       { title: "Sounds", cell: (corpus) => count(corpus.sounds_usable), number: true },
 *     ];
 *     const list = new PagedTable(place, "/v1/corpora", { label: "Corpora", columns, empty });
 *     await list.load();
 */

import { element, show } from "./html.js";
import { trying } from "./notice.js";
import { get } from "./server.js";

/**
 * Returns a table that scrolls in a box of its own.
 *
 * @param label What it shows, for who cannot see it.
 * @param columns List of `{ title, cell, number }`: `cell` returns what to show of an item, `number` aligns figures.
 * @param items One a row.
 */
export function table(label, columns, items) {
  return element(
    "div",
    { class: "scrolls", tabindex: "0", role: "region", "aria-label": label },
    // On a narrow screen rows are laid out as cards, of which browsers would not know any more that they are rows.
    element(
      "table",
      { role: "table" },
      element(
        "thead",
        { role: "rowgroup" },
        element(
          "tr",
          { role: "row" },
          columns.map(({ title, number }) => heading(title, number)),
        ),
      ),
      element(
        "tbody",
        { role: "rowgroup" },
        items.map((item) => row(columns, item)),
      ),
    ),
  );
}

/** Returns names and values: `facts([["Sounds", count(926)], ["Length", duration(462)]])`. */
export function facts(pairs) {
  return element(
    "dl",
    { class: "facts" },
    pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

/** Returns what stands where there is nothing yet. */
export function empty(...children) {
  return element("div", { class: "empty" }, ...children);
}

/** A list of the API, in pieces, as many as are asked for. What shows them says how a piece is shown, and one behind it. */
export class PagedList {
  #place;
  #path;
  #options;
  #limit;
  #shown = 0;
  #said = "";

  /**
   * @param place What holds it.
   * @param path Of the list.
   * @param options `made`, which returns the element that shows items; `parts`, which returns those of further items, and
   *   where they belong in that element; `empty`, shown where there are no items; `limit` of a piece.
   */
  constructor(place, path, { limit = 50, ...options }) {
    this.#place = place;
    this.#path = path;
    this.#options = options;
    this.#limit = limit;
  }

  /** Shows the list from its begin, as far as it was shown; parameters of the query stay if none are given. */
  async load(parameters = this.parameters ?? {}, signal = undefined) {
    const same = JSON.stringify(parameters) === JSON.stringify(this.parameters);
    this.parameters = parameters;
    const { items, next } = await this.#piece(null, same ? Math.max(this.#limit, this.#shown) : this.#limit, signal);
    if (JSON.stringify(parameters) !== JSON.stringify(this.parameters)) return items;
    this.#shown = items.length;
    if (items.length === 0) {
      this.#said = "";
      show(this.#place, this.#options.empty);
      return items;
    }
    const said = JSON.stringify(items);
    if (said === this.#said) return items;
    this.#said = said;
    // Who is at a link or a control with the keyboard stays there.
    const at = this.#place.contains(document.activeElement) ? selectorOf(document.activeElement) : null;
    const made = this.#options.made(items);
    show(this.#place, made, this.#more(made, next));
    if (at !== null) this.#place.querySelector(at)?.focus();
    return items;
  }

  #more(made, next) {
    if (next === null) return null;
    const button = element(
      "button",
      {
        type: "button",
        class: "quiet",
        click: trying(async () => {
          const piece = await this.#piece(next, this.#limit);
          const [body, parts] = this.#options.parts(made, piece.items);
          body.append(...parts);
          this.#shown += parts.length;
          const following = this.#more(made, piece.next);
          if (following) button.replaceWith(following);
          else button.remove();
          parts[0]?.querySelector("a, button")?.focus();
        }),
      },
      "Show more",
    );
    return button;
  }

  #piece(after, limit, signal) {
    const query = new URLSearchParams({ ...this.parameters, limit: String(Math.min(limit, 500)) });
    if (after !== null) query.set("after", after);
    return get(`${this.#path}?${query}`, signal);
  }
}

/** A list of the API as a table. */
export class PagedTable extends PagedList {
  /**
   * @param place What holds it.
   * @param path Of the list.
   * @param options `label` and `columns` as for `table`; `empty` and `limit` as for every list.
   */
  constructor(place, path, { label, columns, ...options }) {
    super(place, path, {
      made: (items) => table(label, columns, items),
      parts: (made, items) => [made.querySelector("tbody"), items.map((item) => row(columns, item))],
      ...options,
    });
  }
}

/** Returns what finds an element again once it is drawn anew: by its id or its link; null if it has neither. */
function selectorOf(one) {
  if (one.id) return `#${CSS.escape(one.id)}`;
  return one.hasAttribute("href") ? `[href="${CSS.escape(one.getAttribute("href"))}"]` : null;
}

function heading(title, number) {
  return element("th", { scope: "col", role: "columnheader", class: number ? "number" : null }, title);
}

function row(columns, item) {
  return element(
    "tr",
    { role: "row" },
    columns.map(({ title, cell, number }) =>
      element(
        "td",
        { role: "cell", class: number ? "number" : null, "data-title": typeof title === "string" ? title : null },
        cell(item),
      ),
    ),
  );
}
