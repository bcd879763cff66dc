/** Up to six studies beside each other: what they come to, their scores over sounds, and what they have found. */

import { Chart } from "../chart.js";
import { field, select } from "../form.js";
import { element, find, show } from "../html.js";
import { fail, trying } from "../notice.js";
import { count, percent } from "../numbers.js";
import { repeat } from "../polling.js";
import { get } from "../server.js";
import { letterOf, listed, sideOf } from "../sides.js";
import { empty, table } from "../table.js";
import { tiles } from "../tile.js";
import { bestSoFar, groups, MOST_COMPARED, sentences, toldApart } from "./comparing.js";
import { foundSounds, targetSounds } from "./hearing.js";
import { badge, isActive, result } from "./states.js";

const AGAIN_SECONDS = 5;
const SEEDS = 4;
// So many tiles in a row leave room for another row beside them.
const FEW = 3;
const OFFERED = 200;

const ID = /^[0-9a-f]{16}$/;

/** What is compared, in order. */
let sides = [];
let offered = [];
let shownSounds = "";
const asked = new URLSearchParams(location.search).get("studies") ?? "";

/** Asks for all that is shown of a study. */
async function known(id) {
  const path = `/v1/studies/${id}`;
  const [study, findings, { scores }] = await Promise.all([get(path), get(`${path}/findings`), get(`${path}/scores`)]);
  return { study, findings, scores };
}

/** Compares studies by their ids; what is known of them already is not asked for again, and what is gone left out. */
async function choose(ids) {
  const before = new Map(sides.map((side) => [side.study.id, side]));
  const found = await Promise.all(ids.map((id) => before.get(id) ?? known(id).catch(fail)));
  sides = found.filter(Boolean).map((side, place) => ({ ...side, ...sideOf(place) }));
  const wanted = sides.map(({ study }) => study.id).join(",");
  history.replaceState(null, "", wanted ? `?studies=${wanted}` : location.pathname);
  showChosen();
  await showAll();
}

async function showAll() {
  const isPair = sides.length > 1;
  for (const id of ["words", "side-by-side", "sounds"]) find(`#${id}`).hidden = !isPair;
  find("#charts").hidden = !isPair;
  if (!isPair) return;
  show(
    find("#words"),
    sentences(sides).map((sentence) => element("p", {}, sentence)),
  );
  showTable();
  showCharts();
  await showSounds();
}

function showChosen() {
  const ids = sides.map(({ study }) => study.id);
  const others = offered.filter(({ id }) => !ids.includes(id));
  const control = select([["", "Choose …"], ...others.map(({ id, name }) => [id, name])], {
    change: trying(() => choose([...ids, control.value])),
  });
  show(
    find("#chosen"),
    sides.length > 0 &&
      element(
        "ul",
        { class: "chosen" },
        sides.map((side) =>
          element(
            "li",
            {},
            letterOf(side),
            link(side),
            element(
              "button",
              {
                type: "button",
                "aria-label": `Leave out ${side.study.name}`,
                click: trying(() => choose(ids.filter((id) => id !== side.study.id))),
              },
              "×",
            ),
          ),
        ),
      ),
    sides.length < MOST_COMPARED && others.length > 0 && field("add", sides.length > 0 ? "Add a study" : "A study", control),
    sides.length < 2 &&
      element("p", { class: "hint" }, `Two to ${MOST_COMPARED} studies are held against each other, and heard side by side.`),
  );
}

function link({ study }) {
  return element("a", { href: `/studies/${study.id}` }, study.name);
}

function showTable() {
  const columns = [
    { title: "Study", cell: (side) => element("div", { class: "row side" }, letterOf(side), link(side)) },
    { title: "State", cell: ({ study }) => badge(study) },
    { title: "Target", cell: ({ study, findings }) => targetOf(study, findings) },
    { title: "By", cell: ({ study }) => study.distance },
    { title: "Synth", cell: ({ study }) => study.synth },
    { title: "Sounds rendered", cell: ({ study }) => count(study.trials_done * study.spec.sounds_per_trial), number: true },
    { title: "Score", cell: ({ study }) => result(study), number: true },
    { title: "Told from its target", cell: told, number: true },
  ];
  const hint = "By classifiers, of what was found; 50 % is chance. Scores of finished studies are on fresh sounds, with 95\u00a0% intervals.";
  show(find("#side-by-side"), table("Studies side by side", columns, sides), element("p", { class: "hint" }, hint));
}

function targetOf({ spec }, { target }) {
  if (spec.objective === "diversify") return "variety";
  return target === null ? `${spec.target} (not there any more)` : target.title;
}

function told(side) {
  const share = toldApart(side);
  if (share === null) return element("span", { class: "soft" }, side.findings.verdict ? "not asked" : "not yet");
  const interval = `${percent(share.low)} to ${percent(share.high)}`;
  return [percent(share.mean), " ", element("span", { class: "soft" }, interval)];
}

/** Shows a chart for each group of studies whose scores can be compared. */
function showCharts() {
  const comparable = groups(sides);
  show(
    find("#charts"),
    comparable.map((group) => {
      const place = element("div");
      const { spec } = group[0].study;
      const letters = listed(group.map(({ letter }) => letter));
      const what = `${targetOf(group[0].study, group[0].findings)} by ${spec.distance}, ${count(spec.sounds_per_trial)} sounds a trial`;
      const title = comparable.length > 1 ? `Best so far of ${letters}: ${what}` : "Best so far over sounds rendered";
      const begun = group.filter(({ scores }) => scores.length > 0);
      const shown = element(
        "section",
        { class: "panel" },
        element("h2", {}, title),
        begun.length > 0 ? place : element("p", { class: "soft" }, "No trial has finished yet."),
      );
      if (begun.length > 0) draw(place, spec.objective, begun, letters);
      return shown;
    }),
  );
}

function draw(place, objective, group, letters) {
  const isMatch = objective === "match";
  const chart = new Chart(place, {
    label: `Best score so far of ${letters} over sounds rendered; ${isMatch ? "smaller is nearer to the target" : "larger is more varied"}`,
    x: "sounds rendered",
    y: isMatch ? "MMD to the target, smaller is nearer" : "diversity, larger is more varied",
    height: 280,
  });
  chart.draw(
    group.map((side) => ({
      name: `${side.letter} ${side.study.name}`,
      end: side.letter,
      kind: "steps",
      mark: side.mark,
      ...bestSoFar(side),
    })),
  );
}

/** Shows sounds of the targets, and then, seed by seed, of what each study has found. */
async function showSounds() {
  const found = sides.map((side) => ({ side, sounds: foundSounds(side.study, side.findings) }));
  const said = JSON.stringify(found.map(({ side, sounds }) => [side.letter, side.study.name, sounds[0]]));
  if (said === shownSounds) return;
  shownSounds = said;
  const targets = await targetRows();
  if (said !== shownSounds) return;
  const silent = found.filter(({ sounds }) => sounds.length === 0).map(({ side }) => side.letter);
  show(
    find("#sounds"),
    element("div", { class: "row apart" }, element("h2", {}, "Sounds"), nebulaeLink()),
    element("p", { class: "hint" }, "Each is as loud as its neighbours; arrow keys lead from one to the next."),
    rows(targets, false),
    silent.length < sides.length &&
      rows(
        Array.from({ length: SEEDS }, (_, seed) => [
        element("h3", {}, `Seed ${seed}`),
        tiles(
          `seed ${seed}`,
          found
            .filter(({ sounds }) => sounds.length > 0)
            .map(({ side, sounds }) => ({
              label: `${side.letter}, ${side.study.name}`,
              short: side.study.name,
              sound: sounds[seed].sound,
              side,
            })),
        ),
        ]),
        sides.length <= FEW,
      ),
    silent.length > 0 && empty(element("p", {}, `Of ${listed(silent)} there is nothing to hear yet.`)),
  );
}

/** Returns a link to where curves of what was found are compared; null if fewer than two have found anything. */
function nebulaeLink() {
  const ids = sides.filter(({ findings }) => findings.found).map(({ study }) => study.id);
  if (ids.length < 2) return null;
  const chosen = new URLSearchParams(ids.map((id, place) => [sideOf(place).letter.toLowerCase(), id]));
  return element("a", { href: `/nebulae/compare?${chosen}` }, "Compare the curves of what was found");
}

/** Returns rows of tiles with their headings; beside each other where they are short. */
function rows(all, isFew) {
  return element("div", { class: `rows ${isFew ? "few" : ""}` }, all.map((one) => element("div", {}, one)));
}

/** Returns a row of sounds for each target that there is. */
async function targetRows() {
  const titles = new Map(sides.filter(({ findings }) => findings.target).map(({ findings: { target } }) => [target.name, target]));
  const found = [...titles.values()].map(async (target) => {
    const sounds = await targetSounds(target).catch((error) => {
      fail(error);
      return [];
    });
    if (sounds.length === 0) return null;
    const letters = sides.filter(({ findings }) => findings.target?.name === target.name).map(({ letter }) => letter);
    const title = titles.size > 1 ? `Target of ${listed(letters)}: ${target.title}` : `Target: ${target.title}`;
    return [element("h3", {}, title), tiles(title, sounds.slice(0, SEEDS))];
  });
  return (await Promise.all(found)).filter((row) => row !== null);
}

/** Asks again for studies to which something happens of its own accord. */
async function refresh() {
  if (!sides.some(({ study }) => isActive(study))) return;
  try {
    const now = await Promise.all(sides.map(async (side) => (isActive(side.study) ? known(side.study.id) : {})));
    if (now.length !== sides.length || now.some(({ study }, place) => study && study.id !== sides[place].study.id)) return;
    const before = JSON.stringify(sides);
    sides = sides.map((side, place) => ({ ...side, ...now[place] }));
    if (JSON.stringify(sides) !== before) await showAll();
  } catch (error) {
    fail(error);
  }
}

await trying(async () => {
  const ids = [...new Set(asked.split(",").filter((id) => ID.test(id)))].slice(0, MOST_COMPARED);
  offered = (await get(`/v1/studies?limit=${OFFERED}`)).items;
  await choose(ids);
})();
await repeat(AGAIN_SECONDS, refresh);
