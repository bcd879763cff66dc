/**
 * Elements and text. Nothing here reads markup: what a person typed is text, whatever it looks like.
 *
 *     place.append(element("p", { class: "soft" }, "Ends ", element("time", { datetime }, words)));
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns an element.
 *
 * @param name Of the element.
 * @param attributes Functions listen to the event of their name; true and false set or leave out; null leaves out.
 * @param children Elements, texts, numbers, lists of these; null, undefined and false leave nothing.
 */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Returns an element of a drawing; as `element`. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Makes what is given all that a place holds. */
export function show(place, ...children) {
  place.replaceChildren(...nodes(children));
}

/** Returns the one element of the page that a selector means. */
export function find(selector, within = document) {
  const found = within.querySelector(selector);
  if (found === null) throw new Error(`no ${selector} on this page`);
  return found;
}

/**
 * Leads the keyboard to an element after something has taken time, if what was used is gone.
 *
 * Whoever has gone on to another control meanwhile stays there: what they press next is meant for that one.
 */
export function lead(to) {
  const at = document.activeElement;
  if (at === null || at === document.body || at.disabled || at.closest("[hidden]") !== null) to.focus();
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...nodes(children));
  return made;
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
