/** The line above the page: what went wrong, what was done, and whether the server is there. */

import { element, find, show } from "./html.js";
import { connection } from "./server.js";

const FOUND_SECONDS = 4;

const place = find("#notice");
let away = false;

/** Says that something went well. */
export function say(text) {
  line("good", "status", text);
}

/** Says what went wrong, in the words of the error. */
export function fail(error) {
  if (error.name === "AbortError") return;
  line("alert", "alert", error.message);
  if (error.name !== "ServerError" && error.name !== "Unreachable") console.error(error);
}

/** Takes away what was said, unless the server is away. */
export function clear() {
  if (!away) show(place);
}

/** Returns what does something and says so if it fails: `element("button", { click: trying(save) })`. */
export function trying(act) {
  return async (...given) => {
    try {
      clear();
      return await act(...given);
    } catch (error) {
      fail(error);
      return undefined;
    }
  };
}

function line(kind, role, text) {
  const close = element("button", { type: "button", class: "quiet small", click: () => show(place) }, "Close");
  show(
    place,
    element("div", { class: `notice ${kind}` }, element("p", { role }, text), kind === "wait" ? null : close),
  );
}

connection.addEventListener("lost", () => {
  if (away) return;
  away = true;
  line("wait", "status", "The server is away; trying again.");
});

connection.addEventListener("found", () => {
  if (!away) return;
  away = false;
  line("good", "status", "The server is back.");
  const said = place.firstChild;
  setTimeout(() => {
    if (place.firstChild === said) show(place);
  }, 1000 * FOUND_SECONDS);
});
