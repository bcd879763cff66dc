/** Text becomes markup here and nowhere else: what is put into html`<p>${text}</p>` is escaped, unless it is markup. */

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) {
    this.text = text;
  }
}

/** Returns markup; lists are put in one after the other, and null, undefined and false leave nothing. */
export function html(pieces, ...values) {
  return new Markup(pieces.reduce((text, piece, index) => text + written(values[index - 1]) + piece));
}

/** Returns a paragraph for each that a text has, with an empty line in between. */
export function paragraphs(text) {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim())
    .map((paragraph) => html`<p>${paragraph.trim()}</p>`);
}

/** Makes markup what an element holds. */
export function show(element, markup) {
  if (!(markup instanceof Markup)) throw new TypeError("expected markup");
  element.innerHTML = markup.text;
}

function written(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(written).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
