"""Training an encoder on doppelgängers: resumable, and the same whenever it starts with the same spec."""

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors.torch import save
from torch import Tensor
from torch.nn import functional

from nebula import synths
from nebula.distances import level
from nebula.distances.resampling import resample
from nebula.distances.resnet.network import ResNetEncoder, random_encoder
from nebula.distances.resnet.patches import BANDS, FRAMES, RATE_HZ, patches
from nebula.files import write_whole
from nebula.nebulae import Nebula
from nebula.synths import Player, usable_device
from nebula.training import losses
from nebula.training.checkpoint import TrainingCheckpoint
from nebula.training.effects import augment_audio
from nebula.training.recipe import EncoderSpec
from nebula.training.trainer import Report
from nebula.watching import NamedWatcher

_SAMPLE_RATE_HZ = 44_100

# Training takes seeds of the lower half, from a place on that the spec's seed decides, and validation of the upper one.
_HALF = 2**31

# Multiples of it, modulo a power of two, lie far apart: Knuth, The Art of Computer Programming 3, section 6.4.
_SCATTER = 2654435761

# Pairs of validation seen together.
_TOGETHER = 64


def train_encoder(
    spec: EncoderSpec,
    folder: Path,
    device: str = "cpu",
    checkpoint_steps: int = 25,
    watcher: NamedWatcher = lambda name, done, total: None,
) -> Report:
    """Returns what training left in `folder`: `weights.safetensors`, and `weights.json` on how they were made.

    The distance `resnet:FOLDER/weights.safetensors` compares by them. The same call again continues at the last
    checkpoint; random numbers depend on the step alone, so an interrupted run ends with the weights of an uninterrupted
    one. The validation says the two losses, and the share of pairs whose members are each other's nearest among 64.

    Args:
        spec: What is learned from, and for how long.
        folder: Where everything goes; made if missing.
        device: Where to render and train. Another kind of device draws other random numbers.
        checkpoint_steps: From one checkpoint to the next; an interruption loses no more than these.
        watcher: Told what is done, how much of it, and how much there is in all.

    Raises:
        ArgumentError: The device does not exist.
        NebulaFileError: There is no such nebula.
        TrainingError: The folder holds a checkpoint of another spec, or a damaged one.
        OSError: The folder cannot be written.

    Source:
        Cherep and Singh, "Contrastive learning from synthetic audio doppelgängers", 2024, algorithm 1.
    """
    chosen = usable_device(device)
    nebula = Nebula.load(spec.nebula)
    player = synths.get(nebula.synth).player(
        chosen, sample_rate_hz=_SAMPLE_RATE_HZ, duration_seconds=spec.duration_seconds
    )
    folder.mkdir(parents=True, exist_ok=True)
    network = random_encoder(spec.seed, spec.width).to(chosen)
    optimizer = torch.optim.SGD(network.parameters(), lr=spec.rate(0), weight_decay=spec.weight_decay)
    drawn_from = hashlib.sha256(nebula.to_json().encode()).hexdigest()[:16]
    checkpoint = TrainingCheckpoint(
        folder / "checkpoint.pt", {**spec.model_dump(), "nebula_content": drawn_from}, device
    )
    for step in range(checkpoint.load(network, optimizer), spec.steps):
        for group in optimizer.param_groups:
            group["lr"] = spec.rate(step)
        seeds = [(spec.seed * _SCATTER + step * spec.batch_pairs + pair) % _HALF for pair in range(spec.batch_pairs)]
        seen = _seen(player, nebula, seeds, spec, spec.seed * 2**40 + step)
        both = _embedded(network, seen)
        loss = losses.alignment(both[0], both[1]) + (losses.uniformity(both[0]) + losses.uniformity(both[1])) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % checkpoint_steps == 0 or step + 1 == spec.steps:
            checkpoint.save(step + 1, network, optimizer)
        watcher("training", step + 1, spec.steps)
    validation = _validated(network, player, nebula, spec, watcher)
    content = save({name: value.cpu().contiguous() for name, value in network.state_dict().items()})
    weights, digest = folder / "weights.safetensors", hashlib.sha256(content).hexdigest()
    made = {
        "spec": spec.model_dump(),
        "device": chosen.type,
        "sha256": digest,
        "validation": {name: round(value, 4) for name, value in validation.items()},
        "versions": {name: version(name) for name in ("torch", "numba", "numpy", "safetensors")},
        "machine": platform.machine(),
    }
    write_whole(weights, content)
    write_whole(folder / "weights.json", json.dumps(made, indent=2) + "\n")
    return Report(weights, digest, validation)


@torch.no_grad()
def _seen(
    player: Player, nebula: Nebula, seeds: Sequence[int], spec: EncoderSpec, randomness: int
) -> Float[Tensor, "2 pair frame band"]:
    """Patches of the first and of the second members of pairs."""
    audio = player.play_pairs(seeds, nebula, spec.delta).transpose(0, 1).flatten(0, 1)
    audio = resample(level.align(audio), _SAMPLE_RATE_HZ, RATE_HZ)
    if spec.augmented:
        generator = torch.Generator(player.device).manual_seed(randomness)
        audio = augment_audio(audio, RATE_HZ, generator)
    return patches(audio, RATE_HZ)[:, 0].view(2, len(seeds), FRAMES, BANDS)


def _embedded(network: ResNetEncoder, seen: Float[Tensor, "2 pair frame band"]) -> Float[Tensor, "2 pair feature"]:
    """Unit vectors; both members go through the network together, so that its norms see as much of both."""
    vectors = functional.normalize(network(seen.flatten(0, 1)), dim=1)
    return vectors.view(2, seen.shape[1], -1)


@torch.no_grad()
def _validated(
    network: ResNetEncoder, player: Player, nebula: Nebula, spec: EncoderSpec, watcher: NamedWatcher
) -> dict[str, float]:
    network.eval()
    scores: dict[str, list[float]] = {"alignment": [], "uniformity": [], "found": []}
    for first in range(0, spec.validation_pairs, _TOGETHER):
        last = min(first + _TOGETHER, spec.validation_pairs)
        if last - first < 2:
            break
        seeds = range(_HALF + first, _HALF + last)
        one, other = _embedded(network, _seen(player, nebula, seeds, spec, 2**63 - 1 - first))
        scores["alignment"].append(float(losses.alignment(one, other)))
        scores["uniformity"].append(float(losses.uniformity(one) + losses.uniformity(other)) / 2)
        nearest = torch.cdist(one, other).argmin(1)
        scores["found"].append(float((nearest == torch.arange(len(one), device=one.device)).float().mean()))
        watcher("validating", last, spec.validation_pairs)
    return {name: sum(values) / len(values) for name, values in scores.items()}
