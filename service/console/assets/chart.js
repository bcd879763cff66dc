/**
 * Lines and clouds of points over two axes. What has more points than pixels is drawn as the range within each pixel.
 *
 *     const chart = new Chart(place, { label: "Score over trials", x: "trial", y: "score", height: 260 });
 *     chart.draw([
 *       { name: "trials", kind: "cloud", xs, ys },
 *       { name: "best so far", kind: "steps", xs, ys: best },
 *       { name: "default", kind: "level", y: 2.68, mark: "start" },
 *     ]);
 *
 * Points of its first series can be pointed at, which says what they are, and pressed, by mouse and by keyboard.
 */

import { drawn, element, show } from "./html.js";
import { score } from "./numbers.js";

const LEFT = 52;
const RIGHT = 12;
const TOP = 24;
const BOTTOM = 34;
const PIXELS_A_TICK = 70;

// A point is pointed at from this far, in pixels.
const NEAR = 24;

// How far letters at the ends of series are apart, at least.
const LETTER = 12;

const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

// Beyond this factor between least and most an axis is logarithmic.
const WIDE = 8;

/** A chart that fills the width of its place. */
export class Chart {
  #place;
  #options;
  #series = [];
  #waiting = false;
  // These stay as they are redrawn, so that focus and whoever holds them are not lost.
  #keys = element("div");
  #svg = drawn("svg");
  #tip = element("output", { class: "tip", "aria-hidden": "true", hidden: true });
  #dot = drawn("circle", { class: "pointed", r: 5 });
  #at = null;
  #toX;
  #toY;

  /**
   * @param place What holds it.
   * @param options `label`, for who cannot see it; `x` and `y`, what the axes are; `height` in pixels; `written`, how a
   *   value is said on the vertical axis; `told`, what is said of a point by its place in the first series; `pressed`,
   *   called with that when it is pressed.
   */
  constructor(place, options) {
    this.#place = place;
    this.#options = { height: 260, x: "", y: "", written: score, ...options };
    place.classList.add("chart");
    new ResizeObserver(() => this.#soon()).observe(place);
    if (this.#options.told) this.#listen();
  }

  /**
   * Shows series: `{ name, kind, xs, ys, mark }`, where kind is "cloud", "line", "steps" or "level" (which has `y` in
   * place of points), and mark is what it stands for: "target", "start", "found", "hand", "other", or one of several sides. A series
   * may have an `end`, a letter that is written where it ends. Xs ascend. All calls before the next frame are drawn as one.
   */
  draw(series) {
    this.#series = series.filter(({ xs, y }) => xs?.length > 0 || Number.isFinite(y));
    this.#soon();
  }

  #soon() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#show();
    });
  }

  #show() {
    const width = this.#place.clientWidth;
    if (width === 0 || this.#series.length === 0) return;
    const { label, height, x, y, written } = this.#options;
    const [across, up] = [extent(this.#series, "xs"), padded(extent(this.#series, "ys"))];
    const right = width - RIGHT;
    const bottom = height - BOTTOM;
    const toX = scale(across, LEFT, right);
    const wide = isWide(up);
    const toY = wide ? logScale(up, bottom, TOP) : scale(up, bottom, TOP);
    const svg = this.#svg;
    const pointed = this.#options.told && this.#series[0].xs?.length > 0;
    const attributes = { viewBox: `0 0 ${width} ${height}`, height, "aria-label": label, role: "img" };
    if (pointed) Object.assign(attributes, { role: "slider", tabindex: 0, "aria-valuemin": 0 });
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    [this.#toX, this.#toY] = [toX, toY];
    show(
      svg,
      (wide ? logTicks(up) : ticks(up, (bottom - TOP) / 45)).map((tick) => [
        drawn("path", { class: "grid", d: `M${LEFT} ${toY(tick)}H${right}` }),
        drawn("text", { x: LEFT - 8, y: toY(tick) + 4, "text-anchor": "end" }, written(tick)),
      ]),
      ticks(across, (right - LEFT) / PIXELS_A_TICK)
        .filter(Number.isInteger)
        .map((tick) => drawn("text", { x: toX(tick), y: bottom + 16, "text-anchor": "middle" }, score(tick))),
      drawn("path", { class: "axis", d: `M${LEFT} ${bottom}H${right}` }),
      drawn("text", { x: right, y: height - 3, "text-anchor": "end" }, x),
      drawn("text", { x: 0, y: 11 }, y),
      this.#series.map((one) => {
        const d = one.kind === "level" ? `M${LEFT} ${toY(one.y)}H${right}` : path(one, toX, toY);
        return drawn("path", { class: `${one.kind} ${one.mark ? `marked ${one.mark}` : ""}`, d });
      }),
      ends(this.#series, toX, toY, (TOP + bottom) / 2).map(({ x, y, end, mark }) => drawn("text", { class: `end ${mark}`, x, y }, end)),
      pointed && this.#dot,
    );
    const keys = this.#series.filter(({ name }) => name);
    show(this.#keys, keys.length > 1 && legend(keys));
    if (svg.parentNode !== this.#place) show(this.#place, this.#keys, svg, this.#tip);
    if (pointed) this.#point(this.#at);
  }

  #listen() {
    const place = this.#place;
    place.addEventListener("pointermove", (event) => this.#point(this.#nearest(event)));
    place.addEventListener("pointerleave", () => this.#point(null));
    place.addEventListener("click", (event) => {
      this.#point(this.#nearest(event));
      if (this.#at !== null) this.#options.pressed(this.#at);
    });
    place.addEventListener("focusout", () => this.#point(null));
    place.addEventListener("keydown", (event) => {
      const last = this.#series[0]?.xs?.length - 1;
      if (event.target !== this.#svg || !(last >= 0)) return;
      if (event.key in STEPS) this.#point(Math.min(last, Math.max(0, (this.#at ?? -1) + STEPS[event.key])));
      else if (event.key === "Home") this.#point(0);
      else if (event.key === "End") this.#point(last);
      else if ((event.key === "Enter" || event.key === " ") && this.#at !== null) this.#options.pressed(this.#at);
      else return;
      event.preventDefault();
    });
  }

  /** Says what a point of the first series is, by its place; null for none. */
  #point(at) {
    this.#at = at;
    this.#tip.hidden = at === null;
    this.#dot.toggleAttribute("hidden", at === null);
    if (!this.#svg.contains(this.#dot)) return;
    const { xs, ys, mark } = this.#series[0];
    const words = at === null ? "none chosen" : this.#options.told(at);
    const value = { "aria-valuemax": xs.length - 1, "aria-valuenow": at ?? 0, "aria-valuetext": words };
    for (const [name, is] of Object.entries(value)) this.#svg.setAttribute(name, is);
    if (at === null) return;
    const [x, y] = [this.#toX(xs[at]), this.#toY(ys[at])];
    this.#dot.setAttribute("class", `pointed filled ${mark}`);
    this.#dot.setAttribute("cx", x);
    this.#dot.setAttribute("cy", y);
    this.#tip.textContent = words;
    const over = this.#svg.getBoundingClientRect().top - this.#place.getBoundingClientRect().top;
    this.#tip.style.setProperty("top", `${over + y}px`);
    const most = this.#place.clientWidth - this.#tip.offsetWidth;
    this.#tip.style.setProperty("left", `${Math.max(0, Math.min(most, x - this.#tip.offsetWidth / 2))}px`);
  }

  /** Returns the place of the point that is pointed at; null where none is near. */
  #nearest(event) {
    if (!this.#svg.contains(this.#dot)) return null;
    const box = this.#svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { xs, ys } = this.#series[0];
    let [found, least] = [null, NEAR];
    for (let at = 0; at < xs.length; at += 1) {
      const far = Math.hypot(this.#toX(xs[at]) - x, this.#toY(ys[at]) - y);
      if (far < least) [found, least] = [at, far];
    }
    return found;
  }
}

/** Returns names with their colours. */
export function legend(series) {
  const marks = { cloud: "other", line: "found", steps: "found", level: "start", dot: "other" };
  return element(
    "ul",
    { class: "legend" },
    series.map(({ name, kind, mark, y }) =>
      element(
        "li",
        {},
        element("span", { class: `key ${mark ?? marks[kind]} ${kind === "cloud" || kind === "dot" ? "dot" : ""}` }),
        kind === "level" ? `${name}, ${score(y)}` : name,
      ),
    ),
  );
}

/** Returns where the letters of series are written, none over another: they give way towards the middle of the chart. */
function ends(series, toX, toY, middle) {
  const found = series
    .filter(({ end }) => end)
    .map(({ end, mark, xs, ys }) => ({ end, mark, x: toX(xs[xs.length - 1]) + 4, y: toY(ys[ys.length - 1]) + 4 }));
  const down = found.reduce((sum, { y }) => sum + y - middle, 0) < 0 ? 1 : -1;
  found.sort((one, other) => down * (one.y - other.y));
  found.forEach((one, place) => {
    for (const { x, y } of found.slice(0, place))
      if (Math.abs(x - one.x) < LETTER && down * (one.y - y) < LETTER) one.y = y + down * LETTER;
  });
  return found;
}

/** Returns what maps values to pixels. */
export function scale([least, most], from, to) {
  const span = most - least || 1;
  return (value) => Math.round((from + ((value - least) / span) * (to - from)) * 10) / 10;
}

/** Returns round values within a range, about so many. */
export function ticks([least, most], wanted) {
  const rough = (most - least) / Math.max(1, wanted);
  if (!(rough > 0)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const found = [];
  for (let index = Math.ceil(least / step); index * step <= most + 1e-9 * step; index += 1) {
    found.push(Number((index * step).toPrecision(12)));
  }
  return found;
}

/** Returns least and most of all series. */
export function extent(series, axis) {
  let [least, most] = [Infinity, -Infinity];
  for (const one of series) {
    const values = one[axis] ?? (axis === "ys" ? [one.y] : []);
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return least > most ? [0, 1] : [least, most];
}

/** Returns whether an axis over a range is logarithmic. */
export function isWide([least, most]) {
  return least > 0 && most > WIDE * least;
}

function padded([least, most]) {
  if (isWide([least, most])) return [least / 1.15, most * 1.15];
  const room = 0.06 * (most - least || Math.abs(most) || 1);
  return [least >= 0 ? Math.max(0, least - room) : least - room, most + room];
}

/** Returns a function from values above 0 to places, even steps of which are even factors. */
export function logScale([least, most], from, to) {
  const inner = scale([Math.log(least), Math.log(most)], from, to);
  return (value) => inner(Math.log(value));
}

function logTicks([least, most]) {
  const found = [];
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10) {
    found.push(...[1, 2, 5].map((factor) => Number((factor * power).toPrecision(3))));
  }
  return found.filter((tick) => tick >= least && tick <= most);
}

/** Returns the shape of a series; of many points in one column of pixels, the lowest and the highest. */
function path({ kind, xs, ys }, toX, toY) {
  const steps = [];
  let column = null;
  let [low, high] = [0, 0];
  let [first, last] = [0, 0];
  const flush = () => {
    if (column === null) return;
    if (kind === "cloud") steps.push(low === high ? `M${column} ${low}h0` : `M${column} ${low}V${high}`);
    else if (kind === "steps" && steps.length) steps.push(`H${column}V${first}`, low === high ? "" : `V${last}`);
    else steps.push(`${steps.length ? "L" : "M"}${column} ${first}`, low === high ? "" : `V${low}V${high}V${last}`);
  };
  const many = xs.length > toX(xs[xs.length - 1]) - toX(xs[0]);
  for (let index = 0; index < xs.length; index += 1) {
    const at = many ? Math.round(toX(xs[index])) : toX(xs[index]);
    const y = toY(ys[index]);
    if (at !== column) {
      flush();
      [column, low, high, first] = [at, y, y, y];
    }
    low = Math.min(low, y);
    high = Math.max(high, y);
    last = y;
  }
  flush();
  return steps.join("");
}
