/** Matches: the presets whose sounds are nearest to recordings, the newest first, and a form that asks for more. */

import { element, find } from "../html.js";
import { fail, trying } from "../notice.js";
import { score } from "../numbers.js";
import { playButton } from "../player.js";
import { repeat } from "../polling.js";
import { send } from "../server.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";
import { Asking } from "./asking.js";

const AGAIN_SECONDS = 3;

const KINDS = { running: "active", done: "good", failed: "alert" };

const columns = [
  {
    title: "Recording",
    cell: ({ corpus, sound, recording }) => playButton(`/v1/corpora/${corpus}/sounds/${sound}`, recording),
  },
  { title: "Synthesizer", cell: ({ synth }) => synth },
  { title: "State", cell: state },
  { title: "Distance", cell: ({ distance }) => score(distance), number: true },
  { title: "Nearest random sound", cell: (match) => score(match.nearest_random_sound), number: true },
  { title: "Nearest sound", cell: found },
  { title: "Asked for", cell: (match) => moment(match.created_at) },
];

if (may("experimenter")) {
  columns.push({ title: element("span", { class: "hidden-text" }, "Actions"), cell: deleteButton });
  new Asking(find("#ask"), () => list.load().catch(fail)).show();
}

const list = new PagedTable(find("#list"), "/v1/matches", {
  label: "Matches",
  columns,
  empty: empty(element("p", {}, "No match yet. A match is the preset whose sound is nearest to a recording.")),
});

function state({ state: word, reason }) {
  const badge = element("span", { class: `badge ${KINDS[word] ?? ""}` }, word);
  return element("div", {}, badge, reason !== "" && element("div", { class: "soft" }, reason));
}

function found({ id, state: word, recording, synth, preset_formats: formats }) {
  if (word !== "done") return "–";
  const path = `/v1/matches/${id}`;
  const link = (address, text, name) =>
    element("a", { href: address, download: `${id}.${text}`, "aria-label": `Download ${name} as ${text}` }, text);
  return element(
    "div",
    {},
    playButton(`${path}/sound.flac`, synth, { "aria-label": `Play what ${synth} has for ${recording}` }),
    element(
      "div",
      { class: "downloads" },
      formats.map((format) => link(`${path}/preset?format=${format}`, format, "the preset")),
      link(`${path}/sound.wav`, "wav", "the sound"),
    ),
  );
}

function deleteButton({ id, recording, synth }) {
  const act = trying(async () => {
    await send("DELETE", `/v1/matches/${id}`);
    await list.load();
  });
  const label = `Delete the match of ${recording} by ${synth}`;
  return element("button", { type: "button", class: "quiet small", "aria-label": label, click: act }, "Delete");
}

await repeat(AGAIN_SECONDS, async () => {
  try {
    await list.load();
  } catch (error) {
    fail(error);
  }
});
