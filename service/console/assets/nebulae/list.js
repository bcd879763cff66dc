/** All nebulae: those that ship, those that people keep, those that studies found; and a way to bring one as a file. */

import { field } from "../form.js";
import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { playButton } from "../player.js";
import { create } from "../server.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";
import { named } from "./naming.js";
import { address, ORIGINS } from "./origins.js";

const SEEDS = [0, 1, 2];

const list = new PagedTable(find("#list"), "/v1/nebulae", {
  label: "Nebulae",
  columns: [
    { title: "Name", cell: (nebula) => element("a", { href: address(nebula) }, nebula.title) },
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

function showOrigins(chosen) {
  show(
    find("#origins"),
    element(
      "div",
      { class: "tabs", role: "group", "aria-label": "Origin" },
      ["", ...ORIGINS].map((origin) =>
        element(
          "button",
          { type: "button", "aria-pressed": String(origin === chosen), click: trying(() => choose(origin)) },
          origin ? origin[0].toUpperCase() + origin.slice(1) : "All",
        ),
      ),
    ),
  );
}

async function choose(origin) {
  showOrigins(origin);
  history.replaceState(null, "", origin ? `?origin=${origin}` : location.pathname);
  find("#origins [aria-pressed=true]").focus();
  await list.load(origin ? { origin } : {});
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

async function content(file) {
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} is not JSON.`);
  }
}

show(
  find("#actions"),
  element("a", { class: "button quiet", href: "/matches" }, "Match recordings"),
  element("a", { class: "button quiet", href: "/nebulae/compare" }, "Compare two"),
  may("experimenter") && element("button", { type: "button", click: trying(bring) }, "Import JSON"),
);

const wanted = new URLSearchParams(location.search).get("origin");
const origin = ORIGINS.includes(wanted) ? wanted : "";
showOrigins(origin);
await trying(() => list.load(origin ? { origin } : {}))();
