/**
 * Text to be taken elsewhere: in a field of its own, with a button that copies it.
 *
 *     place.append(copyable("Link for participants", address));
 */

import { element } from "./html.js";

const SAID_SECONDS = 3;

/**
 * Returns text with a button that copies it.
 *
 * @param label What the text is.
 * @param text To be copied.
 * @param isMain Whether copying it is what the page is for now.
 */
export function copyable(label, text, { isMain = false } = {}) {
  const id = `copy-${label.toLowerCase().replaceAll(" ", "-")}`;
  const input = element("input", { id, class: "mono", readonly: true, value: text });
  const said = element("span", { class: "hidden-text", role: "status" });
  const button = element(
    "button",
    {
      type: "button",
      class: isMain ? null : "quiet",
      "aria-label": `Copy ${label.toLowerCase()}`,
      click: async () => {
        input.select();
        // Browsers have the newer way only on this machine and behind TLS.
        if (navigator.clipboard) await navigator.clipboard.writeText(text);
        else document.execCommand("copy");
        [button.textContent, said.textContent] = ["Copied", "Copied"];
        setTimeout(() => {
          [button.textContent, said.textContent] = ["Copy", ""];
        }, 1000 * SAID_SECONDS);
      },
    },
    "Copy",
  );
  return element(
    "div",
    { class: "copyable" },
    element("label", { for: id }, label),
    element("div", { class: "row" }, input, button),
    said,
  );
}
