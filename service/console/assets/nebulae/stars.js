/** Stars: which nebulae somebody wants to find again. */

import { element } from "../html.js";
import { trying } from "../notice.js";
import { send } from "../server.js";
import { may } from "../session.js";

/** Returns the button that stars a nebula and takes the star away; for who may not, null. */
export function starButton({ name, title, starred }) {
  if (!may("experimenter")) return null;
  let is = starred;
  const showStar = () => {
    button.setAttribute("aria-pressed", String(is));
    button.textContent = is ? "★" : "☆";
  };
  const turn = trying(async () => {
    await send(is ? "DELETE" : "PUT", `/v1/nebulae/${encodeURIComponent(name)}/star`);
    is = !is;
    showStar();
  });
  const button = element("button", { type: "button", class: "star", "aria-label": `Star ${title}`, click: turn });
  showStar();
  return button;
}
