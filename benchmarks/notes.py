"""Does what learns pitch from rendered sounds alone hear the notes of real instruments? Writes notes.md.

    OMP_NUM_THREADS=1 python benchmarks/notes.py CORPORA [--seeds 3] [--peer PYTHON]

Sounds of the Voice's `default` nebula, which was tuned to nothing, are kept where one oscillator carries most of the
energy and its pitch rests; the renderer knows that pitch. A perceptron learns it from a spectrum over log frequency,
shifted up and down and coloured at random, and is tested on every recording of `CORPORA/pitched` with a MIDI pitch.
Beside it, the same perceptron learned from the real notes of all other libraries, and from both; and, where PYTHON is
that of an environment with librosa (`notes_install_peer.py`), pYIN (Mauch and Dixon, ICASSP 2014), which learns
nothing. When to stop learning is chosen on a tenth of what is learned from, kept apart by groups.
"""

import argparse
import copy
import csv
import io
import platform
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import torch
from pitch import oscillators
from torch import Tensor, nn
from transfer import written

from nebula import Corpus, Nebula, Voice, sample
from nebula.evaluation.bootstrap import bootstrap_interval

RATE_HZ = 44_100
SECONDS = 1.5
FRAME = 16_384
HOP = 8_192
#: Bins of the spectrum over log frequency: three a semitone, from the fundamental of MIDI 12.
LOWEST_MIDI, HIGHEST_MIDI, BINS_A_SEMITONE = 12, 136, 3
BINS = (HIGHEST_MIDI - LOWEST_MIDI) * BINS_A_SEMITONE
#: What can be answered.
NOTES = range(20, 109)

SEEDS_DRAWN = 65_536
BLOCK = 2_048
#: A sound's oscillator has this share of its energy, and strays from its pitch by so many semitones (deviation).
LEAST_SHARE, MOST_STRAY = 0.8, 0.3

EPOCHS, BATCH, RATE = 20, 256, 1e-3
SHIFT_SEMITONES = 7
RESAMPLES = 2_000


@dataclass(frozen=True)
class Notes:
    """Sounds with one pitch.

    Attributes:
        spectra: Over log frequency, of the shape (sounds, BINS).
        midi: Their pitches.
        groups: What has to stay together.
        libraries: Where they come from.
    """

    spectra: Tensor
    midi: Tensor
    groups: npt.NDArray[np.str_]
    libraries: npt.NDArray[np.str_]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Notes":
        """Returns some of them."""
        index = torch.from_numpy(np.flatnonzero(chosen))
        return Notes(self.spectra[index], self.midi[index], self.groups[chosen], self.libraries[chosen])

    def and_(self, other: "Notes") -> "Notes":
        """Returns these and others."""
        groups, libraries = np.append(self.groups, other.groups), np.append(self.libraries, other.libraries)
        spectra = torch.cat([self.spectra, other.spectra])
        return Notes(spectra, torch.cat([self.midi, other.midi]), groups, libraries)


def spectra(audio: Tensor) -> Tensor:
    """Returns log spectra over log frequency, of the shape (sounds, BINS), each with mean 0 and deviation 1.

    The power spectra of half-overlapping Hann windows are added, so the loudest moments count most.
    """
    window = torch.hann_window(FRAME)
    frames = audio.unfold(-1, FRAME, HOP) * window
    power = torch.fft.rfft(frames, n=2 * FRAME).abs().square().sum(dim=1)
    centres = LOWEST_MIDI + (torch.arange(BINS) + 0.5) / BINS_A_SEMITONE
    bins = torch.fft.rfftfreq(2 * FRAME, 1 / RATE_HZ)
    midi = 69 + 12 * torch.log2(bins.clamp(min=1.0) / 440)
    # Triangles of a semitone's width, and never narrower than a bin of the transform.
    width = torch.maximum(torch.tensor(0.5), 12 * (RATE_HZ / FRAME) / (440 * 2 ** ((centres - 69) / 12)) / np.log(2))
    weights = (1 - (midi[:, None] - centres).abs() / width).clamp(min=0)
    found = power @ (weights / weights.sum(dim=0).clamp(min=1e-9))
    logs = torch.log(found + 1e-6 * found.amax(dim=1, keepdim=True) + 1e-12)
    return (logs - logs.mean(dim=1, keepdim=True)) / logs.std(dim=1, keepdim=True)


def rendered() -> tuple[Notes, float]:
    """Returns the Voice's sounds that have one pitch, and their share of all that were drawn."""
    nebula, voice, found, pitches = Nebula.load("default"), Voice(), [], []
    for start in range(0, SEEDS_DRAWN, BLOCK):
        pitch, level, noise = oscillators(nebula, seeds := list(range(start, start + BLOCK)))
        energy = (level**2).sum(axis=2)
        louder, rows = energy.argmax(axis=0), np.arange(BLOCK)
        share = energy[louder, rows] / np.maximum(energy.sum(axis=0) + (noise**2).sum(axis=1), 1e-12)
        weight = level[louder, rows] ** 2 / np.maximum(energy[louder, rows], 1e-12)[:, None]
        mean = (weight * pitch[louder, rows]).sum(axis=1)
        stray = np.sqrt((weight * (pitch[louder, rows] - mean[:, None]) ** 2).sum(axis=1))
        chosen = (share > LEAST_SHARE) & (stray < MOST_STRAY) & (mean > NOTES[0]) & (mean < NOTES[-1])
        kept = [seed for seed, is_kept in zip(seeds, chosen, strict=True) if is_kept]
        found += [spectra(_loudest(voice.render(sample(part), nebula))) for part in np.array_split(kept, 4)]
        pitches.append(torch.from_numpy(mean[chosen]).float())
    midi = torch.cat(pitches)
    groups = np.array([f"seed {number}" for number in range(len(midi))])
    return Notes(torch.cat(found), midi, groups, np.full(len(midi), "rendered")), len(midi) / SEEDS_DRAWN


def recorded(corpora: Path) -> tuple[Notes, list[Tensor]]:
    """Returns the recordings with a MIDI pitch, and their samples."""
    corpus = Corpus.open(corpora / "pitched")
    labelled = corpus.subset([sound.name for sound in corpus.sounds if sound.labels.get("midi_pitch")])
    batches = list(labelled.audio(4.0, RATE_HZ, loudness_lufs=None))
    sounds = [sound for batch in batches for sound in batch.sounds]
    clips = [clip for batch in batches for clip in batch.audio]
    midi = torch.tensor([float(sound.labels["midi_pitch"]) for sound in sounds])
    groups = np.array(["/".join(sound.kept_with("group")) for sound in sounds])
    libraries = np.array([sound.labels["corpus"] for sound in sounds])
    return Notes(torch.cat([spectra(_loudest(clip[None])) for clip in clips]), midi, groups, libraries), clips


def _loudest(audio: Tensor) -> Tensor:
    """Returns the SECONDS of each sound that begin shortly before its loudest moment, with silence where it ends."""
    length = round(SECONDS * RATE_HZ)
    audio = nn.functional.pad(audio.float(), (0, length))
    energy = audio.square().unfold(-1, 2_048, 1_024).sum(dim=-1)
    starts = (energy.argmax(dim=1) * 1_024).clamp(max=audio.shape[1] - length)
    return torch.stack([row[start : start + length] for row, start in zip(audio, starts.tolist(), strict=True)])


def learned(notes: Notes, seed: int) -> nn.Module:
    """Returns a perceptron that tells a sound's note, a class for each of NOTES."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    names = np.unique(notes.groups)
    aside = np.isin(notes.groups, random.permutation(names)[: max(1, len(names) // 10)])
    train, check = notes.where(~aside), notes.where(aside)
    model = nn.Sequential(
        nn.Linear(BINS, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, len(NOTES))
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-3)
    # As many steps whatever there is to learn from.
    epochs = max(EPOCHS, EPOCHS * 10_000 // len(train.midi))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    best, kept = -1.0, copy.deepcopy(model.state_dict())
    for epoch in range(epochs):
        model.train()
        for rows in torch.randperm(len(train.midi)).split(BATCH):
            shown, midi = _varied(train.spectra[rows], train.midi[rows])
            loss = nn.functional.cross_entropy(model(shown), _classes(midi))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        if epoch % max(1, epochs // EPOCHS) == 0 or epoch == epochs - 1:
            right = float(((heard(model, check.spectra) - check.midi).abs() <= 1).float().mean())
            if right >= best:
                best, kept = right, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return model


def _classes(midi: Tensor) -> Tensor:
    return midi.round().long().clamp(NOTES[0], NOTES[-1]) - NOTES[0]


def _varied(shown: Tensor, midi: Tensor) -> tuple[Tensor, Tensor]:
    """Returns spectra shifted by up to SHIFT_SEMITONES, with another colour and noise, and their pitches."""
    shift = int(torch.randint(-SHIFT_SEMITONES * BINS_A_SEMITONE, SHIFT_SEMITONES * BINS_A_SEMITONE + 1, ()))
    padded = nn.functional.pad(shown, (BINS, BINS), mode="replicate")
    moved = padded[:, BINS - shift : 2 * BINS - shift]
    place = torch.linspace(-1, 1, BINS)
    colour = sum(torch.randn(len(shown), 1) * torch.cos(k * (place + 1) * torch.pi / 2) / k for k in (1, 2, 3))
    moved = moved + 0.5 * colour + 0.1 * torch.randn_like(moved)
    moved = (moved - moved.mean(dim=1, keepdim=True)) / moved.std(dim=1, keepdim=True)
    return moved, midi + shift / BINS_A_SEMITONE


def heard(model: nn.Module, shown: Tensor) -> Tensor:
    """Returns the note that a perceptron hears in each sound, as a MIDI pitch."""
    model.eval()
    with torch.inference_mode():
        answers: Tensor = model(shown)
        return answers.argmax(dim=1).float() + NOTES[0]


def pyin(python: str, clips: list[Tensor]) -> Tensor:
    """Returns the pitches that pYIN hears, as librosa has it, in an environment of its own; NaN where it hears none."""
    with tempfile.TemporaryDirectory() as folder:
        for number, clip in enumerate(clips):
            soundfile.write(Path(folder, f"{number}.wav"), _loudest(clip[None])[0].numpy(), RATE_HZ)
        command = [python, str(Path(__file__).with_name("notes_peer.py")), folder]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = csv.reader(io.StringIO(answer))
    by_number = {int(number): float(midi) for number, midi in rows}
    return torch.tensor([by_number[number] for number in range(len(clips))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--peer", help="Python with librosa")
    arguments = parser.parse_args()
    real, clips = recorded(arguments.corpora)
    synthetic, kept = rendered()
    print(f"{len(synthetic.midi):,} sounds are rendered", flush=True)
    heard_by: dict[str, list[Tensor]] = {"rendered sounds alone": [], "real notes of other libraries": [], "both": []}
    for seed in range(arguments.seeds):
        heard_by["rendered sounds alone"].append(heard(learned(synthetic, seed), real.spectra))
        others, both = torch.empty(len(real.midi)), torch.empty(len(real.midi))
        for library in np.unique(real.libraries):
            tested = real.libraries == library
            rest, shown = real.where(~tested), real.where(tested).spectra
            others[torch.from_numpy(tested)] = heard(learned(rest, seed), shown)
            both[torch.from_numpy(tested)] = heard(learned(synthetic.and_(rest), seed), shown)
        heard_by["real notes of other libraries"].append(others)
        heard_by["both"].append(both)
        print(f"seed {seed}", flush=True)
    if arguments.peer:
        heard_by["nothing: pYIN"] = [pyin(arguments.peer, clips)]
    page = _page(real, heard_by, len(synthetic.midi), kept, arguments.seeds)
    Path(__file__).with_suffix(".md").write_text(page, encoding="utf-8")
    print(page)


def _page(real: Notes, heard_by: dict[str, list[Tensor]], count: int, kept: float, seeds: int) -> str:
    lines = [
        "# Notes heard by what learned from rendered sounds",
        "",
        f"`OMP_NUM_THREADS=1 python benchmarks/notes.py CORPORA --seeds {seeds} --peer PYTHON` on "
        f"{platform.machine()}, torch {version('torch')}.",
        "",
        f"{len(real.midi)} recordings of {len(np.unique(real.libraries))} libraries, {len(np.unique(real.groups))} "
        f"groups; {count:,} sounds of the nebula `default`, the {kept:.1%} of {SEEDS_DRAWN:,} whose pitch is plain. "
        f"Shares of recordings, mean over {seeds} seeds; 95 % intervals by bootstrap over groups, of all seeds' "
        "answers together. An octave off: 12, 24 or 36 semitones, within one.",
        "",
        "| learned from | within half a semitone | within a semitone | an octave off | "
        + " | ".join(f"{library}, within a semitone" for library in np.unique(real.libraries))
        + " |",
        "|---|---|---|---|" + "---|" * len(np.unique(real.libraries)),
    ]
    for name, answers in heard_by.items():
        wrong = np.concatenate([np.abs((answer - real.midi).numpy()) for answer in answers])
        groups, libraries = np.tile(real.groups, len(answers)), np.tile(real.libraries, len(answers))
        octave = np.isclose(wrong[:, None], [12, 24, 36], atol=1).any(axis=1)
        cells = [
            written(bootstrap_interval(what, resamples=RESAMPLES, groups=groups)) for what in (wrong <= 0.5, wrong <= 1)
        ]
        cells.append(f"{octave.mean():.3f}")
        cells += [f"{(wrong <= 1)[libraries == library].mean():.3f}" for library in np.unique(real.libraries)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
