/** What a study sounds like: its best beside its target and start, and the map of all three. */

import { element, find, show } from "../html.js";
import { fail, trying } from "../notice.js";
import { percent } from "../numbers.js";
import { showScatter } from "../scatter.js";
import { get } from "../server.js";
import { fileName, tiles } from "../tile.js";

const SOUNDS = 6;
const MARKS = { target: "target", start: "start", best: "found" };

let shown = null;
let targets = null;

/** Shows buttons that play some sounds of target, start and best. */
export async function showSounds(study, { best, found, target, start_name: begun }) {
  const end = found ? "found" : `best ${best?.number}`;
  if (end === shown) return;
  shown = end;
  try {
    targets ??= await targetSounds(target);
  } catch (error) {
    fail(error);
    targets = [];
  }
  const start = begun === null ? [] : ofNebula(begun);
  show(
    find("#sounds"),
    element(
      "div",
      { class: "sides" },
      side("Target", study.spec.objective === "match" ? targets : null),
      side(found ? "What was found" : "Best so far", foundSounds(study, { best, found })),
      side(`Start: ${study.spec.search.start}`, start),
    ),
  );
}

function side(name, sounds) {
  if (sounds === null) return null;
  return element(
    "div",
    {},
    element("h3", {}, name),
    sounds.length === 0 ? element("p", { class: "soft" }, "Nothing to hear yet.") : tiles(name, sounds),
  );
}

function seeds(address) {
  return Array.from({ length: SOUNDS }, (_, seed) => ({ label: `seed ${seed}`, sound: address(seed) }));
}

function ofNebula(name) {
  return seeds((seed) => `/v1/nebulae/${encodeURIComponent(name)}/sounds/${seed}.flac`);
}

/** Returns sounds of what a study has found, or of its best so far; none before its first trial. */
export function foundSounds({ id }, { best, found }) {
  if (found) return ofNebula(id);
  return best ? seeds((seed) => `/v1/studies/${id}/best/sounds/${seed}.flac?trial=${best.number}`) : [];
}

/** Returns sounds of a target, as findings tell of it: evenly taken from a corpus; none if it is not there any more. */
export async function targetSounds(target) {
  if (target === null) return [];
  const { kind, name } = target;
  if (kind === "nebula") return ofNebula(name);
  const { items } = await get(`/v1/corpora/${name}/sounds?skipped=false&limit=500`);
  const step = Math.max(1, Math.floor(items.length / SOUNDS));
  return items
    .filter((_, index) => index % step === 0)
    .slice(0, SOUNDS)
    .map(({ number, name: label }) => ({ label, short: fileName(label), sound: `/v1/corpora/${name}/sounds/${number}` }));
}

/** Offers the map, which takes seconds to compute. */
export function offerMap(study) {
  const place = find("#map");
  const draw = trying(async () => {
    show(place, element("p", { class: "soft", role: "status" }, "Rendering and placing sounds …"));
    try {
      const map = await get(`/v1/studies/${study.id}/map`);
      showMap(place, map, again);
    } catch (error) {
      show(place, again());
      throw error;
    }
  });
  function again(words = "Draw the map") {
    return element("button", { type: "button", class: "quiet", click: draw }, words);
  }
  show(
    place,
    element(
      "p",
      { class: "soft" },
      "Sounds of target, start and best, placed by likeness: each point plays its sound.",
    ),
    again(),
  );
}

function showMap(place, { layers, shares, distance }, again) {
  const box = element("div", {});
  const [across, up] = shares.map((share) => percent(share));
  show(
    place,
    box,
    element(
      "div",
      { class: "row apart" },
      element(
        "p",
        { class: "soft" },
        `By ${distance}; ${across} of the differences from left to right, ${up} from bottom to top, the start left out.`,
      ),
      again("Draw it again"),
    ),
  );
  showScatter(box, {
    label: "Map of sounds by likeness",
    // The target on top, which all else is held against.
    layers: ["start", "best", "target"]
      .map((role) => layers.find((layer) => layer.role === role))
      .filter((layer) => layer !== undefined)
      .map(({ role, title, points }) => ({ name: `${role}: ${title}`, mark: MARKS[role], points })),
  });
}
