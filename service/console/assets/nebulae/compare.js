/** Two nebulae beside each other: heard by the same seeds, measured, and drawn where they differ. */

import { field, select } from "../form.js";
import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { counted } from "../numbers.js";
import { playButton, stop } from "../player.js";
import { get } from "../server.js";
import { may } from "../session.js";
import { shapeWords } from "./curve.js";
import { Measuring } from "./measuring.js";
import { plotOf } from "./plot.js";
import { keys, onKey } from "./seeds.js";

const DRAWN = 20;

const MARKS = { a: "start", b: "found" };

/** What is compared: a nebula for each letter, and the seed that is listened to. */
const pair = { a: null, b: null, seed: 0, last: "a" };

const query = new URLSearchParams(location.search);

function letter(side) {
  return element("span", { class: `letter ${MARKS[side]}` }, side.toUpperCase());
}

function showChoice(nebulae) {
  const options = nebulae.map(({ name, title, origin }) => [name, `${title} · ${origin}`]);
  const fields = ["a", "b"].map((side) => {
    const control = select([["", "Choose …", true], ...options], {
      change: trying(() => choose({ ...names(), [side]: control.value })),
    });
    const wanted = query.get(side) ?? "";
    control.value = nebulae.some(({ name }) => name === wanted) ? wanted : "";
    return field(side, side.toUpperCase(), control);
  });
  const hint = "Two nebulae are heard by the same seeds, measured, and drawn where their curves differ.";
  show(find("#chosen"), element("div", { class: "together" }, fields), element("p", { class: "hint" }, hint));
}

function names() {
  return { a: find("#field-a").value, b: find("#field-b").value };
}

async function choose({ a, b }) {
  stop();
  const chosen = new URLSearchParams(Object.entries({ a, b }).filter(([, name]) => name));
  history.replaceState(null, "", `?${chosen}`);
  const complete = Boolean(a && b);
  for (const id of ["hearing", "measuring", "differences"]) find(`#${id}`).hidden = !complete;
  find("#measuring").hidden ||= !may("experimenter");
  if (!complete) return;
  const path = `/v1/nebulae/${encodeURIComponent(a)}`;
  const [first, second, { items }] = await Promise.all([
    get(path),
    get(`/v1/nebulae/${encodeURIComponent(b)}`),
    get(`${path}/differences?${new URLSearchParams({ other: b })}`),
  ]);
  if (names().a !== a || names().b !== b) return;
  Object.assign(pair, { a: first, b: second });
  showHearing();
  showDifferences(items);
  measuring.show(pair);
}

function showHearing() {
  const source = (side) => () => {
    pair.last = side;
    return `/v1/nebulae/${encodeURIComponent(pair[side].name)}/sounds/${pair.seed}.flac`;
  };
  const button = (side) => {
    const made = playButton(source(side), pair[side].title, {
      id: `play-${side}`,
      class: "side",
      "aria-label": `Play ${side.toUpperCase()}, ${pair[side].title}`,
    });
    made.prepend(letter(side));
    return made;
  };
  show(
    find("#hearing"),
    element(
      "div",
      { class: "row apart" },
      element("h2", {}, "Listen"),
      element("p", { class: "soft", id: "seed", role: "status" }),
    ),
    element(
      "div",
      { class: "sides" },
      button("a"),
      button("b"),
      element("button", { type: "button", class: "quiet", click: next }, "Next seed"),
    ),
    element("p", { class: "hint touchless" }, [
      keys("A"),
      " and ",
      keys("B"),
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
  find("#seed").textContent = `Seed ${pair.seed}`;
}

function play(side) {
  stop();
  find(`#play-${side}`).click();
}

function next() {
  pair.seed += 1;
  showSeed();
  play(pair.last);
}

function showDifferences(items) {
  const place = find("#differences");
  const correlated = ["a", "b"].filter((side) => pair[side].correlated).map((side) => side.toUpperCase());
  const beyond = `Some draws of ${correlated.join(" and of ")} go together, which no curve shows.`;
  const mixed = ["a", "b"].filter((side) => pair[side].components.length > 1).map((side) => side.toUpperCase());
  const heading = [
    element("h2", {}, "Curves that differ"),
    mixed.length > 0 && element("p", { class: "soft" }, `Of ${mixed.join(" and of ")}, a mixture, the first component.`),
    correlated.length > 0 && element("p", { class: "soft" }, beyond),
  ];
  if (items.length === 0) {
    show(place, heading, element("p", { class: "soft" }, "None."));
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
  show(
    place,
    heading,
    element("p", { class: "soft" }, `${items.length} of the ${pair.a.parameters.length}, the furthest apart first.`),
    grid,
    rest.length > 0 && more,
  );
}

function card({ module, name, curves, falls, symmetric }) {
  const parameter = pair.a.parameters.find((one) => one.module === module && one.name === name);
  const plot = plotOf(parameter);
  const sides = ["a", "b"].map((side, place) => ({
    side,
    curve: curves[place],
    fall: falls[place],
    symmetric: symmetric[place],
    mark: MARKS[side],
  }));
  plot.draw(sides);
  return element(
    "div",
    { class: "parameter" },
    element("h3", {}, `${module} ${name}`, parameter.unit && element("span", {}, ` ${parameter.unit}`)),
    plot.svg,
    sides.map((one) =>
      element("p", { class: "value" }, letter(one.side), ` ${shapeWords(one)}`),
    ),
  );
}

const measuring = new Measuring(find("#measuring"));

onKey((key) => {
  if (pair.a === null || pair.b === null || find("#hearing").hidden) return;
  if (key === "a" || key === "b") play(key);
  else if (key === "n") next();
});

await trying(async () => {
  const { items } = await get("/v1/nebulae?limit=500");
  showChoice(items);
  await choose(names());
})();
