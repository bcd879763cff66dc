"""Doppelgängers: by the definition of their source, on any synth, and as files."""

import csv
import io
import json
import tarfile

import numpy as np
import pytest
import soundfile
import torch
from scipy import stats

import nebula
from nebula import synths
from nebula.data import Pairs, Sounds, export
from nebula.draws import sample_pairs
from nebula.errors import ArgumentError
from nebula.synths.voice import VOICE

SHORT = {"sample_rate_hz": 8000, "duration_seconds": 0.1}
DRUM = nebula.Nebula.load("drum")

#: Half a step of 24 bits.
STEP = 2.0**-23


def test_both_members_are_clipped_normal_steps_from_the_draw_and_independent():
    seeds, delta = range(400), 0.25
    theta = VOICE.sample(seeds).numpy()
    pairs = sample_pairs(VOICE.panel, seeds, delta).numpy()
    steps = (pairs - theta[:, None]) / delta
    inside = (pairs > 0) & (pairs < 1)
    # Two in a thousand fail by chance. Far from both ends of the range nothing that counts is cut off.
    middle = np.abs(theta - 0.5) < 0.002
    assert inside[middle[:, None].repeat(2, 1)].mean() == pytest.approx(2 * stats.norm.cdf(2) - 1, abs=0.05)
    low = np.where(theta < 0.5, -theta, theta - 1)[:, None] / delta  # what is left on the shorter side
    # Towards the longer side a step is a half normal one until 2 standard deviations, which always fit.
    long = np.where(theta[:, None] < 0.5, steps, -steps)
    reached = long[(long > 0) & (long < 2)]
    assert stats.kstest(reached, lambda z: (stats.norm.cdf(z) - 0.5) / (stats.norm.cdf(2) - 0.5)).pvalue > 1e-3
    # The shorter side is cut where the range ends: as often as a normal step goes beyond.
    cut = (long <= low + 1e-6).mean()
    assert cut == pytest.approx(stats.norm.cdf(low).mean(), abs=0.01)
    first, second = (member[inside.all(1)] for member in (steps[:, 0], steps[:, 1]))
    assert abs(stats.spearmanr(np.sign(first), np.sign(second)).statistic) < 0.2
    z = np.abs(theta - 0.5) < 0.1
    assert abs(np.corrcoef(steps[:, 0][z], steps[:, 1][z])[0, 1]) < 3.3 / np.sqrt(z.sum())


def test_a_pair_depends_on_its_seed_alone_and_without_delta_is_the_draw_twice():
    seeds = [9, 2**32 - 1, 4]
    together = sample_pairs(VOICE.panel, seeds, 0.1)
    assert torch.equal(together, torch.cat([sample_pairs(VOICE.panel, [seed], 0.1) for seed in seeds]))
    still = sample_pairs(VOICE.panel, seeds, 0)
    assert torch.equal(still, VOICE.sample(seeds)[:, None].expand(3, 2, -1))
    # The same steps at every delta: only their length differs.
    near, far = (sample_pairs(VOICE.panel, seeds, delta).double() - still for delta in (0.001, 0.002))
    within = ((still > 0.02) & (still < 0.98)).flatten()
    torch.testing.assert_close(2 * near.flatten()[within], far.flatten()[within], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["voice", "voice-fm", "parametric-2-2-1-1", "subtractive"])
def test_batches_are_the_pairs_of_their_seeds_on_any_synth(name):
    synth = synths.get(name)
    uniform = nebula.Nebula.load(f"{name}/uniform")
    first, second = Pairs(uniform, 0.2, first_seed=30, count=3, batch_size=2, **SHORT)
    assert first.audio.shape == (2, 2, 800)
    unit = torch.cat([first.unit_parameters, second.unit_parameters])
    assert torch.equal(unit, sample_pairs(synth.panel, range(30, 33), 0.2))
    # Both members of a pair have the noise of its seed.
    rows = torch.tensor([30, 30, 31, 31, 0, 0])
    expected = synth.player(**SHORT).render(unit.flatten(0, 1), uniform, rows).unflatten(0, (3, 2))
    torch.testing.assert_close(torch.cat([first.audio, second.audio]), expected, rtol=0, atol=1e-6)


def test_without_delta_both_are_the_sound_of_the_seed_of_a_mixture_too():
    mixed = nebula.Nebula.mixture([(0.5, DRUM), (0.5, nebula.Nebula.load("default"))])
    (pairs,), (sounds,) = (
        Pairs(mixed, 0.0, count=8, batch_size=8, **SHORT),
        Sounds(mixed, count=8, batch_size=8, **SHORT),
    )
    torch.testing.assert_close(pairs.audio, sounds.audio[:, None].expand(8, 2, -1), rtol=0, atol=1e-6)


@pytest.mark.parametrize("delta", [-0.1, float("nan"), float("inf")])
def test_a_delta_that_is_none_is_named_at_once(delta):
    with pytest.raises(ArgumentError) as error:
        Pairs("drum", delta)
    assert str(error.value) == f"delta: got {delta:g}, expected a finite number of at least 0"


def test_files_of_pairs_say_which_is_which(tmp_path):
    (expected,) = Pairs("drum", 0.25, first_seed=9, count=2, batch_size=2, **SHORT)
    export(DRUM, range(9, 11), tmp_path, nebula.Voice(**SHORT), delta=0.25)
    names = [f"drum-{seed}.{member}.flac" for seed in ("09", "10") for member in ("first", "second")]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names, "parameters.csv"]
    for name, audio in zip(names, expected.audio.flatten(0, 1), strict=True):
        np.testing.assert_allclose(soundfile.read(tmp_path / name)[0], audio.numpy(), rtol=0, atol=STEP)
    with (tmp_path / "parameters.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["seed"]) for row in rows] == list(zip(names, ["9", "9", "10", "10"], strict=True))
    written = np.float32([[float(row[path]) for path in VOICE.panel.paths] for row in rows])
    np.testing.assert_array_equal(written, expected.unit_parameters.flatten(0, 1).numpy())
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.flac")}
    export(DRUM, range(9, 11), tmp_path, nebula.Voice(**SHORT), delta=0.25)
    assert before == {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.flac")}
    export(DRUM, range(9, 11), tmp_path, nebula.Voice(**SHORT), delta=0.5)
    assert all(path.stat().st_mtime_ns != before[path.name] for path in tmp_path.glob("*.flac"))


def test_shards_of_pairs_keep_both_and_their_parameters_under_one_key(tmp_path):
    (expected,) = Pairs("drum", 0.25, count=3, batch_size=3, **SHORT)
    export(DRUM, range(3), tmp_path, nebula.Voice(**SHORT), "tar", shard_sounds=2, delta=0.25)
    members = []
    for path in sorted(tmp_path.iterdir()):
        with tarfile.open(path) as shard:
            members += [(member.name, shard.extractfile(member).read()) for member in shard]
    endings = ("first.flac", "second.flac", "json")
    assert [name for name, _ in members] == [f"{seed}.{ending}" for seed in range(3) for ending in endings]
    for seed in range(3):
        *sounds, about = (content for _, content in members[3 * seed : 3 * seed + 3])
        for sound, audio in zip(sounds, expected.audio[seed], strict=True):
            np.testing.assert_allclose(soundfile.read(io.BytesIO(sound))[0], audio.numpy(), rtol=0, atol=STEP)
        found = json.loads(about)
        assert (found["seed"], found["delta"]) == (seed, 0.25)
        unit = np.float32([[member[path] for path in VOICE.panel.paths] for member in found["unit_parameters"]])
        np.testing.assert_array_equal(unit, expected.unit_parameters[seed].numpy())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    export(DRUM, range(3), tmp_path, nebula.Voice(**SHORT), "tar", shard_sounds=2, delta=0.25)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
