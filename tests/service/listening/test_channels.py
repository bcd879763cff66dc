"""Recordings keep their channels from the file to the ears, and mono is played on all: nothing is mixed in silence."""

import io
import time

import numpy as np
import pytest
import soundfile
from listening_lab import Person, systems_of

from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest

RATE = 44100
SECONDS = 1.0


def noise(seed, channels=1):
    """Samples of noise, a column for each channel, that begins and ends at once."""
    return np.random.default_rng(seed).uniform(-0.2, 0.2, (round(SECONDS * RATE), channels))


def plan(corpus, sounds, **changes):
    """A test of ratings side by side, whose one item lists sounds by system."""
    return {
        "version": 1,
        "name": "channels",
        "method": "multi-stimulus",
        "seconds": SECONDS,
        "systems": [{"name": name} for name in sounds],
        "corpus": corpus,
        "items": [{"name": "excerpt", "sounds": {name: [sound] for name, sound in sounds.items()}}],
        **changes,
    }


def heard(lab, invite):
    """Returns what the first trial of a new participant plays, by system: samples with a column for each channel."""
    person = Person(lab, invite)
    trial = person.arrive()["trial"]
    ((_, systems),) = [each for each in systems_of(lab, person)[1] if each[0] == trial["id"]]
    found = {}
    for slot, system in zip(trial["slots"], systems, strict=True):
        content = person.client.get(slot["audio"][0]).content
        found[system] = soundfile.read(io.BytesIO(content), always_2d=True)[0]
    return found


def opened(lab, spec):
    """Returns what is heard in a test once it is open, and what its methods paragraph says."""
    test, invite = lab.open(spec)
    found = heard(lab, invite)
    lab.do(test, "close")
    lab.do(test, "unblind")
    return found, lab.experimenter.get(f"/v1/listening-tests/{test}/analysis").json()["methods"]


def refused(lab, test):
    """Returns why a draft is not sealed."""
    lab.do(test, "seal", 202)
    while (shown := lab.show(test))["state"] == "sealing":
        time.sleep(0.02)
    assert shown["state"] == "draft"
    return shown["reason"]


def test_stereo_stays_stereo_with_left_left_and_what_cancels_is_heard(lab):
    left, right, single = noise(1), noise(2), noise(3)
    corpus = lab.upload(
        "stereo",
        {
            "wide.wav": np.hstack([left, right]),
            "opposed.wav": np.hstack([left, -left]),
            "left.wav": np.hstack([left, 0 * left]),
            "single.wav": single,
        },
    )
    names = ("wide", "opposed", "left", "single")
    found, methods = opened(lab, plan(corpus, {name: f"{name}.wav" for name in names}))
    assert {samples.shape[1] for samples in found.values()} == {2}
    lsb = 2**-15
    assert np.abs(found["left"][:, 1]).max() <= 2 * lsb  # dither alone
    assert np.abs(found["single"][:, 0] - found["single"][:, 1]).max() <= 4 * lsb
    assert np.abs(found["opposed"].sum(axis=1)).max() <= 4 * lsb
    levels = {name: np.sqrt((samples**2).sum(axis=1).mean()) for name, samples in found.items()}
    # White noise of equal length: as loud by BS.1770 is as powerful over both channels.
    for name in names:
        assert levels[name] == pytest.approx(levels["wide"], rel=0.03)
    gain = levels["wide"] / np.sqrt((np.hstack([left, right]) ** 2).sum(axis=1).mean())
    inside = slice(400, 40000)
    start = int(np.argmax(np.correlate(found["wide"][:2000, 0], left[:1000, 0], mode="valid")))
    moved = found["wide"][start:, :][inside]
    np.testing.assert_allclose(moved, gain * np.hstack([left, right])[inside], atol=0.01 * 0.2 * gain + 3 * lsb)
    assert "All stimuli were played in 2 channels, the mono one on all of them; no channels were mixed." in methods


def test_a_nebula_beside_stereo_recordings_is_played_on_both_channels(lab):
    corpus = lab.upload("wide", {f"{number}.wav": noise(number, 2) for number in range(3)})
    spec = plan(corpus, {}) | {"items": [], "sounds": 2, "seconds": 0.5}
    spec |= {"systems": [{"name": "recorded", "corpus": corpus}, {"name": "made by hand", "nebula": "drum"}]}
    found, methods = opened(lab, spec)
    nebula, recorded = found["made by hand"], found["recorded"]
    assert nebula.shape == recorded.shape
    assert np.abs(nebula[:, 0] - nebula[:, 1]).max() <= 4 * 2**-15
    assert np.abs(recorded[:, 0] - recorded[:, 1]).max() > 0.01
    assert "played in 2 channels, the 2 mono ones on all of them; no channels were mixed." in methods


def test_six_channels_are_played_as_six_and_anchors_too(lab):
    surround = noise(5, 6)
    corpus = lab.upload("surround", {"open.wav": surround, "worse.wav": np.round(surround * 20) / 20})
    spec = plan(corpus, {"worse": "worse.wav"}, method="mushra", reference={"name": "open"}, anchors_hz=[3500])
    spec["items"][0]["sounds"]["reference"] = ["open.wav"]
    found, methods = opened(lab, spec)
    assert {name: samples.shape[1] for name, samples in found.items()} == {
        "worse": 6,
        "reference": 6,
        "anchor-3500": 6,
    }
    spectra = np.abs(np.fft.rfft(found["anchor-3500"], axis=0))
    frequencies = np.fft.rfftfreq(len(found["anchor-3500"]), 1 / RATE)
    assert (spectra[(frequencies > 4500)].max(axis=0) < 0.02 * spectra[(frequencies < 3500)].max(axis=0)).all()
    assert "All stimuli were played in 6 channels; no channels were mixed." in methods


def test_channels_that_no_rule_brings_together_are_refused_before_anything_is_sealed(lab):
    corpus = lab.upload("mixed", {"two.wav": noise(1, 2), "six.wav": noise(2, 6), "seven.wav": noise(3, 7)})
    for other, reason in (
        ("six", "item 'excerpt': channels: got 2 and 6, expected one number beside mono"),
        ("seven", "sound 'seven.wav': has 7 channels, expected at most 6"),
    ):
        test = lab.plan(plan(corpus, {"one": "two.wav", "other": f"{other}.wav"}))
        assert refused(lab, test) == reason
    # In trials of their own, too: all sounds of a test are played in one number of channels.
    items = [{"name": name, "sounds": {"one": [f"{name}.wav"]}} for name in ("two", "six")]
    test = lab.plan(plan(corpus, {"one": "two.wav"}, method="rating", items=items))
    assert refused(lab, test) == "listening test: channels: got 2 and 6, expected one number beside mono"


def test_the_audit_finds_a_sound_with_other_channels_and_takes_what_earlier_versions_kept(lab, ab):
    test = lab.seal(ab | {"sounds": 1})
    with lab.database.read() as session:
        kept = session.get(ListeningTest, test)
        folder, key_map = kept.folder, kept.key_map
    assert (key_map["channels"], key_map["mono"]) == (1, 0)
    store = StimulusStore(lab.home)
    name = next(iter(key_map["stimuli"]))
    path = store.root / folder / name
    samples = np.load(path)
    # One axis, as tests of earlier versions have it.
    assert samples.ndim == 1
    assert store.read(folder, name).shape == (1, len(samples))
    with path.open("wb") as file:
        np.save(file, np.stack([samples, samples]))
    findings = lab.experimenter.get(f"/v1/listening-tests/{test}/audit").json()["findings"]
    assert {"check": "alignment", "message": "trial 0: sounds differ in channels"} in findings
