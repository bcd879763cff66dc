/**
 * Figures between their confidence bounds, one below the other over one axis.
 *
 *     showIntervals(place, { label, rows: [{ name, value, low, high }], range: [0, 1], level: 0.5, written: percent });
 */

import { scale, ticks } from "../chart.js";
import { drawn, show } from "../html.js";

const ROW = 44;
const SIDE = 18;
const BOTTOM = 30;

/**
 * Shows figures.
 *
 * @param place What holds them; they fill its width.
 * @param options `label`, for who cannot see it; `rows`; `range` of the axis; `level`, where nothing differs;
 *   `written`, how a value is said.
 */
export function showIntervals(place, options) {
  place.classList.add("chart", "intervals");
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    show(place, draw(width, options));
  }).observe(place);
}

function draw(width, { label, rows, range, level, written }) {
  const bottom = ROW * rows.length + 4;
  const height = bottom + BOTTOM;
  const toX = scale(range, SIDE, width - SIDE);
  return drawn(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label },
    ticks(range, (width - 2 * SIDE) / 90).map((tick) => [
      drawn("path", { class: "grid", d: `M${toX(tick)} 4V${bottom}` }),
      drawn("text", { x: toX(tick), y: bottom + 18, "text-anchor": "middle" }, written(tick)),
    ]),
    level === undefined ? null : drawn("path", { class: "level", d: `M${toX(level)} 4V${bottom}` }),
    rows.map(({ name, value, low, high }, place) => {
      const y = ROW * place + 30;
      return [
        drawn("text", { class: "name", x: SIDE, y: y - 13 }, name),
        low === null || high === null
          ? null
          : drawn("path", { class: "interval", d: `M${toX(low)} ${y}H${toX(high)}` }),
        drawn("circle", { class: "value", cx: toX(value), cy: y, r: 6 }, drawn("title", {}, written(value))),
      ];
    }),
  );
}
