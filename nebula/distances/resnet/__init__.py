"""An encoder after Cherep and Singh's recipe: a ResNet18 that sees log-mel patches of a second.

- `patches`: what it sees
- `network`: the network
- `distance`: its vectors as a distance, with trained or with random weights
"""

from nebula.distances.resnet.distance import ResNet, ResNetSettings

__all__ = ["ResNet", "ResNetSettings"]
