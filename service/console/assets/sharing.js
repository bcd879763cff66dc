/**
 * Links for others: a button that opens a dialog, in which links to a study or a nebula are made, copied and withdrawn.
 *
 *     place.append(shareButton({ study: id }));
 *     place.append(shareButton({ nebula: name }));
 */

import { copyable } from "./copy.js";
import { told } from "./dialog.js";
import { element, lead, show } from "./html.js";
import { trying } from "./notice.js";
import { create, get, send } from "./server.js";
import { may } from "./session.js";
import { moment } from "./time.js";

const SHOWN = {
  study:
    "Whoever has the link sees what this study has come to, its name and its target’s name, and hears six sounds of each side, " +
    "without a key. Recordings of a corpus are not shared, nor are the spec, the parameters or anything else.",
  nebula:
    "Whoever has the link sees the name of this nebula and its synthesizer, and hears six of its sounds, without a key. " +
    "Its parameters are not shared, nor is anything else.",
};

// Addresses at which a server is reached from its own computer only.
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Returns a button that shares a study or a nebula; null for those who may not. */
export function shareButton(subject) {
  if (!may("experimenter")) return null;
  const open = trying(async () => {
    const place = element("div", {});
    await draw(place, subject);
    await told("Links for others", place);
  });
  return element("button", { type: "button", class: "quiet", click: open }, "Share");
}

async function draw(place, subject) {
  const { items } = await get(`/v1/links?${new URLSearchParams(subject)}`);
  const problem = element("p", { class: "error", role: "alert" });

  /** Returns what does something to the links, and shows them as they are then, or what went wrong. */
  function changing(act) {
    return async () => {
      try {
        await act();
        await draw(place, subject);
        lead(place.querySelector("input") ?? place.querySelector("button"));
      } catch (error) {
        problem.textContent = error.message;
      }
    };
  }

  function row({ id, path, created_at: made }, number) {
    const withdraw = changing(() => send("DELETE", `/v1/links/${id}`));
    const words = items.length === 1 ? "Link" : `Link ${number + 1}`;
    return element(
      "div",
      { class: "shared-link" },
      copyable(words, location.origin + path, { isMain: number === 0 }),
      element(
        "button",
        { type: "button", class: "danger", "aria-label": `Withdraw ${words.toLowerCase()}`, click: withdraw },
        "Withdraw",
      ),
      element("span", { class: "hint" }, "made ", moment(made)),
    );
  }

  const make = changing(() => create("/v1/links", subject));
  show(
    place,
    element("p", {}, SHOWN["study" in subject ? "study" : "nebula"]),
    items.map(row),
    items.length > 0 &&
      LOOPBACK.test(location.hostname) &&
      element(
        "p",
        { class: "hint" },
        "Only this computer reaches this address: open the console at the one that others reach, and copy the link there.",
      ),
    element(
      "button",
      { type: "button", class: items.length > 0 ? "quiet small" : null, click: make },
      items.length > 0 ? "Make another link" : "Make a link",
    ),
    problem,
  );
}
