"""Descriptors of sounds whose descriptors are known in closed form."""

import math

import numpy as np
import pytest
import torch

from nebula.evaluation.descriptors import HARMONICS, NAMES, Descriptors

RATE_HZ = 44100


def described(sound):
    return dict(zip(NAMES, Descriptors().embed(sound[None], RATE_HZ)[0].tolist(), strict=True))


def seconds(length=2.0):
    return torch.arange(round(length * RATE_HZ), dtype=torch.float64) / RATE_HZ


def partials(pitch_hz, amplitudes, stretch=0.0):
    """Partials of given amplitudes at multiples of a pitch, each farther off by `stretch` times the pitch."""
    places = [(number + stretch * (number > 1)) * pitch_hz for number in range(1, len(amplitudes) + 1)]
    return sum(a * torch.sin(2 * math.pi * hz * seconds() + 1) for a, hz in zip(amplitudes, places, strict=True))


def noise():
    return torch.from_numpy(np.random.default_rng(0).normal(size=2 * RATE_HZ))


def test_white_noise_is_as_flat_as_its_periodogram():
    found = described(noise())
    # Powers of a periodogram are exponential: the mean of their logarithm is that of their mean less Euler's constant.
    assert found["flatness"] == pytest.approx(math.exp(-0.5772), abs=0.01)
    assert found["centroid_hz"] == pytest.approx(RATE_HZ / 4, rel=0.01)
    # Rayleigh magnitudes: mean squared over mean square is pi / 4, and the highest of many lags a little more.
    assert math.pi / 4 * 0.85 < found["pitch_salience"] < math.pi / 4 * 1.1
    # Windows that share a half lie nearer than the sqrt(2 - pi / 2) of independent ones.
    assert 0.4 < found["flux"] < math.sqrt(2 - math.pi / 2)


@pytest.mark.parametrize("hz", [300, 2000, 7000])
def test_a_sine_is_its_frequency_and_nothing_else(hz):
    found = described(partials(hz, [1.0]))
    # The first and the last window have an edge, whose spectrum reaches all the way up.
    assert found["centroid_hz"] == pytest.approx(hz, abs=80)
    assert found["flatness"] < 1e-4
    assert found["flux"] < 0.02
    assert found["pitch_salience"] < 0.05


@pytest.mark.parametrize("count", [5, 10, 20])
def test_the_salience_of_equal_harmonics_is_all_but_one_of_them(count):
    # Shifted by the pitch, all but one of them meet another one.
    assert described(partials(400, [1.0] * count))["pitch_salience"] == pytest.approx(1 - 1 / count, abs=0.02)


@pytest.mark.parametrize("pitch_hz", [110, 261.6, 440, 987.8])
def test_harmonics_of_a_sawtooth_and_of_a_square(pitch_hz):
    amplitudes = [1 / number for number in range(1, HARMONICS + 1)]
    saw, square = (
        described(partials(pitch_hz, amplitudes)),
        described(partials(pitch_hz, [a * (place % 2 == 0) for place, a in enumerate(amplitudes)])),
    )
    odd, even = (sum(a**2 for a in amplitudes[parity::2]) for parity in (0, 1))
    assert saw["odd_to_even_db"] == pytest.approx(10 * math.log10(odd / even), abs=0.1)
    assert square["odd_to_even_db"] > 40
    assert (saw["inharmonicity"], square["inharmonicity"]) == pytest.approx((0, 0), abs=0.01)


def test_stretched_partials_are_inharmonic_by_as_much():
    # The fundamental carries nearly all of what the pitch is found by: partials above lie off by a fifth of it.
    amplitudes = [1.0, 0.05, 0.05, 0.05, 0.05, 0.5]
    found = described(partials(440, amplitudes, stretch=0.2))["inharmonicity"]
    powers = [a**2 for a in amplitudes]
    assert found == pytest.approx(2 * 0.2 * sum(powers[1:]) / sum(powers), abs=0.03)


@pytest.mark.parametrize("length", [0.1, 0.5])
def test_a_linear_attack_takes_eight_tenths_of_its_ramp(length):
    sound = torch.sin(2 * math.pi * 1000 * seconds()) * (seconds() / length).clamp(max=1)
    # Blocks of 5 ms.
    assert described(sound)["attack_seconds"] == pytest.approx(0.8 * length, abs=0.0076)


@pytest.mark.parametrize("constant", [0.05, 0.3])
def test_an_exponential_decay_falls_20_db_in_ln_10_time_constants(constant):
    sound = torch.sin(2 * math.pi * 1000 * seconds()) * (-seconds() / constant).exp()
    assert described(sound)["decay_seconds"] == pytest.approx(math.log(10) * constant, abs=0.0076)
    assert described(sound)["attack_seconds"] == 0


def test_level_counts_for_nothing_and_silence_is_finite():
    sound = partials(220, [1.0, 0.5, 0.3])
    assert described(0.01 * sound) == pytest.approx(described(sound), rel=1e-6, abs=1e-9)
    assert np.isfinite(list(described(torch.zeros(RATE_HZ, dtype=torch.float64)).values())).all()
