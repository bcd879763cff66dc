/**
 * Points in a plane that play their sounds: by a press, or with the arrow keys and Enter.
 *
 *     showScatter(place, { label: "Sounds by likeness", layers: [{ name: "drum", mark: "two", points }] });
 *
 * A point is `{ x, y, label, sound }`; one whose sound is null is only looked at.
 */

import { legend, scale } from "./chart.js";
import { drawn, element, show } from "./html.js";
import { toggle } from "./player.js";

const EDGE = 14;

/** A shape for each mark, so that colour is not all that tells them apart. */
const SHAPES = {
  one: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
  two: "M-4 -4H4V4H-4Z",
  three: "M0 -5.8L5.8 0L0 5.8L-5.8 0Z",
  four: "M0 -5.5L5.2 4H-5.2Z",
};

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Shows points.
 *
 * @param place What holds them.
 * @param options `label`, for who cannot see; `layers`, in the order in which they are drawn; `height` in pixels.
 */
export function showScatter(place, { label, layers, height = 380 }) {
  place.classList.add("chart");
  const width = Math.max(280, place.clientWidth || 600);
  const all = layers.flatMap(({ points }) => points);
  const toX = scale(range(all, "x"), EDGE, width - EDGE);
  const toY = scale(range(all, "y"), height - EDGE, EDGE);
  const said = element("p", { class: "soft", role: "status" }, "Press a point to hear it. Arrow keys lead to others.");
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
  const places = new Map();
  const marks = layers.flatMap(({ name, mark, points }) =>
    points.map((point) => {
      const words = `${name}, ${point.label}`;
      const [x, y] = [toX(point.x), toY(point.y)];
      const made = drawn(
        "path",
        {
          class: `point filled ${mark}`,
          d: SHAPES[mark],
          transform: `translate(${x} ${y})`,
          tabindex: -1,
          role: "button",
          "aria-label": point.sound ? `Play ${words}` : words,
          "aria-pressed": "false",
          "aria-disabled": point.sound === null ? "true" : null,
          click: () => press(),
          focus: () => {
            said.textContent = words;
          },
          pointerenter: () => {
            said.textContent = words;
          },
        },
        drawn("title", {}, words),
      );
      function press() {
        rove(made);
        if (point.sound) toggle(point.sound, (is) => made.setAttribute("aria-pressed", String(is)), made);
      }
      places.set(made, { x, y, press });
      return made;
    }),
  );
  let reached = marks[0];
  reached?.setAttribute("tabindex", "0");

  function rove(made) {
    reached.setAttribute("tabindex", "-1");
    reached = made;
    made.setAttribute("tabindex", "0");
    made.focus();
  }

  svg.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") places.get(reached).press();
    else if (event.key in DIRECTIONS) rove(nearest(places, reached, DIRECTIONS[event.key]));
    else return;
    event.preventDefault();
  });
  svg.append(...marks);
  show(place, legend(layers.map(({ name, mark }) => ({ name, mark, kind: "dot" }))), svg, said);
}

/** Returns the nearest point in a direction, those ahead before those aside; the same one if there is none. */
function nearest(places, from, [right, down]) {
  const { x, y } = places.get(from);
  let [best, least] = [from, Infinity];
  for (const [made, place] of places) {
    const [dx, dy] = [place.x - x, place.y - y];
    const ahead = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    const far = ahead + 3 * aside;
    if (ahead > 0 && far < least) [best, least] = [made, far];
  }
  return best;
}

function range(points, axis) {
  const values = points.map((point) => point[axis]);
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
}
