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
const RADIUS = 4.5;
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
  const circles = layers.flatMap(({ name, mark, points }) =>
    points.map((point) => {
      const words = `${name}, ${point.label}`;
      const circle = drawn(
        "circle",
        {
          class: `point filled ${mark}`,
          cx: toX(point.x),
          cy: toY(point.y),
          r: RADIUS,
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
        rove(circle);
        if (point.sound) toggle(point.sound, (is) => circle.setAttribute("aria-pressed", String(is)), circle);
      }
      circle.press = press;
      return circle;
    }),
  );
  let reached = circles[0];
  reached?.setAttribute("tabindex", "0");

  function rove(circle) {
    reached.setAttribute("tabindex", "-1");
    reached = circle;
    circle.setAttribute("tabindex", "0");
    circle.focus();
  }

  svg.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") reached.press();
    else if (event.key in DIRECTIONS) rove(nearest(circles, reached, DIRECTIONS[event.key]));
    else return;
    event.preventDefault();
  });
  svg.append(...circles);
  show(place, legend(layers.map(({ name, mark }) => ({ name, mark, kind: "dot" }))), svg, said);
}

/** Returns the nearest circle in a direction, those ahead before those aside; the same one if there is none. */
function nearest(circles, from, [right, down]) {
  const place = (circle) => [Number(circle.getAttribute("cx")), Number(circle.getAttribute("cy"))];
  const [x, y] = place(from);
  let [best, least] = [from, Infinity];
  for (const circle of circles) {
    const [dx, dy] = [place(circle)[0] - x, place(circle)[1] - y];
    const ahead = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    const far = ahead + 3 * aside;
    if (ahead > 0 && far < least) [best, least] = [circle, far];
  }
  return best;
}

function range(points, axis) {
  const values = points.map((point) => point[axis]);
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
}
