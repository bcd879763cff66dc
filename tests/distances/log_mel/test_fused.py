"""The compiled log-mel distance against the same in float64, which is written in plain tensor operations."""

import pytest
import torch

from nebula.distances import Distance, LogMel, LogMelSettings

RATE_HZ = 44_100


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def sounds(*shape, seed=0):
    """Noise, tones that fade, clicks and silence, in single precision."""
    audio = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    time = torch.arange(shape[1]) / RATE_HZ
    audio[1::4] = torch.sin(2 * torch.pi * 441.0 * time) * torch.exp(-20 * time)
    audio[2::4] = 0.0
    audio[2::4, shape[1] // 3] = 1.0
    audio[3::4] = 0.0
    return audio


def check(settings, audio, rate_hz=RATE_HZ):
    """The l1 error is below 1e-5, where distances are of order 1, or else no worse than that of the plain operations.

    Theirs is greater for a pure tone, in whose silent bands rounding is all there is; twice, since roundings differ.
    """
    distance = LogMel(settings)
    exact = distance.embed(audio.double(), rate_hz)
    fused = distance.embed(audio, rate_hz)
    plain = Distance.vectors(distance, audio, max(1, round(settings.duration_seconds * rate_hz)), rate_hz)
    ours, theirs = ((vectors.double() - exact).abs().sum(1) for vectors in (fused, plain))
    assert fused.dtype == torch.float32
    assert bool((ours < (2 * theirs).clamp(min=1e-5)).all())


# One frame, a frame short of a vector's sixteen, just as many, and one more; lengths around the sounds' own.
@pytest.mark.parametrize("duration_seconds", [0.001, 0.59, 0.6, 0.64, 0.7])
@pytest.mark.parametrize("samples", [1, 1023, 28_224])
def test_any_length_of_sounds_and_of_what_is_compared(duration_seconds, samples):
    check(LogMelSettings(duration_seconds=duration_seconds), sounds(4, samples))


@pytest.mark.parametrize(
    "settings",
    [
        {"bands": 1},
        {"bands": 3, "lowest_hz": 0.0},
        {"highest_hz": 40_000.0},
        {"lowest_hz": 5000.0, "highest_hz": 5100.0, "bands": 2},
        {"lowest_hz": 30_000.0, "highest_hz": 40_000.0, "bands": 3},
        {"hop_seconds": 0.01},
        {"hop_seconds": 0.1},
        {"level_rms": 0.5, "log_floor": 1e-2},
    ],
    ids=str,
)
def test_any_settings_with_this_window(settings):
    check(LogMelSettings(duration_seconds=0.3, **settings), sounds(4, 13_230))


@pytest.mark.parametrize("rate_hz", [44_092.0, 44_110])
def test_rates_next_to_the_usual_one(rate_hz):
    check(LogMelSettings(duration_seconds=0.3), sounds(4, 13_230), rate_hz)


@pytest.mark.parametrize("amplitude", [1e-42, 1e-30, 1e37])
def test_the_quietest_and_the_loudest_sounds(amplitude):
    check(LogMelSettings(duration_seconds=0.3), sounds(4, 13_230) * amplitude)


def test_a_vector_is_the_same_bits_in_any_batch_and_on_any_number_of_threads(threads):
    distance, audio = LogMel(LogMelSettings(duration_seconds=0.2)), sounds(13, 8820)
    alone = torch.cat([distance.embed(sound, RATE_HZ) for sound in audio.split(1)])
    for number in (1, 2, 5):
        threads(number)
        assert torch.equal(distance.embed(audio, RATE_HZ), alone)
        # Neither contiguous nor single precision, as a slice of a corpus may be.
        assert torch.equal(distance.embed(audio.double().T.contiguous().T.float(), RATE_HZ), alone)


def test_gradients_are_not_compiled_away():
    audio = sounds(2, 8820).requires_grad_()
    LogMel(LogMelSettings(duration_seconds=0.2)).embed(audio, RATE_HZ).sum().backward()
    assert float(audio.grad.abs().max()) > 0
