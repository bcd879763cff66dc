/** How each parameter is bent: by the nebula that was found, against the one that the search began at. */

import { drawn, element, find, show } from "../html.js";
import { legend } from "../chart.js";
import { bent } from "../nebulae/curve.js";
import { score } from "../numbers.js";
import { get } from "../server.js";

const POINTS = 24;
const WIDTH = 100;
const HEIGHT = 40;
// Modules of a synth with more parameters are folded.
const MOST_OPEN = 100;

const known = new Map();

/** Shows all curves of a synth's parameters; those that the study did not vary are set apart. */
export async function showCurves(synth, start, end, tuned) {
  if (!known.has(synth)) known.set(synth, (await get(`/v1/synths/${encodeURIComponent(synth)}`)).items);
  const parameters = known.get(synth);
  const modules = [...new Set(parameters.map(({ module }) => module))];
  show(
    find("#curves"),
    element(
      "p",
      { class: "soft" },
      "From left to right the random draw, from bottom to top what becomes of it within the parameter's range.",
    ),
    legend([
      { name: "start", mark: "one", kind: "line" },
      { name: "best", mark: "three", kind: "line" },
    ]),
    modules.map((module) =>
      element(
        "details",
        { class: "module", open: parameters.length <= MOST_OPEN },
        element("summary", {}, module),
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
}

function plot(parameter, column, start, end, varies) {
  const [before, after] = [start?.curves[column], end.curves[column]];
  const words = before === undefined || before === after ? score(after) : `${score(before)} → ${score(after)}`;
  const flip = start && start.symmetric[column] !== end.symmetric[column] ? ", symmetry flipped" : "";
  return element(
    "figure",
    {
      class: varies ? null : "fixed",
      title: `${parameter.description} (${range(parameter)})`,
    },
    drawn(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      drawn("path", { class: "box", d: `M0 0H${WIDTH}V${HEIGHT}H0Z` }),
      start ? drawn("path", { class: "before", d: path(before, start.symmetric[column]) }) : null,
      drawn("path", { class: "after", d: path(after, end.symmetric[column]) }),
    ),
    element(
      "figcaption",
      {},
      element("b", {}, parameter.name.replace("->", " → ")),
      varies ? words : `${words}, fixed`,
      flip,
    ),
  );
}

function range({ choices, minimum, maximum, unit }) {
  return choices.length ? choices.join(", ") : `${minimum} to ${maximum} ${unit}`;
}

/** Returns the shape of a curve: what becomes of a uniform draw, as torchsynth has it. */
function path(curve, symmetric) {
  let d = "";
  for (let index = 0; index <= POINTS; index += 1) {
    const draw = index / POINTS;
    const value = bent(draw, { curve, symmetric });
    d += `${index ? "L" : "M"}${(draw * WIDTH).toFixed(1)} ${((1 - value) * HEIGHT).toFixed(1)}`;
  }
  return d;
}
