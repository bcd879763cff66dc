/** Dialogs by which a nebula is made around presets of a file, or around a sound of another nebula. */

import { field, select } from "../form.js";
import { element } from "../html.js";
import { create, post } from "../server.js";
import { content } from "./files.js";
import { named } from "./naming.js";
import { address } from "./origins.js";

const LAST_SEED = 2 ** 32 - 1;

/** How near: share of its range that nine of ten values of a parameter take, and its name. */
const WIDTHS = [
  [0.05, "very near"],
  [0.2, "near"],
  [0.5, "around"],
];

const TITLE = "A nebula around";

/** Makes a nebula around the sound of a seed, and opens it. */
export async function aroundSound(nebula, seed) {
  const attributes = { type: "number", required: true, min: 0, max: LAST_SEED, step: 1 };
  const hint = `Of ${nebula.title} as it is kept.`;
  const places = [field("seed", "Seed", element("input", { ...attributes, value: seed }), hint), widthField()];
  await make(`${TITLE} a sound`, places, `${nebula.title} around ${seed}`.slice(0, 64), nebula.name, ({ seed: wanted }) => ({
    nebula: nebula.name,
    seed: Number(wanted),
  }));
}

/** Makes a nebula around presets of a file, of several a mixture, and opens it. */
export async function aroundPresets() {
  const file = element("input", { type: "file", accept: ".json,application/json", required: true });
  const number = element("input", { type: "number", min: 1, step: 1 });
  const places = [
    field("presets", "Presets", file, "JSON, as Sounds and presets on a nebula's page and nebula presets write it."),
    field("number", "Which of them", number, "Counted from 1. All, up to 32, as a mixture if empty."),
    widthField(),
  ];
  await make(`${TITLE} presets`, places, "", null, async ({ number: one }) => ({
    presets: await content(file.files[0]),
    number: one === "" ? null : Number(one),
  }));
}

function widthField() {
  const control = select(WIDTHS);
  control.value = WIDTHS[1][0];
  return field("width", "How near", control, "Switches keep their choices.");
}

/** Asks for what to surround until the server takes it; `wanted` returns that of the form's values. */
async function make(title, places, name, from, wanted) {
  const act = async (values) => {
    const asked = { ...(await wanted(values)), width: Number(values.width) };
    const { nebula } = await post("/v1/nebulae/surroundings", asked);
    return create("/v1/nebulae", { name: values.name, nebula, saved_from: from });
  };
  const made = await named(title, "Make it", act, { name, before: () => places });
  if (made) location.assign(address(made));
}
