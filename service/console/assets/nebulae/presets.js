/** The dialog by which sounds of a nebula are taken along, as sound files or as presets. */

import { asked } from "../dialog.js";
import { field, select } from "../form.js";
import { element } from "../html.js";
import { blob } from "../server.js";

const MOST = 128;
const LAST_SEED = 2 ** 32 - MOST - 1;

/** Forms in which sounds come together in a zip, and what they are. */
const SOUNDS = { wav: "wav – sounds, in a zip", flac: "flac – sounds, half as large, in a zip" };

/** What formats are for, behind their names; one that is not listed is what the synth itself loads. */
const MEANINGS = { json: "values with names and units", csv: "a table of values" };

/**
 * Asks which sounds of a nebula are wanted and as what, and hands the browser their file.
 *
 * @param nebula As the API shows it.
 * @param path Of the nebula in the API.
 */
export async function takeAlong(nebula, path) {
  const formats = nebula.preset_formats.map((format) => [
    format,
    `${format} – ${MEANINGS[format] ?? `what ${nebula.synth} loads`}`,
  ]);
  const wanted = await asked(
    "Sounds and presets",
    [
      element("p", { class: "soft" }, "Each is the sound of one seed."),
      element(
        "div",
        { class: "together" },
        field("count", "How many", number(32, 1, MOST)),
        field("seed", "First seed", number(0, 0, LAST_SEED)),
      ),
      field("format", "Format", select([...formats, ...Object.entries(SOUNDS)])),
    ],
    "Download",
  );
  if (wanted === null) return;
  const { format, ...which } = wanted;
  const [source, ending] = format in SOUNDS ? [`sounds.zip?as=${format}`, "zip"] : [`presets?format=${format}`, format];
  const address = URL.createObjectURL(await blob(`${path}/${source}&${new URLSearchParams(which)}`));
  element("a", { href: address, download: `${nebula.title}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function number(value, min, max) {
  return element("input", { type: "number", required: true, value, min, max, step: 1 });
}
