/**
 * What people call the parameters of synthesizers: `adsr_2->vco_2_amp` is "Envelope 2 to oscillator 2 level".
 *
 *     spokenName("vco_1")                        Oscillator 1
 *     spokenPath("vco_1.tuning.curve")           Oscillator 1: tuning
 */

const WORDS = {
  adsr: "envelope",
  amp: "level",
  depth: "depth",
  f0: "note",
  lfo: "LFO",
  midi: "MIDI",
  mod: "modulation",
  rsaw: "falling saw",
  saw: "rising saw",
  sin: "sine",
  sqr: "square",
  tri: "triangle",
  vco: "oscillator",
};

/** Returns what people call a module or a parameter. */
export function spokenName(name) {
  const words = name
    .split("->")
    .map((side) => side.split("_").map((part) => WORDS[part] ?? part).join(" "))
    .join(" to ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Returns what people call a hyperparameter: `module.name.kind`, of the second component of a mixture `2:…`. */
export function spokenPath(path) {
  const [, component, module, name, kind] = /^(?:(\d+):)?([^.]*)\.?(.*?)(?:\.(curve|fall|symmetric))?$/.exec(path);
  const words = name ? `${spokenName(module)}: ${spokenName(name)}` : spokenName(module);
  const which = kind && kind !== "curve" ? `${words}, ${kind}` : words;
  return component ? `Component ${component}, ${which}` : which;
}
