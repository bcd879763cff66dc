"""Training the network of the doppelgänger distance on sounds of the Voice, and on nothing else.

- `families`: nebulae that the sounds are drawn from
- `chains`: what is learned from: three sounds, a near and a far relative of the first
- `truth`: what is known of a rendered sound: the pitches of its oscillators
- `blocks`: chains rendered, seen and known
- `augmentation`: what recordings have and renders lack
- `losses`: what the network is asked for
- `trainer`: the loop, its checkpoints, and the weights it leaves
"""

from nebula.training.trainer import Report, TrainingSettings, train

__all__ = ["Report", "TrainingSettings", "train"]
