/**
 * A small drawing of one parameter. Of a knob, on the left how an even draw (across) becomes a value (up), on the right
 * where the values fall, both over one axis in the parameter's unit. Of a switch, a bar for each choice, as long as the
 * choice is likely.
 *
 *     const plot = plotOf(parameter);
 *     plot.draw([{ curve: 0.25, fall: 1, symmetric: false, mark: "found" }]);
 *     place.append(plot.svg);
 */

import { drawn } from "../html.js";
import { below, bent } from "./curve.js";

const WIDTH = 250;
const HEIGHT = 100;
const TOP = 8;
const BOTTOM = 92;
const CURVE = [46, 166];
const DENSITY = [178, 246];
const BAR = [92, 246];
const POINTS = 48;
const BINS = 24;
// Names of choices are this far apart at least.
const LINE = 14;

/** Returns the drawing of a parameter as the API shows it. */
export function plotOf(parameter) {
  return parameter.choices.length > 0 ? new Bars(parameter) : new Plot(parameter);
}

/** The drawing of a knob, `svg`; `pad` is where its curve lies. */
class Plot {
  constructor({ minimum, maximum }) {
    const words = [maximum, (minimum + maximum) / 2, minimum].map((value) => Number(value.toPrecision(3)));
    this.pad = drawn("rect", {
      class: "pad",
      x: CURVE[0],
      y: TOP,
      width: CURVE[1] - CURVE[0],
      height: BOTTOM - TOP,
    });
    this.shapes = drawn("g");
    const middle = (TOP + BOTTOM) / 2;
    this.svg = drawn(
      "svg",
      { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
      this.pad,
      drawn("path", { class: "grid", d: `M${CURVE[0]} ${middle}H${CURVE[1]}M${DENSITY[0]} ${middle}H${DENSITY[1]}` }),
      drawn("path", { class: "axis", d: `M${DENSITY[0]} ${TOP}V${BOTTOM}` }),
      label(words[0], TOP + 8),
      label(words[1], middle + 4),
      label(words[2], BOTTOM),
      this.shapes,
    );
  }

  /** Shows curves, `{ curve, fall, symmetric, mark }`, the last one on top. */
  draw(series) {
    const shares = series.map((one) => sharesOf(one, BINS));
    const most = Math.max(3 / BINS, ...shares.flat());
    this.shapes.replaceChildren(
      ...series.flatMap((one, place) => [
        drawn("path", { class: `density ${one.mark}`, d: densityPath(shares[place], most) }),
        drawn("path", { class: `bend ${one.mark}`, d: curvePath(one) }),
      ]),
    );
  }

  /** Returns draw and place, from 0 to 1, under a pointer. */
  under({ clientX, clientY }) {
    const box = this.pad.getBoundingClientRect();
    return [(clientX - box.left) / box.width, 1 - (clientY - box.top) / box.height];
  }
}

/** The drawing of a switch, `svg`, which nothing can be dragged in: `pad` is null. */
class Bars {
  #count;

  constructor({ choices }) {
    this.#count = choices.length;
    this.pad = null;
    this.shapes = drawn("g");
    const step = (BOTTOM - TOP) / choices.length;
    // The first and every so many after it.
    const every = Math.ceil(LINE / step);
    const names = choices
      .map((choice, place) => [brief(choice), TOP + (place + 0.5) * step + 4, place])
      .filter(([, , place]) => place % every === 0);
    this.svg = drawn(
      "svg",
      { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
      names.map(([words, y]) => label(words, y, BAR[0] - 5)),
      drawn("path", { class: "axis", d: `M${BAR[0]} ${TOP}V${BOTTOM}` }),
      this.shapes,
    );
  }

  /** Shows curves, `{ curve, fall, symmetric, mark }`, the last one on top. */
  draw(series) {
    const shares = series.map((one) => sharesOf(one, this.#count));
    const most = Math.max(Math.min(2 / this.#count, 1), ...shares.flat());
    this.shapes.replaceChildren(
      ...series.map(({ mark }, place) => drawn("path", { class: `bar ${mark}`, d: barsPath(shares[place], most) })),
    );
  }
}

function label(words, y, x = CURVE[0] - 5) {
  return drawn("text", { x, y, "text-anchor": "end" }, words);
}

/** Returns what fits beside bars. */
function brief(words) {
  return words.length > 13 ? `${words.slice(0, 12)}…` : words;
}

function curvePath(one) {
  const steps = [];
  for (let index = 0; index <= POINTS; index += 1) {
    // Curves are steep at the ends and, where symmetric, in the middle: points crowd at all three.
    const half = (1 - Math.cos((2 * Math.PI * index) / POINTS)) / 4;
    const draw = index <= POINTS / 2 ? half : 1 - half;
    const x = CURVE[0] + draw * (CURVE[1] - CURVE[0]);
    const y = BOTTOM - bent(draw, one) * (BOTTOM - TOP);
    steps.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  return `M${steps.join("L")}`;
}

function sharesOf(one, bins) {
  return Array.from({ length: bins }, (_, bin) => below((bin + 1) / bins, one) - below(bin / bins, one));
}

function barsPath(shares, most) {
  const step = (BOTTOM - TOP) / shares.length;
  const thick = step * 0.72;
  return shares
    .map((share, place) => {
      const y = TOP + (place + 0.14) * step;
      const x = BAR[0] + (share / most) * (BAR[1] - BAR[0]);
      return `M${BAR[0]} ${y.toFixed(2)}H${x.toFixed(1)}v${thick.toFixed(2)}H${BAR[0]}Z`;
    })
    .join("");
}

function densityPath(shares, most) {
  const step = (BOTTOM - TOP) / shares.length;
  const steps = shares.map((share, bin) => {
    const x = DENSITY[0] + (share / most) * (DENSITY[1] - DENSITY[0]);
    return `H${x.toFixed(1)}V${(BOTTOM - (bin + 1) * step).toFixed(1)}`;
  });
  return `M${DENSITY[0]} ${BOTTOM}${steps.join("")}H${DENSITY[0]}Z`;
}
