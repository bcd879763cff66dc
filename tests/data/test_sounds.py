"""The iterable dataset against the Voice."""

import itertools

import pytest
import torch
from torch.utils.data import DataLoader

import nebula
from nebula.data import Sounds
from nebula.errors import ArgumentError, NebulaFileError

DRUM = nebula.Nebula.load("drum")
SHORT = {"sample_rate_hz": 4000, "duration_seconds": 0.1}


def expected(seeds):
    return nebula.Voice(**SHORT).play(seeds, DRUM), nebula.sample(seeds)


def test_batches_are_the_sounds_of_their_seeds():
    batches = list(Sounds("drum", first_seed=7, count=5, batch_size=2, **SHORT))
    assert [len(batch.audio) for batch in batches] == [2, 2, 1]
    audio, unit_parameters = expected(range(7, 12))
    assert torch.equal(torch.cat([batch.audio for batch in batches]), audio)
    assert torch.equal(torch.cat([batch.unit_parameters for batch in batches]), unit_parameters)


def test_every_epoch_is_the_same_and_its_length_is_known():
    sounds = Sounds(DRUM, count=9, batch_size=4, **SHORT)
    assert len(sounds) == 3
    for first, second in zip(sounds, sounds, strict=True):
        assert torch.equal(first.audio, second.audio)
    assert list(Sounds(DRUM, count=0, **SHORT)) == []


def test_loader_workers_share_batches_out_and_keep_their_order():
    sounds = Sounds(DRUM, count=14, batch_size=3, **SHORT)
    # Spawned, since a fork of a process with threads is no fair start.
    loader = DataLoader(sounds, batch_size=None, num_workers=2, multiprocessing_context="spawn")
    loaded = [audio for audio, _ in loader]
    assert [len(audio) for audio in loaded] == [3, 3, 3, 3, 2]
    assert torch.equal(torch.cat(loaded), expected(range(14))[0])


def test_endless_sounds_go_on_after_the_last_seed():
    sounds = Sounds(DRUM, first_seed=2**32 - 2, batch_size=3, **SHORT)
    first, second = itertools.islice(sounds, 2)
    assert torch.equal(first.audio, expected([2**32 - 2, 2**32 - 1, 0])[0])
    assert torch.equal(second.audio, expected([1, 2, 3])[0])
    with pytest.raises(TypeError, match="never end"):
        len(sounds)


def test_gradients_are_to_be_had_between_batches():
    assert [torch.is_grad_enabled() for _ in Sounds(DRUM, count=2, batch_size=1, **SHORT)] == [True, True]


def test_half_precision_is_the_rounded_sound():
    half = next(iter(Sounds(DRUM, batch_size=2, dtype=torch.float16, **SHORT)))
    assert torch.equal(half.audio, expected([0, 1])[0].half())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first_seed": -1}, "first_seed: got -1, expected an integer from 0 to 4294967295"),
        ({"batch_size": 0}, "batch_size: got 0, expected 1 or more"),
        ({"count": -1}, "count: got -1, expected 0 to 4294967296 from seed 0"),
        ({"first_seed": 2**32 - 1, "count": 2}, "count: got 2, expected 0 to 1 from seed 4294967295"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ArgumentError, match=f"^{message}$"):
        Sounds(**arguments)


def test_an_unknown_nebula_is_named():
    with pytest.raises(NebulaFileError, match="snare"):
        Sounds("snare")
