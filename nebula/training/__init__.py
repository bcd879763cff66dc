"""Training the network of the doppelgänger distance on sounds of the Voice, and on nothing else.

- `families`: nebulae that the sounds are drawn from
- `chains`: what is learned from: three sounds, a near and a far relative of the first
- `truth`: what is known of a rendered sound: the pitches of its oscillators
- `blocks`: chains rendered, seen and known
- `augmentation`: what recordings have and renders lack
- `losses`: what the network is asked for
- `settings`: what decides the weights
- `trainer`: the loop, its checkpoints, and the weights it leaves
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.training.settings import TrainingSettings
    from nebula.training.trainer import Report, train
else:
    __getattr__ = names_from(
        __name__,
        {
            "Report": "nebula.training.trainer",
            "TrainingSettings": "nebula.training.settings",
            "train": "nebula.training.trainer",
        },
    )

__all__ = ["Report", "TrainingSettings", "train"]
