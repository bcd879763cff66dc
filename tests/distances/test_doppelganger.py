import hashlib
import json
import math
from importlib import resources

import pytest
import torch
from safetensors import safe_open
from scipy.stats import spearmanr

import nebula
from nebula.distances import Doppelganger
from nebula.distances.doppelganger.answers import PITCHES, NetworkAnswers
from nebula.distances.doppelganger.distance import vector_parts
from nebula.distances.doppelganger.network import PitchNetwork, relative, shipped_network
from nebula.distances.doppelganger.pictures import BANDS, BANDS_PER_SEMITONE, FINE_CENTRES_HZ, LOWEST_PITCH, pictures
from nebula.errors import ArgumentError

RATE_HZ = 44_100
FOLDER = resources.files("nebula.distances.doppelganger")


def noise(*shape, dtype=torch.float32, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def hertz(midi):
    return 440 * 2 ** ((midi - 69) / 12)


def tone(midi, seconds=1.0, rate_hz=RATE_HZ, partials=1):
    time = torch.arange(round(seconds * rate_hz), dtype=torch.float64) / rate_hz
    waves = [torch.sin(2 * math.pi * hertz(midi) * number * time) / number for number in range(1, partials + 1)]
    return torch.stack(waves).sum(0)[None]


def between(vectors):
    return torch.cdist(vectors.double(), vectors.double(), p=1)


def test_a_tone_is_loudest_in_its_own_band_at_every_pitch_and_rate():
    # Below 36 neighbouring bands share one bin.
    for midi in range(36, 120, 7):
        for rate_hz in (44_100, 48_000, 32_000, 96_000):
            if hertz(midi) > 0.45 * rate_hz:
                continue
            fine = pictures(tone(midi, 0.5, rate_hz), rate_hz).fine[0, 2]
            expected = BANDS_PER_SEMITONE * (midi - LOWEST_PITCH)
            assert abs(int(fine.argmax()) - expected) <= 1
            # Half the sum of the window's samples is a sine's peak, 2048; a band reads from 0.4 of it to all of it.
            assert 0.4 < float(fine.max()) / 2048 < 1


def test_bands_rise_by_a_third_of_a_semitone_from_16_hz():
    assert FINE_CENTRES_HZ[0] == pytest.approx(hertz(12))
    assert FINE_CENTRES_HZ[[3, -1]] == pytest.approx([hertz(13), hertz(12 + (BANDS - 1) / 3)])


@pytest.mark.parametrize(("seconds", "frames"), [(0.01, 1), (0.1, 1), (0.24, 2), (1.0, 10), (4.0, 40)])
def test_the_fine_picture_has_a_frame_every_tenth_of_a_second(seconds, frames):
    assert pictures(noise(1, round(seconds * RATE_HZ)), RATE_HZ).fine.shape == (1, frames, BANDS)


def test_a_click_is_in_the_frames_whose_window_holds_it():
    audio = torch.zeros(1, RATE_HZ)
    audio[0, 22_050] = 1
    lit = pictures(audio, RATE_HZ).fine[0].amax(1) > 1e-3
    # Centres are at 0.05 s and each tenth from there, and a window reaches 93 ms to either side.
    assert lit.nonzero().flatten().tolist() == [4, 5]


def test_transposed_pictures_have_transposed_answers():
    torch.manual_seed(0)
    network = PitchNetwork().eval().double()
    fine = torch.zeros(1, 4, BANDS, dtype=torch.float64)
    # Far enough from either end that no partial of it, nor what it may be a partial of, leaves the picture.
    fine[:, :, 150:170] = noise(4, 20, dtype=torch.float64).abs()
    with torch.no_grad():
        before, after = network(fine), network(fine.roll(5 * BANDS_PER_SEMITONE, 2))
    inside = slice(30, 80)
    torch.testing.assert_close(after[..., 35:85], before[..., inside], rtol=1e-9, atol=1e-12)


def test_pitch_is_the_earth_movers_distance_and_semitones_tell_whether_it_is_the_same():
    logits = torch.full((3, 1, PITCHES), -torch.inf)
    for sound, pitch in enumerate((40, 41, 60)):
        logits[sound, 0, pitch] = 0
    answers = NetworkAnswers(logits, torch.zeros(3, 1, 1), torch.zeros(3, 1), torch.zeros(3, 8))
    parts = vector_parts(answers, torch.ones(3, 1))
    assert between(parts["pitch"])[0].tolist() == pytest.approx([0, 1 / PITCHES, 20 / PITCHES], abs=1e-6)
    assert between(parts["semitone"])[0].tolist() == pytest.approx([0, 2, 2], abs=1e-6)


def test_tones_are_heard_at_their_pitch():
    network = shipped_network(torch.device("cpu"), torch.float32)
    pitches = list(range(40, 90, 5))
    audio = torch.cat([tone(midi, partials=6) for midi in pitches]).float()
    with torch.no_grad():
        heard = network.pitch(relative(pictures(audio, RATE_HZ).fine))[:, 5].argmax(1) + LOWEST_PITCH
    assert heard.tolist() == pitches


def test_distance_rises_with_the_interval():
    distance = Doppelganger()
    audio = torch.cat([tone(midi, partials=6) for midi in range(45, 82, 4)])
    rows = between(distance.embed(audio.float(), RATE_HZ))
    assert spearmanr(rows[0], range(10)).statistic > 0.95


def test_renders_that_differ_in_their_key_are_in_its_order():
    # Of 64 random sounds, the mean correlation of distance with the interval from the lowest key.
    unit = nebula.sample(range(2**31, 2**31 + 16))[:, None].repeat(1, 5, 1)
    column = nebula.PARAMETERS.index(next(p for p in nebula.PARAMETERS if p.path == "keyboard.midi_f0"))
    unit[:, :, column] = torch.linspace(0.3, 0.7, 5)
    audio = nebula.Voice().render(unit.flatten(0, 1), nebula.Nebula.load("default"))
    vectors = Doppelganger().embed(audio, RATE_HZ).unflatten(0, (16, 5))
    scores = [spearmanr(between(five)[0], range(5)).statistic for five in vectors]
    assert sum(scores) / 16 > 0.8


def test_what_is_no_ordinary_sound_has_a_finite_vector_and_differs_from_a_tone():
    distance = Doppelganger()
    square = tone(60).sign()
    sounds = {
        "silence": torch.zeros(1, RATE_HZ),
        "no samples": torch.zeros(1, 0),
        "clipping": (100 * tone(60)).clamp(-1, 1),
        "direct current": torch.ones(1, RATE_HZ),
        "a hundredth of a second": tone(60, 0.01),
        "a minute": noise(1, 60 * RATE_HZ),
        "the smallest number": torch.full((1, RATE_HZ), 1e-40),
        "very loud": 1e30 * square,
    }
    plain = distance.embed(tone(57, partials=3).float(), RATE_HZ)
    for name, audio in sounds.items():
        vector = distance.embed(audio.float(), RATE_HZ)
        assert vector.isfinite().all(), name
        assert (vector - plain).abs().sum() > 0.1, name


def test_the_same_tone_at_other_rates_is_nearer_than_a_tone_a_third_off():
    distance = Doppelganger()
    first = distance.embed(tone(60, 2.0, 44_100, partials=4).float(), 44_100)
    third = distance.embed(tone(64, 2.0, 44_100, partials=4).float(), 44_100)
    for rate_hz in (16_000, 22_050, 48_000, 96_000):
        same = distance.embed(tone(60, 2.0, rate_hz, partials=4).float(), rate_hz)
        assert (same - first).abs().sum() < 0.5 * (third - first).abs().sum()


def test_an_empty_batch_has_no_vectors_and_a_sample_that_is_no_number_is_named():
    distance = Doppelganger()
    dimension = distance.embed(torch.zeros(1, 10), RATE_HZ).shape[1]
    assert distance.embed(torch.zeros(0, 10), RATE_HZ).shape == (0, dimension)
    with pytest.raises(ArgumentError, match="audio: got nan in sample 1 of sound 0, expected a finite number"):
        distance.embed(torch.tensor([[0.0, torch.nan]]), RATE_HZ)


def test_the_weights_are_small_and_those_that_are_described():
    content = (FOLDER / "weights.safetensors").read_bytes()
    made = json.loads((FOLDER / "weights.json").read_text())
    assert len(content) <= 5_000_000
    assert hashlib.sha256(content).hexdigest() == made["sha256"]
    assert made["command"].startswith("nebula train-embedding --seed ")


def test_the_weights_are_in_half_precision(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes((FOLDER / "weights.safetensors").read_bytes())
    with safe_open(path, "pt") as weights:
        kinds = {name: weights.get_slice(name).get_dtype() for name in weights.keys()}  # noqa: SIM118, it is no dictionary
    counters = {name for name in kinds if name.endswith("num_batches_tracked")}
    assert {kind for name, kind in kinds.items() if name not in counters} == {"F16"}
