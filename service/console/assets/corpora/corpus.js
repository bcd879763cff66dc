/** One corpus: its sounds, what was skipped, and a map of it. */

import { element, find, lead, show } from "../html.js";
import { trying } from "../notice.js";
import { bytes, count, counted, percent } from "../numbers.js";
import { showScatter } from "../scatter.js";
import { get } from "../server.js";
import { may, subject } from "../session.js";
import { empty, facts, PagedList, PagedTable } from "../table.js";
import { fileName, tile, tiles } from "../tile.js";
import { duration, moment } from "../time.js";
import { deleted, links } from "./deletion.js";
import { Bringing } from "./bringing.js";
import { excluded, putBack } from "./exclusion.js";
import { progress, skippedOf } from "./reading.js";

const path = `/v1/corpora/${encodeURIComponent(subject)}`;

const SOUNDS_SHOWN = 24;
const SKIPPED_SHOWN = 25;

/** What is searched for, which stays while sounds are excluded. */
let sought = "";

function panel(title, ...content) {
  const heading = element("h2", {}, title);
  return element("section", { class: "panel" }, heading, content);
}

async function showFacts(corpus) {
  find("#facts").hidden = false;
  show(
    find("#facts"),
    facts(
      [
        ["State", progress(corpus, trying(load))],
        ["Sounds", count(corpus.sounds_usable)],
        corpus.sounds_excluded > 0 && ["Excluded", count(corpus.sounds_excluded)],
        ["Skipped", count(skippedOf(corpus))],
        ["Length", duration(corpus.seconds)],
        ["Size", bytes(corpus.size_bytes)],
        ["Uploaded", moment(corpus.created_at)],
        ["Id", element("span", { class: "mono" }, corpus.id)],
        corpus.base !== null && ["Made from", await baseOf(corpus)],
        corpus.used_by.length > 0 && ["Used by", links(corpus.used_by)],
        corpus.listening_tests.length > 0 && ["Listening tests", links(corpus.listening_tests, "/listening-tests")],
        corpus.matches > 0 && ["Matches", count(corpus.matches)],
      ].filter(Boolean),
    ),
    corpus.state === "failed" && element("p", { class: "error" }, corpus.reason),
    corpus.remarks.length > 0 &&
      element("ul", { class: "remarks soft" }, corpus.remarks.map((remark) => element("li", {}, remark))),
  );
}

async function baseOf({ base }) {
  const { items } = await get("/v1/corpora?limit=500");
  const found = items.find(({ id }) => id === base);
  return found ? element("a", { href: `/corpora/${base}` }, found.name) : "one that is deleted";
}

function showActions(corpus) {
  if (!may("experimenter")) return;
  const remove = trying(() => deleted(corpus.id, "/corpora"));
  show(
    find("#actions"),
    corpus.state === "ready" &&
      element("a", { class: "button", href: `/studies/quick?target=${corpus.id}` }, "Tune a nebula to it"),
    corpus.state === "ready" &&
      element("a", { class: "button quiet", href: `/matches?corpus=${corpus.id}` }, "Match its sounds"),
    element("button", { type: "button", class: "quiet", click: remove }, "Delete"),
  );
}

async function showSounds(corpus) {
  const place = element("div");
  const words = element("input", {
    type: "search",
    maxlength: 200,
    "aria-label": "Search sounds by name",
    placeholder: "Search by name",
    value: sought,
  });
  const writes = document.activeElement?.type === "search" && find("#sounds").contains(document.activeElement);
  show(find("#sounds"), panel("Sounds", corpus.sounds_usable > 1 && element("div", { class: "row" }, words), place));
  if (writes) {
    lead(words);
    words.setSelectionRange(sought.length, sought.length);
  }
  const none = empty(element("p", {}, "None of its files can be used."));
  const action = corpus.state === "ready" && corpus.sounds_usable > 1 ? leaveOut : () => null;
  const list = soundList(place, none, action);
  const search = trying(async () => {
    show(none, element("p", {}, words.value ? "No sound is called like this." : "None of its files can be used."));
    await list.load({ skipped: "false", ...(words.value.trim() && { search: words.value.trim() }) });
  });
  words.addEventListener("input", () => {
    sought = words.value;
    search();
  });
  await search();

  function leaveOut(sound) {
    return { sign: "×", words: `Exclude ${sound.name}`, act: acting(place, () => excluded(corpus, sound)) };
  }
}

/** Shows the sounds that are excluded, to be heard and put back. */
async function showExcluded(corpus) {
  const place = element("div");
  find("#sounds").append(panel("Excluded", place));
  const list = soundList(place, empty(), (sound) => ({
    sign: "+",
    words: `Put back ${sound.name}`,
    act: acting(place, () => putBack(corpus, sound)),
  }));
  await list.load({ excluded: "true" });
}

function soundList(place, none, action) {
  const offered = may("experimenter") ? action : () => null;
  return new PagedList(place, `${path}/sounds`, {
    made: (items) => tiles(null, items.map((item) => shown(item, offered(item)))),
    parts: (made, items) => [made, items.map((item) => tile(shown(item, offered(item))))],
    empty: none,
    limit: SOUNDS_SHOWN,
  });
}

/** Returns what does something to a sound of a list, shows the corpus anew, and stays where it was in the list. */
function acting(place, act) {
  return trying(async () => {
    const buttons = [...place.querySelectorAll(".other-act")];
    const at = buttons.indexOf(document.activeElement);
    const heading = place.closest(".panel").querySelector("h2").textContent;
    if (!(await act())) return;
    await reload();
    const panels = [...document.querySelectorAll("#sounds .panel")];
    const now = panels.find((each) => each.querySelector("h2").textContent === heading);
    const left = now === undefined ? [] : [...now.querySelectorAll(".other-act")];
    lead(left[Math.min(at, left.length - 1)] ?? find("main"));
  });
}

/** Returns what a tile shows of a sound: the end of its path, how long it is, and what else can be done with it. */
function shown({ number, name, seconds, remark }, action) {
  const about = [seconds === null ? "…" : `${seconds.toFixed(2)} s`, remark].filter(Boolean).join(" · ");
  return { label: name, short: fileName(name), about, sound: `${path}/sounds/${number}`, action };
}

/** Offers to make a corpus of this one's sounds and more. */
function showAdding(corpus) {
  const place = element("div");
  const words = "A new corpus is made that has these sounds as well; this one stays as it is.";
  find("#beside").append(panel("Add sounds", element("p", { class: "soft" }, words), place));
  new Bringing(place, () => {}, corpus);
}

async function showSkipped() {
  const place = element("div");
  find("#beside").append(panel("Skipped files", place));
  const columns = [
    { title: "File", cell: ({ name }) => element("span", { class: "mono name" }, name) },
    { title: "Why", cell: ({ reason }) => reason },
  ];
  const label = "Skipped files";
  await new PagedTable(place, `${path}/sounds`, { label, columns, empty: "", limit: SKIPPED_SHOWN }).load({
    skipped: "true",
  });
}

function showMap(usable) {
  const place = element("div", { class: "map" });
  find("#beside").prepend(panel("Map", place));
  return drawMap(place, usable);
}

/** Offers to draw the map of a corpus that has other sounds now. */
function offerMap(usable) {
  const place = find("#beside .map");
  const draw = () => drawMap(place, usable);
  show(place, element("button", { type: "button", class: "quiet", click: draw }, "Draw the map of what is left"));
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

/** Shows facts and sounds as they are now; the map, which takes seconds, is offered. */
async function reload() {
  const corpus = await get(path);
  offerMap(corpus.sounds_usable);
  await Promise.all([showFacts(corpus), showLists(corpus)]);
}

async function showLists(corpus) {
  await showSounds(corpus);
  if (corpus.sounds_excluded > 0) await showExcluded(corpus);
}

async function load() {
  const corpus = await get(path);
  find("h1").textContent = corpus.name;
  document.title = `${corpus.name} – Nebula`;
  showActions(corpus);
  show(find("#beside"));
  await Promise.all([
    showFacts(corpus),
    showLists(corpus),
    skippedOf(corpus) > 0 && showSkipped(),
    corpus.state === "ready" && showMap(corpus.sounds_usable),
    corpus.state === "ready" && may("experimenter") && showAdding(corpus),
  ]);
}

await trying(load)();
