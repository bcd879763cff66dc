/** Up to six nebulae beside each other: heard by the same seeds, measured, and drawn where they differ. */

import { field, select } from "../form.js";
import { element, find, lead, show } from "../html.js";
import { trying } from "../notice.js";
import { counted } from "../numbers.js";
import { stop } from "../player.js";
import { get } from "../server.js";
import { may } from "../session.js";
import { letterOf, listed, MOST_SIDES, sideOf } from "../sides.js";
import { tiles } from "../tile.js";
import { shapeWords } from "./curve.js";
import { Measuring } from "./measuring.js";
import { plotOf } from "./plot.js";
import { keys, onKey } from "./seeds.js";

const DRAWN = 20;
const FEWEST = 2;

/** What is compared, `{ letter, mark, nebula }` each, the seed that is listened to, and whose sound was heard last. */
let sides = [];
let seed = 0;
let last = 0;

/** All nebulae, as the list of the API shows them. */
let offered = [];

const query = new URLSearchParams(location.search);

/** Returns how a side is called in addresses and ids: "a". */
function keyOf({ letter }) {
  return letter.toLowerCase();
}

/** Shows a field for each side that is chosen, and one for another; `names` are those that are chosen. */
function showChoice(names) {
  const options = offered.map(({ name, title, origin }) => [name, `${title} · ${origin}`]);
  const count = Math.min(MOST_SIDES, Math.max(FEWEST, names.length + 1));
  const controls = Array.from({ length: count }, (_, place) => {
    const isNeeded = names.length <= FEWEST && place < names.length;
    const control = select([["", names[place] ? "None" : "Choose …", isNeeded], ...options], {
      change: trying(() => change(place, control.value)),
    });
    control.value = names[place] ?? "";
    return control;
  });
  const fields = controls.map((control, place) => field(keyOf(sideOf(place)), sideOf(place).letter, control));
  const hint = "Two to six nebulae are heard by the same seeds, measured, and drawn where their curves differ.";
  show(find("#chosen"), element("div", { class: "together" }, fields), element("p", { class: "hint" }, hint));
}

async function change(place, value) {
  const names = [...document.querySelectorAll("#chosen select")].map((control) => control.value);
  names[place] = value;
  await choose(names.filter(Boolean));
  lead(find(`#field-${keyOf(sideOf(place))}`));
}

/** Compares nebulae by their names. */
async function choose(names) {
  stop();
  showChoice(names);
  const chosen = new URLSearchParams(names.map((name, place) => [keyOf(sideOf(place)), name]));
  history.replaceState(null, "", chosen.size > 0 ? `?${chosen}` : location.pathname);
  const complete = names.length >= FEWEST;
  for (const id of ["hearing", "measuring", "differences"]) find(`#${id}`).hidden = !complete;
  find("#measuring").hidden ||= !may("experimenter");
  sides = [];
  if (!complete) return;
  const nebulae = await Promise.all(names.map((name) => get(`/v1/nebulae/${encodeURIComponent(name)}`)));
  if (location.search !== `?${chosen}`) return;
  sides = nebulae.map((nebula, place) => ({ ...sideOf(place), nebula }));
  last = 0;
  showHearing();
  measuring.show(sides);
  await showDifferences(names);
}

function showHearing() {
  show(
    find("#hearing"),
    element(
      "div",
      { class: "row apart" },
      element("h2", {}, "Listen"),
      element("p", { class: "soft", id: "seed", role: "status" }),
    ),
    element("div", { id: "sounds" }),
    element("div", { class: "row" }, element("button", { type: "button", class: "quiet", click: next }, "Next seed")),
    element("p", { class: "hint touchless" }, [
      sides.map(({ letter }, place) => [place > 0 && (place < sides.length - 1 ? ", " : " and "), keys(letter)]),
      " play the same seed, ",
      keys("N"),
      " the next one, ",
      keys("Esc"),
      " ends",
    ]),
  );
  showSeed();
}

function showSeed() {
  find("#seed").textContent = `Seed ${seed}`;
  const sounds = sides.map(({ letter, mark, nebula: { name, title } }) => ({
    label: `${letter}, ${title}`,
    short: title,
    sound: `/v1/nebulae/${encodeURIComponent(name)}/sounds/${seed}.flac`,
    side: { letter, mark },
  }));
  show(find("#sounds"), tiles(null, sounds));
  [...find("#sounds").querySelectorAll(".tile")].forEach((button, place) => {
    button.id = `play-${keyOf(sides[place])}`;
    button.addEventListener("click", () => {
      last = place;
    });
  });
}

function play(place) {
  stop();
  find(`#play-${keyOf(sides[place])}`).click();
}

function next() {
  stop();
  seed += 1;
  showSeed();
  play(last);
}

async function showDifferences([name, ...others]) {
  const place = find("#differences");
  const heading = element("h2", {}, "Curves that differ");
  const synths = new Set(sides.map(({ nebula }) => nebula.synth));
  if (synths.size > 1) {
    const words = `They are of the synths ${listed([...synths])}, which can be compared by their sounds, not by their curves.`;
    show(place, heading, element("p", { class: "soft" }, words));
    return;
  }
  const mine = sides;
  const parameters = new URLSearchParams(others.map((other) => ["other", other]));
  const { items } = await get(`/v1/nebulae/${encodeURIComponent(name)}/differences?${parameters}`);
  if (sides !== mine) return;
  const lettersOf = (is) => listed(sides.filter(({ nebula }) => is(nebula)).map(({ letter }) => letter), "and of");
  const correlated = lettersOf((nebula) => nebula.correlated);
  const mixed = lettersOf((nebula) => nebula.components.length > 1);
  const remarks = [
    mixed && element("p", { class: "soft" }, `Of ${mixed}, a mixture, the first component.`),
    correlated && element("p", { class: "soft" }, `Some draws of ${correlated} go together, which no curve shows.`),
  ];
  if (items.length === 0) {
    show(place, heading, remarks, element("p", { class: "soft" }, "None."));
    return;
  }
  const grid = element("div", { class: "parameters" }, items.slice(0, DRAWN).map(card));
  const rest = items.slice(DRAWN);
  const more = element(
    "button",
    {
      type: "button",
      class: "quiet more",
      click: () => {
        const cards = rest.map(card);
        grid.append(...cards);
        more.remove();
        cards[0].setAttribute("tabindex", "-1");
        cards[0].focus();
      },
    },
    `Show ${counted(rest.length, "more", "more")}`,
  );
  const all = sides[0].nebula.parameters.length;
  show(
    place,
    heading,
    remarks,
    element("p", { class: "soft" }, `${items.length} of the ${all}, the furthest apart first.`),
    grid,
    rest.length > 0 && more,
  );
}

function card({ module, name, curves, falls, symmetric }) {
  const parameter = sides[0].nebula.parameters.find((one) => one.module === module && one.name === name);
  const plot = plotOf(parameter);
  const shapes = sides.map(({ letter, mark }, place) => ({
    letter,
    mark,
    curve: curves[place],
    fall: falls[place],
    symmetric: symmetric[place],
  }));
  plot.draw(shapes);
  return element(
    "div",
    { class: "parameter" },
    element("h3", {}, `${module} ${name}`, parameter.unit && element("span", {}, ` ${parameter.unit}`)),
    plot.svg,
    element(
      "div",
      { class: "values" },
      shapes.map((one) => element("p", { class: "value" }, letterOf(one), ` ${shapeWords(one)}`)),
    ),
  );
}

const measuring = new Measuring(find("#measuring"));

onKey((key) => {
  const place = sides.findIndex((side) => keyOf(side) === key);
  if (place >= 0) play(place);
  else if (key === "n" && sides.length > 0) next();
});

await trying(async () => {
  offered = (await get("/v1/nebulae?limit=500")).items;
  const names = Array.from({ length: MOST_SIDES }, (_, place) => query.get(keyOf(sideOf(place))));
  await choose(names.filter((name) => offered.some((nebula) => nebula.name === name)));
})();
