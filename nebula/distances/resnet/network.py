"""ResNet18 of one input channel, without its classifier."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

#: Channels of the first layer of the published network; the last one has eight times as many.
WIDTH = 64


class ResidualBlock(nn.Module):
    """Two convolutions, and past them what goes in.

    Args:
        before: Channels that go in.
        channels: Channels that come out.
        stride: Of the first convolution.
    """

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, channels, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.past: nn.Module = nn.Identity()
        if stride != 1 or before != channels:
            self.past = nn.Sequential(nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, seen: Float[Tensor, "batch before row column"]) -> Float[Tensor, "batch channel _ _"]:
        """Returns what comes out."""
        hidden = functional.relu(self.first_norm(self.first(seen)))
        out: Tensor = functional.relu(self.second_norm(self.second(hidden)) + self.past(seen))
        return out


class ResNetEncoder(nn.Module):
    """A patch as a vector: the network's last feature maps, each averaged over its places.

    Args:
        width: Channels of the first layer; vectors have eight times as many numbers.

    Source:
        He et al., "Deep residual learning for image recognition", CVPR 2016, table 1, 18 layers.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.entry = nn.Conv2d(1, width, 7, stride=2, padding=3, bias=False)
        self.entry_norm = nn.BatchNorm2d(width)
        blocks: list[nn.Module] = []
        before = width
        for stage in range(4):
            channels = width * 2**stage
            blocks += [ResidualBlock(before, channels, 1 if stage == 0 else 2), ResidualBlock(channels, channels, 1)]
            before = channels
        self.blocks = nn.Sequential(*blocks)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, seen: Float[Tensor, "batch frame band"]) -> Float[Tensor, "batch feature"]:
        """Returns vectors, whose length says nothing.

        Args:
            seen: Patches.
        """
        hidden = functional.relu(self.entry_norm(self.entry(seen[:, None])))
        hidden = self.blocks(functional.max_pool2d(hidden, 3, stride=2, padding=1))
        pooled: Tensor = hidden.mean((2, 3))
        return pooled


def random_encoder(seed: int, width: int = WIDTH) -> ResNetEncoder:
    """Returns an encoder that has learned nothing; torch's own generator is left alone.

    Args:
        seed: Decides the weights.
        width: As the encoder's.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ResNetEncoder(width)
