/** All nebulae: those that ship, those that people keep, those that studies found; and a way to bring one as a file. */

import { field } from "../form.js";
import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { playButton } from "../player.js";
import { create } from "../server.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";
import { aroundPresets } from "./around.js";
import { content } from "./files.js";
import { named } from "./naming.js";
import { about, address, ORIGINS } from "./origins.js";
import { starButton } from "./stars.js";

const SEEDS = [0, 1, 2];

const list = new PagedTable(find("#list"), "/v1/nebulae", {
  label: "Nebulae",
  columns: [
    {
      title: "Name",
      cell: (nebula) =>
        element("div", { class: "row named" }, starButton(nebula), element("a", { href: address(nebula) }, nebula.title)),
    },
    { title: "About", cell: (nebula) => element("span", { class: "about" }, about(nebula)) },
    { title: "Origin", cell: ({ origin }) => element("span", { class: "badge" }, origin) },
    { title: "Since", cell: ({ created_at: since }) => moment(since) },
    {
      title: "Three of its sounds",
      cell: (nebula) =>
        element(
          "div",
          { class: "row" },
          SEEDS.map((seed) => soundButton(nebula, seed)),
        ),
    },
    {
      title: element("span", { class: "hidden-text" }, "Actions"),
      cell: ({ name, title }) =>
        element(
          "a",
          { href: `/nebulae/compare?a=${encodeURIComponent(name)}`, "aria-label": `Compare ${title}` },
          "Compare",
        ),
    },
  ],
  empty: empty(element("p", {}, "None of this kind yet. Studies find nebulae; hands shape them; files bring them.")),
});

function soundButton({ name, title }, seed) {
  const sound = `/v1/nebulae/${encodeURIComponent(name)}/sounds/${seed}.flac`;
  return playButton(sound, String(seed), { "aria-label": `Play seed ${seed} of ${title}` });
}

/** Which are listed: those of an origin, of all if it is empty; the starred alone, if wanted. */
const query = new URLSearchParams(location.search);
const chosen = {
  origin: ORIGINS.includes(query.get("origin")) ? query.get("origin") : "",
  starred: query.has("starred"),
};

function showOrigins() {
  const tab = (words, pressed, change) =>
    element(
      "button",
      { type: "button", "aria-pressed": String(pressed), click: trying(() => choose(change, words)) },
      words,
    );
  show(
    find("#origins"),
    element(
      "div",
      { class: "tabs", role: "group", "aria-label": "Origin" },
      ["", ...ORIGINS].map((origin) =>
        tab(origin ? origin[0].toUpperCase() + origin.slice(1) : "All", origin === chosen.origin, { origin }),
      ),
    ),
    may("experimenter") &&
      element("div", { class: "tabs" }, tab("★ Starred", chosen.starred, { starred: !chosen.starred })),
  );
}

async function choose(change, words) {
  Object.assign(chosen, change);
  showOrigins();
  const wanted = parameters();
  history.replaceState(null, "", Object.keys(wanted).length > 0 ? `?${new URLSearchParams(wanted)}` : location.pathname);
  [...document.querySelectorAll("#origins button")].find((button) => button.textContent === words).focus();
  await list.load(wanted);
}

/** Returns what the API is asked for. */
function parameters() {
  return { ...(chosen.origin && { origin: chosen.origin }), ...(chosen.starred && { starred: "true" }) };
}

/** Brings a nebula from a file in torchsynth's JSON form, and which of its draws go together from another. */
async function bring() {
  const attributes = { type: "file", accept: ".json,application/json" };
  const file = element("input", { ...attributes, required: true });
  const beside = element("input", attributes);
  const places = [
    field("file", "File", file, "In torchsynth's JSON form, as exported here."),
    field("correlation", "Its correlation", beside, "NAME.correlation.json, if an earlier version wrote one."),
  ];
  const made = await named(
    "Import a nebula",
    "Import",
    async ({ name }) => {
      const correlation = beside.files.length > 0 ? await content(beside.files[0]) : null;
      return create("/v1/nebulae", { name, nebula: await content(file.files[0]), correlation });
    },
    { before: () => places },
  );
  if (made) location.assign(address(made));
}

show(
  find("#actions"),
  element("a", { class: "button quiet", href: "/matches" }, "Match recordings"),
  element("a", { class: "button quiet", href: "/nebulae/compare" }, "Compare"),
  may("experimenter") &&
    element("button", { type: "button", class: "quiet", click: trying(aroundPresets) }, "Around presets"),
  may("experimenter") && element("button", { type: "button", click: trying(bring) }, "Import JSON"),
);

showOrigins();
await trying(() => list.load(parameters()))();
