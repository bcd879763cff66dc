"""A small embedding of our own, trained on nothing but sounds of the Voice.

- `pictures`: what the network sees of a sound
- `answers`: what it says of them
- `network`: the network, and the one that comes with the package
- `distance`: `Doppelganger`, the distance between its answers
- `weights.safetensors`: its weights; `weights.json` says how they were made. `nebula.training` makes new ones
"""

from nebula.distances.doppelganger.distance import Doppelganger, DoppelgangerSettings

__all__ = ["Doppelganger", "DoppelgangerSettings"]
