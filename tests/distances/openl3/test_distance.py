"""OpenL3 against the original, and laws that need no original. `openl3_reference.py` made the stored values."""

import gzip
import inspect
import math
from pathlib import Path

import numpy as np
import openl3_weights
import pytest
import torch
from openl3_sounds import RATE_HZ, noise

from nebula import distances
from nebula.distances import OpenL3, OpenL3Settings
from nebula.distances.openl3 import checkpoint, frontend
from nebula.errors import ArgumentError, WeightsError

REFERENCE = np.load(Path(__file__).with_name("openl3_reference.npz"))


# Single precision differs by 1e-5 of the scale where a sound fills its spectrum. Where the spectrum is deep (16 bit
# tones) both sides hear rounding: 7e-4 at most. Above the band of a 44.1 kHz sound there is nothing else to hear; the
# transform of 0.3.1, a convolution in single precision, rounds coarsely there.
@pytest.mark.parametrize("case", [name for name in REFERENCE.files if not name.endswith("versions")])
def test_embeddings_are_those_of_the_original(openl3, case):
    version, input_repr, size, rate_hz, number = case.split("/")
    sound = torch.from_numpy(openl3_weights.sounds(int(rate_hz)))[int(number)]
    distance = openl3(input_repr, frontend=version, embedding_size=int(size))
    expected = REFERENCE[case]
    found = distance.windows(sound[None], float(rate_hz))[0].numpy()[-len(expected) :]
    assert found.shape == expected.shape
    scale = np.abs(expected).max()
    tolerance = 1e-2 if (version, rate_hz) == ("0.3.1", "44100") else 1e-3
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale)
    # A typical number is far closer than the worst one.
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.3 * tolerance * scale


def test_the_stored_values_tell_front_ends_and_pictures_apart(openl3):
    same, other = (REFERENCE[f"{version}/mel256/512/48000/0"] for version in frontend.FRONTENDS)
    # Thirty times what the tolerance above lets pass: a swapped front end would be seen.
    assert np.abs(same - other).max() > 0.03 * np.abs(same).max()
    linear = [REFERENCE[f"{version}/linear/512/48000/0"] for version in frontend.FRONTENDS]
    np.testing.assert_allclose(*linear, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("seconds", "windows"), [(0, 1), (0.01, 1), (0.5, 1), (0.51, 2), (1, 6), (4, 36), (4.05, 37), (60, 596)]
)
def test_every_tenth_of_a_second_begins_a_window_until_the_end_is_covered(openl3, seconds, windows):
    # Silence costs one window however long it lasts.
    found = openl3().windows(torch.zeros(1, round(seconds * RATE_HZ)), RATE_HZ)
    assert found.shape == (1, windows, 512)
    covered = windows * 0.1 + 0.4
    assert seconds <= covered + 1e-9
    assert windows == 1 or seconds > covered - 0.1


def test_a_sound_one_hop_later_has_the_same_windows_one_place_later(openl3):
    sound = noise(1, 28_800)
    later = torch.nn.functional.pad(sound, (4800, 0))
    first, second = openl3("mel128").windows(sound, RATE_HZ), openl3("mel128").windows(later, RATE_HZ)
    assert second.shape[1] == first.shape[1] + 1
    # The same samples in the same windows, in groups of another size.
    torch.testing.assert_close(second[:, 1:], first, rtol=0, atol=1e-4)


def test_a_batch_is_its_sounds_one_by_one(openl3):
    sounds = noise(3, 12_000)
    sounds[1] = 0
    sounds[2, 6000:] = 0
    together = openl3().windows(sounds, RATE_HZ)
    for number in range(3):
        alone = openl3().windows(sounds[number : number + 1], RATE_HZ)[0]
        torch.testing.assert_close(together[number], alone, rtol=0, atol=1e-4)


def test_a_silent_window_has_the_same_embedding_wherever_it_is(openl3):
    silence = openl3("mel128").windows(torch.zeros(1, 0), RATE_HZ)[0, 0]
    sound = torch.zeros(1, 3 * RATE_HZ)
    sound[0, 100] = 1
    found = openl3("mel128").windows(sound, RATE_HZ)[0]
    assert silence.isfinite().all()
    # The click is at sample 24,100 of the first window and at sample 100 of the sixth.
    assert [bool((window == silence).all()) for window in found] == [False] * 6 + [True] * 20


def test_a_louder_sound_is_the_same_sound_and_one_near_the_floor_is_not(openl3):
    windows = {gain: openl3("mel128").windows(noise(1, 4800) * gain, RATE_HZ) for gain in (1.0, 30.0, 1e-4)}
    torch.testing.assert_close(windows[30.0], windows[1.0], rtol=0, atol=1e-3)
    # Silence stands at an amplitude of 1e-10: less than 80 dB below a sound as quiet as this.
    assert (windows[1e-4] - windows[1.0]).abs().max() > 0.1


# The type checker of the tests would refuse wrong shapes before `windows` does.
windows = inspect.unwrap(OpenL3.windows)

HARD = {
    "silence": torch.zeros(1, 4000),
    "clipping": (noise(1, 4000, level=30)).clamp(-1, 1),
    "far beyond full scale": noise(1, 4000, level=1e6),
    "direct current": torch.full((1, 4000), 0.5),
    "a hundredth of a second": noise(1, 480),
    "one sample": torch.ones(1, 1),
    "nothing": torch.zeros(1, 0),
    "smallest numbers": torch.full((1, 4000), 1e-42),
}


@pytest.mark.parametrize("sound", HARD.values(), ids=HARD.keys())
@pytest.mark.parametrize("version", frontend.FRONTENDS)
def test_hard_sounds_have_finite_windows(openl3, sound, version):
    assert openl3(frontend=version).windows(sound, RATE_HZ).isfinite().all()


@pytest.mark.parametrize(
    ("audio", "rate_hz", "message"),
    [
        (torch.tensor([[0.0, math.nan]]), RATE_HZ, "audio: got nan in sample 1 of sound 0, expected a finite number"),
        (torch.tensor([[0.0], [math.inf]]), RATE_HZ, "audio: got inf in sample 0 of sound 1, expected a finite number"),
        (torch.zeros(5), RATE_HZ, r"audio: got shape \(5,\), expected shape \(batch, time\)"),
        (torch.zeros(1, 5, dtype=torch.int16), RATE_HZ, "audio: got torch.int16, expected a real floating-point dtype"),
        (torch.zeros(1, 5), 0.0, "sample_rate_hz: got 0.0, expected a finite number from 8000 to 768000"),
        (torch.zeros(1, 5), math.nan, "sample_rate_hz: got nan, expected a finite number from 8000 to 768000"),
    ],
)
def test_what_is_no_batch_of_sounds_is_refused(openl3, audio, rate_hz, message):
    with pytest.raises(ArgumentError, match=f"^{message}$"):
        windows(openl3(), audio, rate_hz)


def test_an_empty_batch_has_windows_of_the_right_shape(openl3):
    for dtype in (torch.float16, torch.float32, torch.float64):
        found = openl3().windows(torch.zeros(0, 4 * RATE_HZ, dtype=dtype), RATE_HZ)
        assert found.shape == (0, 36, 512)
        assert found.dtype == dtype
    assert openl3().embed(torch.zeros(0, 5), RATE_HZ).shape == (0, 36 * 512)


def test_a_vector_is_all_windows_of_four_seconds_or_their_mean(openl3):
    # Silence behind a tenth of a second: 30 of the 36 windows cost nothing.
    sound = noise(1, 4800)
    padded = torch.nn.functional.pad(sound, (0, 4 * RATE_HZ - 4800))
    windows = openl3().windows(padded, RATE_HZ)
    aligned, pooled = (openl3(pooled=pooled).embed(sound, RATE_HZ) for pooled in (False, True))
    # The level is aligned besides, of which only rounding remains.
    torch.testing.assert_close(aligned.view(36, 512), windows[0], rtol=0, atol=1e-3)
    torch.testing.assert_close(pooled[0], windows[0].mean(0), rtol=0, atol=1e-3)


def test_on_the_cpu_a_vector_does_not_depend_on_its_batch_in_any_bit(openl3):
    distance = openl3("mel128", duration_seconds=0.6)
    sounds = noise(3, 28_800)
    together = distance.embed(sounds, RATE_HZ)
    for number in range(3):
        assert torch.equal(distance.embed(sounds[number : number + 1], RATE_HZ)[0], together[number])


def test_gradients_flow_and_follow_the_function(openl3):
    distance = openl3("mel128")
    sound, direction = noise(1, 2400), noise(1, 2400, seed=1)

    def loss(audio):
        return distance.windows(audio, RATE_HZ).square().mean()

    audio = sound.clone().requires_grad_()
    loss(audio).backward()
    slope = float((audio.grad * direction).sum())
    step = 1e-3
    difference = float(loss(sound + step * direction) - loss(sound - step * direction)) / (2 * step)
    # Maxima have corners: the slope between two points is that at their middle only about.
    assert slope == pytest.approx(difference, rel=0.1)


def test_sounds_of_half_and_double_precision_keep_their_dtype(openl3):
    sound = noise(1, 2400)
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        found = openl3("mel128").windows(sound.to(dtype), RATE_HZ)
        assert found.dtype == dtype
        assert torch.equal(found, openl3("mel128").windows(sound.to(dtype).float(), RATE_HZ).to(dtype))


NAMES = {
    "openl3": {},
    "openl3:env-mel128-6144": {"content_type": "env", "input_repr": "mel128", "embedding_size": 6144},
    "openl3:0.3.1": {"frontend": "0.3.1"},
    "openl3:linear-0.3.1-bfloat16-pooled": {
        "input_repr": "linear",
        "frontend": "0.3.1",
        "precision": "bfloat16",
        "pooled": True,
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_names_say_what_differs_from_the_usual(name):
    assert OpenL3Settings.named(name) == OpenL3Settings(**NAMES[name])
    assert OpenL3Settings(**NAMES[name]).name == name


def test_words_come_in_any_order_and_may_say_the_usual():
    assert OpenL3Settings.named("openl3:512-pooled-music").name == "openl3:pooled"


@pytest.mark.parametrize("name", ["openl3:", "openl3:mel64", "openl3:env-", "openl3:env_6144", "openl3:Music"])
def test_an_unknown_word_is_refused(name):
    with pytest.raises(ArgumentError) as error:
        distances.get(name)
    assert str(error.value).startswith(f"distance: got {name!r}, expected after 'openl3:' any of music, env, mel256, ")


@pytest.mark.parametrize("name", ["openl3:music-env", "openl3:512-512", "openl3:pooled-pooled"])
def test_a_choice_said_twice_is_refused(name):
    with pytest.raises(ArgumentError, match=r"to be said once$"):
        distances.get(name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"input_repr": "mel64"}, "input_repr: got 'mel64', expected one of mel256, mel128, linear"),
        ({"embedding_size": 128}, "embedding_size: got 128, expected one of 512, 6144"),
        ({"frontend": "0.4.1"}, "frontend: got '0.4.1', expected one of 0.4.2, 0.3.1"),
        ({"content_type": "speech"}, "content_type: got 'speech', expected one of music, env"),
        ({"precision": "float64"}, "precision: got 'float64', expected one of float32, bfloat16, float16"),
        ({"duration_seconds": 0.0}, "duration_seconds: got 0.0, expected a finite number from 0.001 to 3600"),
    ],
)
def test_settings_outside_what_is_allowed_are_refused(settings, message):
    with pytest.raises(ArgumentError) as error:
        OpenL3Settings(**settings)
    assert str(error.value) == message


def test_without_weights_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path)
    with pytest.raises(WeightsError) as error:
        distances.get("openl3:linear-env")
    name = "openl3_audio_linear_env-v0_4_0.h5.gz"
    assert str(error.value) == (
        f"{name} is missing: run `nebula weights fetch {name}`, or put "
        f"https://raw.githubusercontent.com/marl/openl3/models/{name} at {tmp_path / 'weights' / name} by hand"
    )


def test_a_name_finds_the_official_file(tmp_path, monkeypatch, drawn):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path)
    (tmp_path / "weights").mkdir()
    packed = tmp_path / "weights" / "openl3_audio_mel256_env-v0_4_0.h5.gz"
    packed.write_bytes(gzip.compress(drawn("mel256").read_bytes(), 1))
    assert distances.get("openl3:env").checkpoint.fingerprint == checkpoint.read(drawn("mel256")).fingerprint


def test_the_key_holds_every_setting_and_the_content_of_the_weights(drawn, tmp_path):
    usual = OpenL3(drawn("mel256"))
    repacked = tmp_path / "other name.h5.gz"
    repacked.write_bytes(gzip.compress(drawn("mel256").read_bytes(), 1))
    assert OpenL3(repacked).key == usual.key
    others = [
        OpenL3(drawn("mel128")),
        OpenL3(drawn("mel256"), "0.3.1"),
        OpenL3(drawn("mel256"), input_repr="linear"),
        OpenL3(drawn("mel256"), embedding_size=6144),
        OpenL3(drawn("mel256"), content_type="env"),
        OpenL3(drawn("mel256"), pooled=True),
        OpenL3(drawn("mel256"), precision="float16"),
        OpenL3(drawn("mel256"), duration_seconds=1),
        OpenL3(drawn("mel256"), level_rms=0.1),
    ]
    assert len({distance.key for distance in others} | {usual.key}) == len(others) + 1
    assert usual.key.startswith("openl3-v1-")


def test_a_file_that_was_replaced_is_read_again(tmp_path):
    path = tmp_path / "weights.h5"
    keys = set()
    for seed in (1, 2):
        openl3_weights.write(path, openl3_weights.draw(seed))
        keys.add(OpenL3(path).key)
    assert len(keys) == 2
