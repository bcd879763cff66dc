"""What the network is asked for, as numbers to be made small."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

#: Distance of two trait vectors, each number of which lies between 0 and 1, that counts as far.
FAR = 0.05

# How much nearer than the far link the near one has to be, of either end.
_NEARER = 0.85

# Added to distances that others are divided by.
_SMALL = 0.005


def pitch_divergence(
    logits: Float[Tensor, "batch fine_frame pitch"],
    share: Float[Tensor, "batch fine_frame pitch"],
    energy: Float[Tensor, "batch fine_frame"],
) -> Float[Tensor, ""]:
    """Returns the Kullback-Leibler divergence of the answer from the truth, in nats a frame.

    Frames count by the fourth root of their energy, silent ones not at all.

    Args:
        logits: The answer.
        share: The truth.
        energy: Of each frame, as a share of the largest of the sound.
    """
    divergence = torch.special.xlogy(share, share).sum(2) - (share * logits.log_softmax(2)).sum(2)
    weight = energy.clamp(min=1e-5) ** 0.25 * (energy > 1e-5)
    mean: Tensor = (divergence * weight).sum() / weight.sum().clamp(min=1)
    return mean


def contrast(first: Float[Tensor, "chain trait"], second: Float[Tensor, "chain trait"]) -> Float[Tensor, ""]:
    """Returns alignment plus uniformity, in the l1 distance that sounds are compared by.

    Alignment is the mean distance of the two links of a chain; uniformity is the log of the mean of exp(-distance)
    between links of different chains. Both in units of `FAR`.

    Args:
        first: Traits of one link of each chain.
        second: Traits of another link of the same chains.

    Source:
        Wang and Isola, "Understanding contrastive representation learning through alignment and uniformity on the
        hypersphere", ICML 2020, with another distance; Cherep and Singh, "Contrastive learning from synthetic audio
        doppelgängers", 2024.
    """
    distances = torch.cdist(first, second, p=1) / FAR
    same = torch.eye(len(first), dtype=torch.bool, device=first.device)
    apart = (-distances).masked_fill(same, -torch.inf).flatten().logsumexp(0)
    return distances.diagonal().mean() + apart


def alignment(first: Float[Tensor, "pair feature"], second: Float[Tensor, "pair feature"]) -> Float[Tensor, ""]:
    """Returns the mean squared distance of the members of pairs, from 0 to 4.

    Args:
        first: Unit vectors of one member of each pair.
        second: Unit vectors of the other.

    Source:
        Wang and Isola, ICML 2020, with alpha = 2.
    """
    return (first - second).square().sum(1).mean()


def uniformity(vectors: Float[Tensor, "sound feature"]) -> Float[Tensor, ""]:
    """Returns log mean exp(-2 d^2) over distinct sounds, from -8 where two are opposite to 0 where all are one.

    Args:
        vectors: Unit vectors, two or more.

    Source:
        Wang and Isola, ICML 2020, with t = 2; their code leaves out pairs of a sound with itself, as this does.
    """
    return functional.pdist(vectors).square().mul(-2).exp().mean().log()


class ChainOrder(NamedTuple):
    """How well chains are in order.

    Attributes:
        loss: How far they are from it.
        correct: Share of them whose ends are farther from each other than from what is between.
    """

    loss: Float[Tensor, ""]
    correct: Float[Tensor, ""]


def order(chains: Float[Tensor, "chain 3 trait"], counted: Bool[Tensor, " chain"]) -> ChainOrder:
    """Returns how well the middle link lies between the others.

    In l1 it does exactly if the two small distances add up to the large one, which they do where every number rises or
    falls along the chain. So their excess is a loss, and so is a small distance that is not clearly the smaller.

    Args:
        chains: Traits of each chain's links.
        counted: Which chains have an order.
    """
    near = (chains[:, 0] - chains[:, 1]).abs().sum(1)
    rest = (chains[:, 1] - chains[:, 2]).abs().sum(1)
    whole = (chains[:, 0] - chains[:, 2]).abs().sum(1)
    detour = (near + rest - whole) / (whole + _SMALL)
    excess = functional.relu(near - _NEARER * whole) + functional.relu(rest - _NEARER * whole)
    loss = 0.5 * detour + excess / (whole.detach() + _SMALL)
    total = counted.sum().clamp(min=1)
    correct = (whole > torch.maximum(near, rest)) & counted
    return ChainOrder((loss * counted).sum() / total, correct.sum() / total)
