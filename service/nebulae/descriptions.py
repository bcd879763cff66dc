"""What the nebulae are that ship with the package, in a sentence each."""

#: Of what leaves every draw of a synth uniform.
OF_UNIFORM = "Every parameter uniform over its range: nothing is preferred."

_SENTENCES = {
    "default": "The choice of torchsynth's authors for a wide range of sounds; it makes synth1B1.",
    "drum": "Made by hand by torchsynth's authors to sound like early drum machines.",
    "uniform": OF_UNIFORM,
    "drum-logmel": "Found by the study drum, towards 924 recordings of drums and percussion.",
    "drum-correlated": "Found from drum-logmel, towards the same recordings: which draws go together, too.",
    "drum-tuned": "Found by the study drum-near, towards 452 recordings of percussion.",
    "percussion-tuned": "A mixture around 128 presets of the synth percussion that were matched to recordings.",
    "dx7-default": "Leans the DX7's levels to where sounds can be heard; searches of it begin here.",
}


def describe(shipped: str) -> str:
    """Returns what a shipped nebula is; empty if nothing is known about it."""
    return _SENTENCES.get(shipped, "")
