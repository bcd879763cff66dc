/** How each parameter is bent: by the nebula that was found, against the one that the search began at. */

import { drawn, element, find, show } from "../html.js";
import { legend } from "../chart.js";
import { bent } from "../nebulae/curve.js";
import { counted, score } from "../numbers.js";
import { spokenName } from "../parameters.js";
import { get } from "../server.js";

const POINTS = 24;
const WIDTH = 100;
const HEIGHT = 40;
const known = new Map();

/** Shows all curves of a synth's parameters by module, folded; those that the study did not vary are set apart. */
export async function showCurves(synth, start, end, tuned) {
  if (!known.has(synth)) known.set(synth, (await get(`/v1/synths/${encodeURIComponent(synth)}`)).items);
  const parameters = known.get(synth);
  const modules = [...new Set(parameters.map(({ module }) => module))];
  // What somebody has unfolded stays so when a better trial comes.
  const open = new Set([...document.querySelectorAll("#curves details[open]")].map(({ dataset }) => dataset.module));
  show(
    find("#curves"),
    element(
      "p",
      { class: "soft" },
      "From left to right the random draw, from bottom to top what becomes of it within the parameter's range.",
    ),
    legend([
      { name: "start", mark: "start", kind: "line" },
      { name: "best", mark: "found", kind: "line" },
    ]),
    modules.map((module) =>
      element(
        "details",
        { class: "module", "data-module": module, open: open.has(module) },
        element("summary", {}, spokenName(module), " ", element("span", { class: "soft" }, moved(module))),
        element(
          "div",
          { class: "curves" },
          parameters.map((parameter, column) =>
            parameter.module === module ? plot(parameter, column, start, end, tuned[column]) : null,
          ),
        ),
      ),
    ),
  );

  /** How many parameters of a module have another shape than at the start. */
  function moved(module) {
    const columns = parameters.flatMap((parameter, column) => (parameter.module === module ? [column] : []));
    if (start === null) return counted(columns.length, "curve");
    const shape = (nebula, column) => JSON.stringify(shapeIn(nebula, column));
    const changed = columns.filter((column) => shape(start, column) !== shape(end, column));
    return `${changed.length} of ${counted(columns.length, "curve")} changed`;
  }
}

function plot(parameter, column, start, end, varies) {
  const [before, after] = [start, end].map((nebula) => nebula && shapeIn(nebula, column));
  const [from, to] = [before, after].map((shape) => shape && figures(shape));
  const words = from === null || from === to ? to : `${from} → ${to}`;
  const flip = start && start.symmetric[column] !== end.symmetric[column] ? ", symmetry flipped" : "";
  return element(
    "figure",
    {
      class: varies ? null : "fixed",
      title: `${parameter.module} ${parameter.name}: ${parameter.description} (${range(parameter)})`,
    },
    drawn(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      drawn("path", { class: "box", d: `M0 0H${WIDTH}V${HEIGHT}H0Z` }),
      start ? drawn("path", { class: "before", d: path(before) }) : null,
      drawn("path", { class: "after", d: path(after) }),
    ),
    element(
      "figcaption",
      {},
      element("b", { title: spokenName(parameter.name) }, spokenName(parameter.name)),
      varies ? words : `${words}, fixed`,
      flip,
    ),
  );
}

function range({ choices, minimum, maximum, unit }) {
  return choices.length ? choices.join(", ") : `${minimum} to ${maximum} ${unit}`;
}

function shapeIn({ curves, falls, symmetric }, column) {
  return { curve: curves[column], fall: falls[column], symmetric: symmetric[column] };
}

function figures({ curve, fall }) {
  return fall === 1 ? score(curve) : `${score(curve)}, fall ${score(fall)}`;
}

/** Returns the drawing of a shape: what becomes of a uniform draw. */
function path(shape) {
  let d = "";
  for (let index = 0; index <= POINTS; index += 1) {
    const draw = index / POINTS;
    const value = bent(draw, shape);
    d += `${index ? "L" : "M"}${(draw * WIDTH).toFixed(1)} ${((1 - value) * HEIGHT).toFixed(1)}`;
  }
  return d;
}
