/** One corpus: its sounds, what was skipped, and a map of it. */

import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { bytes, count, counted, percent } from "../numbers.js";
import { playButton } from "../player.js";
import { showScatter } from "../scatter.js";
import { get } from "../server.js";
import { may, subject } from "../session.js";
import { empty, facts, PagedTable } from "../table.js";
import { duration, moment } from "../time.js";
import { deleted, studyLinks } from "./deletion.js";
import { progress } from "./reading.js";

const path = `/v1/corpora/${encodeURIComponent(subject)}`;

const SOUNDS_SHOWN = 25;

function panel(title, ...content) {
  const heading = element("h2", {}, title);
  return element("section", { class: "panel" }, heading, content);
}

async function showFacts(corpus) {
  const studies = await Promise.all(corpus.studies.map((id) => get(`/v1/studies/${id}`)));
  find("#facts").hidden = false;
  show(
    find("#facts"),
    facts([
      ["State", progress(corpus, trying(load))],
      ["Sounds", count(corpus.sounds_usable)],
      ["Skipped", count(corpus.sounds_read - corpus.sounds_usable)],
      ["Length", duration(corpus.seconds)],
      ["Size", bytes(corpus.size_bytes)],
      ["Uploaded", moment(corpus.created_at)],
      ["Id", element("span", { class: "mono" }, corpus.id)],
      ...(studies.length > 0 ? [["Needed by", studyLinks(studies)]] : []),
    ]),
    corpus.state === "failed" && element("p", { class: "error" }, corpus.reason),
    corpus.remarks.length > 0 &&
      element("ul", { class: "remarks soft" }, corpus.remarks.map((remark) => element("li", {}, remark))),
  );
}

function showActions(corpus) {
  if (!may("experimenter")) return;
  const remove = trying(async () => {
    if (await deleted(corpus.id)) location.assign("/corpora");
  });
  show(
    find("#actions"),
    corpus.state === "ready" &&
      element("a", { class: "button", href: `/studies/new?target=${corpus.id}` }, "Tune a nebula to it"),
    corpus.state === "ready" &&
      element("a", { class: "button quiet", href: `/matches?corpus=${corpus.id}` }, "Match its sounds"),
    element("button", { type: "button", class: "quiet", click: remove }, "Delete"),
  );
}

async function showSounds() {
  const place = element("div");
  show(find("#sounds"), panel("Sounds", place));
  const columns = [
    { title: "Name", cell: ({ number, name, remark }) => named(number, name, remark) },
    { title: "Length", cell: ({ seconds }) => (seconds === null ? "…" : `${seconds.toFixed(2)} s`), number: true },
  ];
  const none = empty(element("p", {}, "None of its files can be used."));
  await new PagedTable(place, `${path}/sounds`, { label: "Sounds", columns, empty: none, limit: SOUNDS_SHOWN }).load({
    skipped: "false",
  });
}

function named(number, name, remark) {
  return [playButton(`${path}/sounds/${number}`, name), remark !== "" && element("div", { class: "soft name" }, remark)];
}

async function showSkipped() {
  const place = element("div");
  find("#beside").append(panel("Skipped files", place));
  const columns = [
    { title: "File", cell: ({ name }) => element("span", { class: "mono name" }, name) },
    { title: "Why", cell: ({ reason }) => reason },
  ];
  const label = "Skipped files";
  await new PagedTable(place, `${path}/sounds`, { label, columns, empty: "", limit: SOUNDS_SHOWN }).load({
    skipped: "true",
  });
}

function showMap(usable) {
  const place = element("div", { class: "map" });
  find("#beside").prepend(panel("Map", place));
  return drawMap(place, usable);
}

async function drawMap(place, usable) {
  show(place, element("p", { class: "soft", role: "status" }, "Drawing the map …"));
  let map;
  try {
    map = await get(`${path}/map`);
  } catch (error) {
    const retry = () => drawMap(place, usable);
    const again = element("button", { type: "button", class: "quiet", click: retry }, "Try again");
    show(place, element("p", { class: "error", role: "alert" }, error.message), again);
    return;
  }
  const { layers, shares, distance } = map;
  const shown = layers.map(({ title, points }) => ({ name: title, mark: "found", points }));
  const chart = element("div");
  const all = layers[0].points.length;
  const which = all < usable ? `${counted(all, "sound")} of ${count(usable)}, evenly taken. ` : "";
  const axes = `The axes show ${percent(shares[0])} and ${percent(shares[1])} of the differences.`;
  const hint = `${which}What sounds alike by ${distance} lies together. ${axes}`;
  show(place, chart, element("p", { class: "hint" }, hint));
  showScatter(chart, { label: "Map of the sounds: what sounds alike lies together", layers: shown });
}

async function load() {
  const corpus = await get(path);
  find("h1").textContent = corpus.name;
  document.title = `${corpus.name} – Nebula`;
  showActions(corpus);
  show(find("#beside"));
  await Promise.all([
    showFacts(corpus),
    showSounds(),
    corpus.sounds_read > corpus.sounds_usable && showSkipped(),
    corpus.state === "ready" && showMap(corpus.sounds_usable),
  ]);
}

await trying(load)();
