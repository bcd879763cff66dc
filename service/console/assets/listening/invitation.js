/** How people come to an open test: a link and its picture, by the address at which they reach this server. */

import { copyable } from "../copy.js";
import { element, show } from "../html.js";

// Addresses at which a server is reached from its own computer only.
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const KEY = "nebula-address";

/** Returns what invites people to a test. */
export function invitation({ id, invite }) {
  const link = element("div", { class: "invitation" });
  const field = element("input", { id: "address", type: "url", value: localStorage.getItem(KEY) ?? location.origin });
  const problem = element("p", { class: "error", id: "address-error", role: "status" });
  field.setAttribute("aria-describedby", "address-error address-hint");
  field.addEventListener("input", () => {
    const origin = originOf(field.value);
    field.setAttribute("aria-invalid", String(origin === null));
    if (origin !== null) localStorage.setItem(KEY, origin);
    draw();
  });
  function draw() {
    const origin = originOf(field.value);
    const isLocal = origin !== null && LOOPBACK.test(new URL(origin).hostname);
    problem.textContent = origin === null ? "Expected an address such as https://lab.example.org" : "";
    if (isLocal) {
      problem.textContent =
        "Only this computer reaches this address. Give the one at which others reach the server, and have it served " +
        "there: nebula serve --host 0.0.0.0, or a proxy.";
    }
    if (origin !== null) show(link, linkTo(id, origin, invite));
  }
  draw();
  return element(
    "section",
    { class: "panel" },
    element("h2", {}, "Invite people"),
    element(
      "div",
      { class: "field" },
      element("label", { for: "address" }, "Address of this server, as others reach it"),
      field,
      element("p", { class: "hint", id: "address-hint" }, "This browser remembers it."),
      problem,
    ),
    link,
  );
}

function linkTo(id, origin, invite) {
  return [
    element(
      "div",
      {},
      element("p", {}, "Whoever has this link can take part, without a key. Each browser is one participant."),
      copyable("Link for participants", `${origin}${invite}`, { isMain: true }),
      element(
        "p",
        { class: "hint" },
        "Recruiters' parameters such as PROLIFIC_PID can be added to it, and come back with the answers.",
      ),
    ),
    element("img", {
      src: `/v1/listening-tests/${id}/invite.svg?origin=${encodeURIComponent(origin)}`,
      alt: "QR code of the link for participants",
      width: 160,
      height: 160,
    }),
  ];
}

/** Returns scheme, host and port of an address; null if it is none that a browser opens. */
function originOf(text) {
  try {
    const address = new URL(text.trim());
    return /^https?:$/.test(address.protocol) ? address.origin : null;
  } catch {
    return null;
  }
}
