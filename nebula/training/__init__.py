"""Training on rendered sounds and nothing else: the network of the doppelgänger distance, and encoders by a spec.

- `families`: nebulae that the sounds are drawn from
- `chains`: what is learned from: three sounds, a near and a far relative of the first
- `truth`: what is known of a rendered sound: the pitches of its oscillators
- `blocks`: chains rendered, seen and known
- `augmentation`: what recordings have and renders lack
- `losses`: what the network is asked for
- `settings`: what decides the weights
- `trainer`: the loop, and the weights it leaves
- `checkpoint`: where training stands
- `recipe`: the spec of an encoder that learns from pairs, after Cherep and Singh
- `effects`: what hides from it what both sounds of a pair share by accident
- `encoder`: its loop
"""

from typing import TYPE_CHECKING

from nebula.lazy import names_from

if TYPE_CHECKING:
    from nebula.training.encoder import train_encoder
    from nebula.training.recipe import EncoderSpec
    from nebula.training.settings import TrainingSettings
    from nebula.training.trainer import Report, train
else:
    __getattr__ = names_from(
        __name__,
        {
            "EncoderSpec": "nebula.training.recipe",
            "Report": "nebula.training.trainer",
            "TrainingSettings": "nebula.training.settings",
            "train": "nebula.training.trainer",
            "train_encoder": "nebula.training.encoder",
        },
    )

__all__ = ["EncoderSpec", "Report", "TrainingSettings", "train", "train_encoder"]
