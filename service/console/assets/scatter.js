/**
 * Points in a plane that play their sounds: by a press, or with the arrow keys and Enter. Layers can be left out, what is
 * left then fills the plane, and any part of it can be looked at more closely.
 *
 *     showScatter(place, { label: "Sounds by likeness", layers: [{ name: "drum", mark: "target", points }] });
 *
 * A point is `{ x, y, label, sound }`; one whose sound is null is only looked at.
 */

import { scale } from "./chart.js";
import { drawn, element, show } from "./html.js";
import { toggle } from "./player.js";

const EDGE = 14;
const ZOOM = 1.6;
const DEEPEST = 40;

/** A shape for each mark, so that colour is not all that tells them apart; as in the report of a study. */
const SHAPES = {
  target: "M-4 -4H4V4H-4Z",
  start: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
  found: "M0 -5.8L5.8 0L0 5.8L-5.8 0Z",
};

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Shows points.
 *
 * @param place What holds them.
 * @param options `label`, for who cannot see; `layers`, in the order in which they are drawn, the last one on top;
 *   `height` in pixels.
 */
export function showScatter(place, { label, layers, height = 380 }) {
  place.classList.add("chart");
  const width = Math.max(280, place.clientWidth || 600);
  const said = element("p", { class: "soft", role: "status" }, "Press a point to hear it. Arrow keys lead to others.");
  const svg = drawn("svg", { class: "map", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
  const marks = layers.flatMap((layer) => layer.points.map((point) => mark(layer, point)));
  const hidden = new Set();
  let zoom = 1;
  let middle = [0.5, 0.5];
  let reached = marks[0];
  reached?.made.setAttribute("tabindex", "0");

  function mark(layer, point) {
    const words = `${layer.name}, ${point.label}`;
    const one = { layer, point, x: 0, y: 0 };
    const told = () => {
      said.textContent = words;
    };
    one.made = drawn(
      "path",
      {
        class: `point filled ${layer.mark}`,
        d: SHAPES[layer.mark],
        tabindex: -1,
        role: "button",
        "aria-label": point.sound ? `Play ${words}` : words,
        "aria-pressed": "false",
        "aria-disabled": point.sound === null ? "true" : null,
        click: () => press(one),
        focus: told,
        pointerenter: told,
      },
      drawn("title", {}, words),
    );
    return one;
  }

  function press(one) {
    rove(one);
    const { made, point } = one;
    if (point.sound) toggle(point.sound, (is) => made.setAttribute("aria-pressed", String(is)), made);
  }

  function rove(one) {
    reached.made.setAttribute("tabindex", "-1");
    reached = one;
    one.made.setAttribute("tabindex", "0");
    one.made.focus();
  }

  /** Puts all points of the layers that are shown where they belong. */
  function arrange() {
    const seen = marks.filter(({ layer }) => !hidden.has(layer));
    const all = seen.map(({ point }) => point);
    const toX = closer(range(all, "x"), middle[0], EDGE, width - EDGE);
    const toY = closer(range(all, "y"), middle[1], height - EDGE, EDGE);
    for (const one of marks) {
      one.made.toggleAttribute("hidden", hidden.has(one.layer));
      [one.x, one.y] = [toX(one.point.x), toY(one.point.y)];
      one.made.setAttribute("transform", `translate(${one.x} ${one.y})`);
    }
    if (hidden.has(reached?.layer) && seen.length > 0) {
      reached.made.setAttribute("tabindex", "-1");
      reached = seen[0];
      reached.made.setAttribute("tabindex", "0");
    }
  }

  function closer([least, most], at, from, to) {
    const span = (most - least || 1) / zoom;
    const centre = least + at * (most - least);
    return scale([centre - span / 2, centre + span / 2], from, to);
  }

  /** Looks more closely, at the point that was reached last, or from further away. */
  function look(factor) {
    zoom = Math.min(DEEPEST, Math.max(1, zoom * factor));
    if (zoom === 1) middle = [0.5, 0.5];
    else if (factor > 1) {
      const all = marks.filter(({ layer }) => !hidden.has(layer)).map(({ point }) => point);
      middle = ["x", "y"].map((axis) => {
        const [least, most] = range(all, axis);
        return (reached.point[axis] - least) / (most - least || 1);
      });
    }
    arrange();
  }

  function drag(event) {
    middle = [
      middle[0] - event.movementX / (width - 2 * EDGE) / zoom,
      middle[1] + event.movementY / (height - 2 * EDGE) / zoom,
    ];
    arrange();
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.target === svg && zoom > 1) svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) drag(event);
  });
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") press(reached);
    else if (event.key === "+") look(ZOOM);
    else if (event.key === "-") look(1 / ZOOM);
    else if (event.key in DIRECTIONS) rove(nearest(visible(), reached, DIRECTIONS[event.key]));
    else return;
    event.preventDefault();
  });

  /** Returns the points that can be seen: those of layers that are shown, within the plane. */
  function visible() {
    const within = ({ x, y }) => x >= 0 && x <= width && y >= 0 && y <= height;
    return marks.filter((one) => !hidden.has(one.layer) && within(one));
  }

  function key(layer) {
    const button = element(
      "button",
      {
        type: "button",
        class: `small quiet layer ${layer.mark}`,
        "aria-pressed": "true",
        click: () => {
          if (hidden.has(layer)) hidden.delete(layer);
          else if (hidden.size < layers.length - 1) hidden.add(layer);
          button.setAttribute("aria-pressed", String(!hidden.has(layer)));
          look(1 / DEEPEST);
        },
      },
      drawn(
        "svg",
        { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" },
        drawn("path", { class: `filled ${layer.mark}`, d: SHAPES[layer.mark] }),
      ),
      layer.name,
    );
    return button;
  }

  const closerButton = (words, label, factor) =>
    element("button", { type: "button", class: "small quiet", "aria-label": label, click: () => look(factor) }, words);

  svg.append(...marks.map(({ made }) => made));
  arrange();
  show(
    place,
    element(
      "div",
      { class: "row apart" },
      element("div", { class: "row", role: "group", "aria-label": "What is shown" }, layers.map(key)),
      element(
        "div",
        { class: "row", role: "group", "aria-label": "How closely" },
        closerButton("+", "Closer", ZOOM),
        closerButton("−", "Less close", 1 / ZOOM),
        closerButton("All", "All of it", 1 / DEEPEST),
      ),
    ),
    svg,
    said,
  );
}

/** Returns the nearest point in a direction, those ahead before those aside; the same one if there is none. */
function nearest(all, from, [right, down]) {
  let [best, least] = [from, Infinity];
  for (const one of all) {
    const [dx, dy] = [one.x - from.x, one.y - from.y];
    const ahead = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    const far = ahead + 3 * aside;
    if (ahead > 0 && far < least) [best, least] = [one, far];
  }
  return best;
}

function range(points, axis) {
  const values = points.map((point) => point[axis]);
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
}
