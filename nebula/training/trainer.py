"""The training loop: resumable, and the same whenever it starts with the same settings on the same kind of machine."""

import hashlib
import json
import math
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from nebula.distances.doppelganger.distance import vector_parts
from nebula.distances.doppelganger.network import DoppelgangerNetwork, relative
from nebula.distances.doppelganger.pictures import Pictures
from nebula.files import write_whole
from nebula.synths import usable_device
from nebula.training import losses
from nebula.training.augmentation import augment
from nebula.training.blocks import Block, render_block
from nebula.training.chains import LINKS
from nebula.training.checkpoint import TrainingCheckpoint
from nebula.training.settings import TrainingSettings
from nebula.watching import NamedWatcher

#: How much each loss counts.
LOSS_WEIGHTS = {"pitch": 1.0, "contrast": 0.5, "order": 1.0, "family": 0.3}

# Frames of each sound whose pitches are learned from at a time, one after the other, from a random one on.
_PITCH_FRAMES = 10

# Beyond every block's number: the block that nothing is learned from.
_VALIDATION_BLOCK = 2**20 - 1

_WARM_UP_STEPS = 30


@dataclass(frozen=True)
class Report:
    """What a training run left.

    Attributes:
        weights: Path of the weights.
        sha256: Of that file.
        validation: On renders that nothing was learned from: what each loss is, and shares that are right.
    """

    weights: Path
    sha256: str
    validation: dict[str, float]


def train(
    settings: TrainingSettings,
    folder: Path,
    device: str = "cpu",
    checkpoint_steps: int = 25,
    watcher: NamedWatcher | None = None,
) -> Report:
    """Returns what training left in `folder`: `weights.safetensors`, and `weights.json` on how they were made.

    The same call again continues at the last checkpoint. Random numbers depend on the step alone, so an interrupted run
    ends with the weights of an uninterrupted one.

    Args:
        settings: What decides the weights.
        folder: Where everything goes; made if missing.
        device: Where to render and train. Another kind of device draws other random numbers.
        checkpoint_steps: From one checkpoint to the next; an interruption loses no more than these.
        watcher: Told whether it renders or trains, how much of it is done, and how much there is in all.

    Raises:
        ArgumentError: The device does not exist.
        TrainingError: The folder holds a checkpoint of other settings, or a damaged one.
        OSError: The folder cannot be written.
    """
    chosen = usable_device(device)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    network = DoppelgangerNetwork().to(chosen)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=1e-3)
    checkpoint = TrainingCheckpoint(folder / "checkpoint.pt", asdict(settings), device)
    first = checkpoint.load(network, optimizer)
    block, rendered = None, -1
    for step in range(first, settings.steps):
        if block is None or step // settings.block_steps != rendered:
            rendered = step // settings.block_steps
            block = _rendered(settings, rendered, settings.block_chains, device, watcher)
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * _rate(step, settings.steps)
        generator = torch.Generator(chosen).manual_seed((settings.seed << 32) + step)
        places = torch.randint(len(block), (settings.step_chains,), generator=generator, device=chosen)
        found, _ = _losses(network, block.take(places), generator)
        optimizer.zero_grad()
        sum(
            (LOSS_WEIGHTS[name] * loss for name, loss in found.items()), start=torch.zeros((), device=chosen)
        ).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        if (step + 1) % checkpoint_steps == 0 or step + 1 == settings.steps:
            checkpoint.save(step + 1, network, optimizer)
        if watcher:
            watcher("training", step + 1, settings.steps)
    held_out = _rendered(settings, _VALIDATION_BLOCK, settings.validation_chains, device, watcher)
    return _finish(network, held_out, settings, folder, chosen)


def _rendered(settings: TrainingSettings, number: int, chains: int, device: str, watcher: NamedWatcher | None) -> Block:
    def advance(done: int, total: int) -> None:
        if watcher:
            watcher("rendering", done, total)

    return render_block((settings.seed << 20) + number, chains, device, advance)


def _rate(step: int, steps: int) -> float:
    """Up in a line, then down in a half cosine to a hundredth."""
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * (0.505 + 0.495 * math.cos(math.pi * step / steps))


def _losses(
    network: DoppelgangerNetwork, chains: Block, generator: torch.Generator
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The losses of some chains, and shares that are right."""
    changing = torch.rand(len(chains), generator=generator, device=generator.device) < 0.5
    seen = augment(Pictures(chains.fine.float(), chains.coarse.float()), changing, generator)
    first = int(torch.randint(seen.fine.shape[2] - _PITCH_FRAMES + 1, (), generator=generator, device=generator.device))
    frames = slice(first, first + _PITCH_FRAMES)
    fine = relative(seen.fine.flatten(0, 1))[:, frames]
    energy = chains.energy / chains.energy.amax(2, keepdim=True).clamp(min=1e-12)
    share, energy = chains.share.float().flatten(0, 1)[:, frames], energy.flatten(0, 1)[:, frames]
    logits = network.pitch(fine)
    steps, whole, family = network.traits(seen.coarse.flatten(0, 1))
    traits = torch.cat([steps.flatten(1) / steps[0].numel(), whole / whole.shape[1]], dim=1) / 2
    links = traits.unflatten(0, (-1, LINKS))
    # A transposition says nothing about traits but that they stay, unless the sound changes along with it.
    ordered = losses.order(links, ~chains.transposed | changing)
    families = chains.family.repeat_interleave(LINKS)
    pitched = (share.amax(2) > 0.5) & (energy > 1e-3)
    right = (logits.argmax(2) - share.argmax(2)).abs() <= 1
    return {
        "pitch": losses.pitch_divergence(logits, share, energy),
        "contrast": (losses.contrast(links[:, 0], links[:, 1]) + losses.contrast(links[:, 1], links[:, 2])) / 2,
        "order": ordered.loss,
        "family": functional.cross_entropy(family, families),
    }, {
        "pitch_correct": (right & pitched).sum() / pitched.sum().clamp(min=1),
        "order_correct": ordered.correct,
        "family_correct": (family.argmax(1) == families).float().mean(),
    }


@torch.no_grad()
def _finish(
    network: DoppelgangerNetwork, held_out: Block, settings: TrainingSettings, folder: Path, device: torch.device
) -> Report:
    network.eval()
    generator = torch.Generator(device).manual_seed(settings.seed)
    scores: dict[str, list[float]] = {}
    parts: dict[str, list[Tensor]] = {}
    for places in torch.arange(len(held_out), device=device).split(32):
        chains = held_out.take(places)
        found, shares = _losses(network, chains, generator)
        for name, value in {**found, **shares}.items():
            scores.setdefault(name, []).append(float(value))
        seen = Pictures(chains.fine[:, 0].float(), chains.coarse[:, 0].float())
        for name, part in vector_parts(network(seen), seen.fine.square().sum(2)).items():
            parts.setdefault(name, []).append(part)
    for name, some in parts.items():
        part = torch.cat(some)
        network.spread[name].copy_(torch.cdist(part, part, p=1).sum() / (len(part) * (len(part) - 1)))
    validation = {name: sum(values) / len(values) for name, values in scores.items()}
    halves = {
        name: value.half() if value.is_floating_point() else value for name, value in network.state_dict().items()
    }
    content = save({name: value.cpu().contiguous() for name, value in halves.items()})
    weights, digest = folder / "weights.safetensors", hashlib.sha256(content).hexdigest()
    made = {
        "command": _command(settings, device),
        "sha256": digest,
        "validation": {name: round(value, 4) for name, value in validation.items()},
        "versions": {name: version(name) for name in ("torch", "numba", "numpy", "safetensors")},
        "machine": platform.machine(),
    }
    write_whole(weights, content)
    write_whole(folder / "weights.json", json.dumps(made, indent=2) + "\n")
    return Report(weights, digest, validation)


def _command(settings: TrainingSettings, device: torch.device) -> str:
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in asdict(settings).items())
    return f"nebula train-embedding {options} --device {device.type}"
