from dataclasses import FrozenInstanceError

import pytest
import torch

from nebula.distances import (
    Doppelganger,
    DoppelgangerSettings,
    LogMel,
    LogMelSettings,
    MultiScaleSpectrogram,
    MultiScaleSpectrogramSettings,
    Settings,
    base,
)
from nebula.errors import ArgumentError

RATE_HZ = 8000
# Half a second keeps the suite quick; the laws do not depend on length.
MEMBERS = {
    "log-mel": LogMel(LogMelSettings(duration_seconds=0.5)),
    # With the 2,048 samples for which there are compiled loops.
    "fused log-mel": LogMel(LogMelSettings(duration_seconds=0.5, fft_samples=11_290)),
    "multi-scale-spectrogram": MultiScaleSpectrogram(
        MultiScaleSpectrogramSettings(duration_seconds=0.5, fft_sizes=(512, 128, 64))
    ),
    "doppelganger": Doppelganger(DoppelgangerSettings(duration_seconds=0.5)),
}
# Settings under which a gradient is soon computed by differences.
SMALL = {
    LogMel: LogMelSettings(duration_seconds=0.03, bands=6, fft_samples=1024, hop_seconds=0.01),
    MultiScaleSpectrogram: MultiScaleSpectrogramSettings(duration_seconds=0.03, fft_sizes=(64, 32), block_seconds=0),
    Doppelganger: DoppelgangerSettings(duration_seconds=0.03),
}
# Another value of each setting that is a distance's own.
OTHERS = {
    LogMel: {
        "log_floor": 1e-4,
        "bands": 32,
        "lowest_hz": 30.0,
        "highest_hz": 16_000.0,
        "fft_samples": 4096,
        "hop_seconds": 0.02,
    },
    MultiScaleSpectrogram: {
        "log_floor": 1e-4,
        "fft_sizes": (512,),
        "frames_per_window": 2,
        "block_seconds": 0.1,
        "linear_weight": 0.0,
        "log_weight": 0.0,
    },
    Doppelganger: {"parts": ("pitch", "steps")},
}
pytestmark = pytest.mark.parametrize("distance", MEMBERS.values(), ids=MEMBERS.keys())


def noise(*shape, dtype=torch.float32, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def between(distance, first, second):
    """The distance between two sounds."""
    vectors = distance.embed(torch.stack([first, second]).double(), RATE_HZ)
    return float((vectors[0] - vectors[1]).abs().sum())


def test_a_sound_is_at_no_distance_from_itself_and_equally_far_both_ways(distance):
    first, second = noise(2, 4000)
    assert between(distance, first, first) == 0
    assert between(distance, first, second) == between(distance, second, first) > 0


def test_the_triangle_inequality_holds(distance):
    click = torch.zeros(4000)
    click[1000] = 1
    tone = torch.sin(torch.arange(4000) * 0.3)
    hiss = noise(4000)
    for first, second, third in [(click, tone, hiss), (tone, hiss, click), (hiss, click, tone)]:
        direct = between(distance, first, third)
        assert direct <= between(distance, first, second) + between(distance, second, third)


@pytest.mark.parametrize("gain_db", [-40, -10, 10, 40])
def test_gain_changes_nothing(distance, gain_db):
    audio = noise(2, 4000, dtype=torch.float64)
    # Rounding of the gain is all that remains.
    torch.testing.assert_close(
        distance.embed(audio * 10 ** (gain_db / 20), RATE_HZ), distance.embed(audio, RATE_HZ), rtol=1e-11, atol=1e-15
    )


def test_inverted_polarity_changes_nothing(distance):
    audio = noise(2, 4000)
    assert torch.equal(distance.embed(-audio, RATE_HZ), distance.embed(audio, RATE_HZ))


def test_on_the_cpu_a_vector_does_not_depend_on_its_batch_in_any_bit(distance):
    audio = noise(5, 4000)
    together = distance.embed(audio, RATE_HZ)
    for index in range(5):
        assert torch.equal(distance.embed(audio[index : index + 1], RATE_HZ)[0], together[index])


@pytest.mark.parametrize("size", [2, 3, 7])
def test_chunks_of_any_size_give_the_same_vectors(distance, size):
    class InChunks(type(distance)):
        def sounds_per_chunk(self, device):
            return size

    audio = noise(5, 4000, dtype=torch.float64)
    # Summation order within a matrix product may differ between chunk sizes.
    torch.testing.assert_close(
        InChunks(distance.settings).embed(audio, RATE_HZ), distance.embed(audio, RATE_HZ), rtol=1e-12, atol=1e-16
    )


def test_single_precision_is_close_to_double_precision(distance):
    audio = noise(3, 4000, dtype=torch.float64)
    audio[1] *= torch.linspace(1, 0, 4000, dtype=torch.float64) ** 8
    single, double = distance.embed(audio.float(), RATE_HZ), distance.embed(audio, RATE_HZ)
    assert single.dtype == torch.float32
    assert double.dtype == torch.float64
    # l1 errors add up over thousands of dimensions, so this bounds the error of a distance, which is of order 1.
    assert (single.double() - double).abs().sum(1).max() < 1e-5


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_analysed_in_single_precision(distance, dtype):
    audio = noise(2, 4000).to(dtype)
    vectors = distance.embed(audio, RATE_HZ)
    assert vectors.dtype == dtype
    assert torch.equal(vectors, distance.embed(audio.float(), RATE_HZ).to(dtype))


def test_silence_is_finite_and_the_same_in_every_form(distance):
    silence = distance.embed(torch.zeros(1, 4000), RATE_HZ)
    assert silence.isfinite().all()
    for samples in (0, 1, 80, 9000):
        assert torch.equal(distance.embed(torch.zeros(1, samples), RATE_HZ), silence)


def test_short_sounds_are_followed_by_silence_and_long_ones_are_cut(distance):
    audio = noise(2, 6000)
    padded = torch.cat([audio[:, :1000], torch.zeros(2, 3000)], dim=1)
    assert torch.equal(distance.embed(audio[:, :1000], RATE_HZ), distance.embed(padded, RATE_HZ))
    assert torch.equal(distance.embed(audio, RATE_HZ), distance.embed(audio[:, :4000], RATE_HZ))


def test_analysis_stays_on_the_device_of_the_sounds(distance):
    # On torch's device without data whatever asked for a value, or for a copy on the CPU, would fail.
    dimension = distance.embed(torch.zeros(1, 4000), RATE_HZ).shape[1]
    vectors = distance.analyse(torch.empty(3, 4000, device="meta"), RATE_HZ)
    assert vectors.device.type == "meta"
    assert vectors.shape == (3, dimension)


def test_an_empty_batch_has_vectors_of_the_right_dimension(distance):
    dimension = distance.embed(torch.zeros(1, 4000), RATE_HZ).shape[1]
    for dtype in (torch.float16, torch.float32, torch.float64):
        vectors = distance.embed(torch.zeros(0, 4000, dtype=dtype), RATE_HZ)
        assert vectors.shape == (0, dimension)
        assert vectors.dtype == dtype


def test_input_is_not_modified(distance):
    audio = noise(2, 4000)
    before = audio.clone()
    distance.embed(audio, RATE_HZ)
    assert torch.equal(audio, before)


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 22_050, 44_056.0, 44_100, 48_000, 96_000, 192_000])
def test_every_usual_sample_rate_gives_finite_vectors_that_tell_sounds_apart(distance, rate_hz):
    vectors = distance.embed(noise(2, round(0.5 * rate_hz)), rate_hz)
    assert vectors.isfinite().all()
    assert (vectors[0] - vectors[1]).abs().sum() > 0.01


def test_gradient_agrees_with_differences(distance):
    audio = noise(2, 300, dtype=torch.float64).requires_grad_()
    small = type(distance)(SMALL[type(distance)])
    weights = noise(2, small.embed(audio, RATE_HZ).shape[1], dtype=torch.float64, seed=1)
    assert torch.autograd.gradcheck(
        lambda sounds: (small.embed(sounds, RATE_HZ) * weights).sum(),
        (audio,),
        rtol=1e-5,
        atol=1e-8,
        # A network takes too long to follow one sample after the other: all of them move at once.
        fast_mode=isinstance(distance, Doppelganger),
    )


def test_gradient_is_finite_where_the_sound_is_silent(distance):
    audio = noise(2, 4000)
    audio[0] = 0
    audio[1, 500:] = 0
    audio.requires_grad_()
    distance.embed(audio, RATE_HZ).sum().backward()
    assert audio.grad.isfinite().all()
    assert audio.grad[1].abs().max() > 0


def test_a_first_call_in_inference_mode_does_not_spoil_later_gradients(distance):
    rate_hz = 12_345  # used nowhere else, so that nothing is kept from earlier calls
    with torch.inference_mode():
        distance.embed(noise(1, 100), rate_hz)
    audio = noise(1, 100).requires_grad_()
    distance.embed(audio, rate_hz).square().sum().backward()
    assert audio.grad.abs().max() > 0


@pytest.mark.parametrize(("value", "text"), [(torch.nan, "nan"), (torch.inf, "inf"), (-torch.inf, "-inf")])
def test_a_sample_that_is_not_finite_is_named(distance, value, text):
    audio = noise(3, 6000)
    audio[1, 17] = value
    audio[2, 3] = value
    with pytest.raises(ArgumentError) as error:
        distance.embed(audio, RATE_HZ)
    assert str(error.value) == f"audio: got {text} in sample 17 of sound 1, expected a finite number"


def test_even_a_part_that_would_be_cut_off_must_be_finite(distance):
    audio = noise(1, 6000)
    audio[0, 5999] = torch.nan
    with pytest.raises(ArgumentError, match="audio: got nan in sample 5999 of sound 0, expected a finite number"):
        distance.embed(audio, RATE_HZ)


@pytest.mark.parametrize("rate_hz", [0, -44_100, 7999, 768_001, float("nan"), float("inf")])
def test_a_sample_rate_outside_the_limits_is_refused(distance, rate_hz):
    with pytest.raises(ArgumentError) as error:
        distance.embed(torch.zeros(1, 10), rate_hz)
    assert str(error.value) == f"sample_rate_hz: got {rate_hz}, expected a finite number from 8000 to 768000"


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (torch.zeros(5), "audio: got shape (5,), expected shape (batch, time)"),
        (torch.zeros(1, 2, 3), "audio: got shape (1, 2, 3), expected shape (batch, time)"),
        (torch.zeros(1, 5, dtype=torch.int16), "audio: got torch.int16, expected a real floating-point dtype"),
        (torch.zeros(1, 5, dtype=torch.complex64), "audio: got torch.complex64, expected a real floating-point dtype"),
    ],
)
def test_what_is_no_batch_of_sounds_is_refused(distance, audio, message):
    with pytest.raises(ArgumentError) as error:
        base.check_audio(audio)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("duration_seconds", 0, "duration_seconds: got 0, expected a finite number from 0.001 to 3600"),
        ("duration_seconds", float("nan"), "duration_seconds: got nan, expected a finite number from 0.001 to 3600"),
        ("level_rms", -1, "level_rms: got -1, expected a finite number from 1e-06 to 1"),
    ],
)
def test_shared_settings_outside_the_limits_are_refused(distance, setting, value, message):
    for kind in (Settings, type(distance.settings)):
        with pytest.raises(ArgumentError) as error:
            kind(**{setting: value})
        assert str(error.value) == message


def test_settings_cannot_be_changed(distance):
    with pytest.raises(FrozenInstanceError):
        distance.settings.duration_seconds = 1.0


def test_the_key_changes_with_every_setting_and_only_with_settings(distance):
    kind, settings = type(distance), type(distance.settings)
    assert kind(settings()).key == kind().key == kind(settings(duration_seconds=4)).key
    others = {"duration_seconds": 1.0, "level_rms": 0.1, **OTHERS[kind]}
    assert set(others) == set(settings.__dataclass_fields__)
    keys = {kind(settings(**{name: value})).key for name, value in others.items()}
    assert len(keys | {kind().key}) == len(others) + 1

    class Next(kind):
        version = kind.version + 1

    assert Next().key == kind().key.replace(f"-v{kind.version}-", f"-v{kind.version + 1}-")
