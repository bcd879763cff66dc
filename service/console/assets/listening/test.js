/** One listening test: where it is in its life, the one next step, and what came out. */

import { confirmed } from "../dialog.js";
import { element, find, lead, show } from "../html.js";
import { trying } from "../notice.js";
import { count, counted } from "../numbers.js";
import { repeat } from "../polling.js";
import { get, leave, post } from "../server.js";
import { may, subject } from "../session.js";
import { facts } from "../table.js";
import { about } from "./about.js";
import { findings } from "./audit.js";
import { invitation } from "./invitation.js";
import { preview } from "./preview.js";
import { showResult } from "./result.js";
import { sources } from "./sources.js";
import { badge, steps } from "./states.js";

const REFRESH_SECONDS = 2;

const path = `/v1/listening-tests/${encodeURIComponent(subject)}`;
const ended = new AbortController();

/** What the leak audit said, once it was asked. */
let audit = null;
/** What each part of the page was made from: a part that would be the same again is left as it is. */
const shown = {};

const NEXT = {
  draft: {
    verb: "seal",
    action: "Seal",
    what: (test) =>
      `Sealing draws fresh sounds that nobody has heard, renders ${count(test.sounds)} of them, makes all as loud as ` +
      "each other, freezes the plan, and publishes a digest that proves later that nobody changed what is what.",
    question: "Seal this test?",
    warning: "The plan cannot be changed after that. A sealed test can still be deleted.",
  },
  sealed: {
    verb: "open",
    action: "Open",
    what: () => "Opening lets people in by a link. From then on nothing can be taken back, and nothing changed.",
    question: "Open this test?",
    warning: "There is no way back: an open test can neither be changed nor deleted, only closed.",
  },
  open: {
    verb: "close",
    action: "Close",
    what: () => "Closing takes no more answers, those of people who are in the middle included.",
    question: "Close this test?",
    warning: "There is no way back: whoever is in the middle cannot go on, and nobody can join.",
  },
  closed: {
    verb: "unblind",
    action: "Unblind",
    what: () => "Unblinding shows which sound was which, and computes what the plan has announced.",
    question: "Unblind this test?",
    warning: "There is no way back, and the log says who did it.",
  },
};

const UNSEEN =
  "Until the test is unblinded, only these counts are known. Who could see results meanwhile, and close the test when " +
  "they please, would find by chance what is not there.";

/** What nebulae and corpora are called. */
let known = { nebulae: [], corpora: [] };
await trying(async () => {
  known = await sources();
})();
await trying(() => repeat(REFRESH_SECONDS, async () => draw(await get(path)), ended.signal))();

function draw(test) {
  const { state, counts } = test;
  find("h1").textContent = test.name;
  document.title = `${test.name} – Nebula`;
  part("actions", [state], () => actions(test));
  part("steps", [state], () => steps(test));
  part("counts", [state, counts], () => figures(test));
  part("next", [state, test.reason, test.rendered, audit], () => next(test));
  part("invite", [test.invite], () => (test.invite === null ? null : invitation(test)));
  part("about", [state, test.commitment], () => about(test, known));
  if (state !== "unblinded") return;
  ended.abort();
  part("result", [state], () => null);
  trying(() => showResult(find("#result"), path, test, known))();
}

function part(id, made, make) {
  const now = JSON.stringify(made);
  if (shown[id] === now) return;
  shown[id] = now;
  const place = find(`#${id}`);
  const held = place.contains(document.activeElement);
  show(place, make());
  if (held) leadOn(place);
}

/** Leads the keyboard to the last button of a part, which is the next step; to the part itself while there is none. */
function leadOn(place) {
  lead([...place.querySelectorAll("button")].at(-1) ?? place);
}

function actions({ id, state, spec }) {
  if (!may("experimenter")) return null;
  return [
    preview("Try it yourself", () => spec),
    state === "draft"
      ? element("a", { class: "button quiet", href: `/listening-tests/${id}/plan` }, "Change the plan")
      : null,
    element("a", { class: "button quiet", href: `/listening-tests/new?from=${id}` }, "Plan another like it"),
    element("button", { type: "button", class: "quiet", click: trying(copy) }, "Copy to a new draft"),
    state === "draft" || state === "sealed"
      ? element("button", { type: "button", class: "danger", click: trying(remove) }, "Delete")
      : null,
  ];
}

function figures(test) {
  const { opened, joined, completed, answers } = test.counts;
  return [
    facts([
      ["State", badge(test)],
      ["Link opened", count(opened)],
      ["People who agreed", count(joined)],
      ["Finished", count(completed)],
      ["Answers", count(answers)],
    ]),
    test.state === "open" || test.state === "closed"
      ? element("p", { class: "hint" }, UNSEEN)
      : null,
  ];
}

function next(test) {
  const { state, reason } = test;
  return [
    reason ? element("p", { class: "error" }, `It could not be sealed: ${reason}`) : null,
    state === "sealing" ? rendering(test) : null,
    state === "sealed" && may("experimenter") ? auditing() : null,
    state in NEXT && (state !== "sealed" || audit?.passed) ? step(NEXT[state], test) : null,
  ];
}

/** Shows what has become of the test, and leads on to the next step. */
async function again() {
  const test = await get(path);
  draw(test);
  leadOn(find(test.invite === null ? "#next" : "#invite"));
}

function step({ verb, action, what, question, warning }, test) {
  const button = element(
    "button",
    {
      type: "button",
      // While a test is open, the next thing to do is to invite people.
      class: verb === "close" ? "danger" : null,
      click: trying(async () => {
        if (!(await confirmed(question, warning, action))) return;
        button.disabled = true;
        try {
          await post(`${path}/${verb}`);
        } finally {
          button.disabled = false;
          await again();
        }
      }),
    },
    action,
  );
  return element(
    "div",
    { class: "next" },
    element("p", {}, what(test)),
    may("experimenter") ? button : element("p", { class: "soft" }, "It takes an experimenter's key."),
  );
}

function rendering({ rendered, sounds }) {
  const words = `${count(rendered)} of ${counted(sounds, "sound")} rendered`;
  return element(
    "p",
    { class: "next row" },
    element("progress", { max: sounds, value: rendered, "aria-label": words }),
    ` ${words}`,
    may("experimenter")
      ? element("button", { type: "button", class: "quiet small", click: trying(cancel) }, "Stop sealing")
      : null,
  );
}

function auditing() {
  const button = element(
    "button",
    {
      type: "button",
      class: audit?.passed ? "quiet" : "",
      click: trying(async () => {
        button.disabled = true;
        button.textContent = "Looking …";
        try {
          audit = await get(`${path}/audit`);
        } finally {
          [button.disabled, button.textContent] = [false, "Audit"];
          await again();
        }
      }),
    },
    audit ? "Audit again" : "Audit",
  );
  return element(
    "div",
    { class: "next" },
    element(
      "p",
      {},
      "The audit looks for anything that could tell which sound is which. A test that leaks does not open.",
    ),
    audit ? findings(audit) : null,
    button,
  );
}

/** Makes a new draft of the same plan, and leads to it. */
async function copy() {
  const { id } = await post(`${path}/copy`);
  location.assign(`/listening-tests/${id}`);
}

/** Makes a test that is being sealed a draft again. */
async function cancel() {
  const warning = "What was rendered is thrown away; the plan stays.";
  if (!(await confirmed("Stop sealing this test?", warning, "Stop sealing"))) return;
  await post(`${path}/cancel`);
  await again();
}

async function remove() {
  if (!(await confirmed("Delete this test?", "Its plan and its sounds are gone for good.", "Delete"))) return;
  await leave("DELETE", path, "/listening-tests");
}
