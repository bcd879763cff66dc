import json
import re

import numpy as np
import pytest
import soundfile
import torch

from nebula import Corpus, Nebula, distances, synths
from nebula.embedding import SAMPLE_RATE_HZ, player_of
from nebula.errors import ArgumentError
from nebula.matching import Effort, Match, find_jobs, write_match
from nebula.matching.search import NOISE_ROW

LOG_MEL = distances.get("log-mel")
EFFORT = Effort(bank=32, generations=0)


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "recordings"
    for place, name in enumerate(("kicks/one", "kicks/two", "three")):
        path = folder / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.sin(np.arange(22050) * (0.05 + 0.03 * place)) * 0.5, 44100)
    return folder


def jobs_of(recordings, out, effort=EFFORT, synth="voice"):
    return find_jobs([Corpus.open(recordings)], out, synth, LOG_MEL, effort)


def test_results_lie_as_recordings_do(recordings, tmp_path):
    out = tmp_path / "out"
    jobs = jobs_of(recordings, out)
    assert [job.path.relative_to(out).as_posix() for job in jobs] == ["kicks/one", "kicks/two", "three"]
    assert len({job.identity for job in jobs}) == 3
    # Each travels to a worker alone.
    assert [job.vector.untyped_storage().nbytes() for job in jobs] == [jobs[0].vector.nbytes] * 3


def test_a_match_leaves_its_sound_its_preset_and_its_record(recordings, tmp_path):
    job = jobs_of(recordings, tmp_path / "out")[0]
    unit = synths.get("voice").sample([9]).numpy()[0]
    write_match(job, Match(unit, 0.25, 0.5, 100), "voice", LOG_MEL)
    nebula = Nebula.uniform("voice")
    expected = player_of(nebula).render(torch.from_numpy(unit)[None], nebula, torch.tensor([NOISE_ROW]))[0].numpy()
    audio, rate = soundfile.read(job.path.with_suffix(".flac"))
    assert rate == SAMPLE_RATE_HZ
    # 24 bits are half a step of 2^-23 off at most, and one at full scale.
    assert float(np.abs(audio - expected).max()) <= 2**-22
    record = json.loads(job.record.read_text())
    assert (record["recording"], record["value"], record["nearest_random_sound"]) == ("kicks/one.wav", 0.25, 0.5)
    assert np.allclose(list(record["unit_parameters"].values()), unit, rtol=0, atol=1e-9)
    preset = json.loads(job.path.with_suffix(".json").read_text())
    (settings,) = preset["presets"]
    physical = player_of(nebula).physical(torch.from_numpy(unit)[None], nebula)[0]
    assert settings["parameters"]["keyboard.duration"]["value"] == pytest.approx(float(physical[1]), rel=1e-6)
    assert settings["parameters"]["keyboard.duration"]["unit"] == "s"


def test_a_match_is_made_once_and_again_when_anything_differs(recordings, tmp_path):
    out = tmp_path / "out"
    job = jobs_of(recordings, out)[0]
    assert job.read() is None
    write_match(job, Match(synths.get("voice").sample([9]).numpy()[0], 0.25, 0.5, 100), "voice", LOG_MEL)
    assert jobs_of(recordings, out)[0].read() is not None
    assert jobs_of(recordings, out, Effort(bank=32, generations=1))[0].read() is None
    job.record.write_text("half a rec")
    assert job.read() is None


def test_recordings_that_would_share_their_results_are_refused(recordings, tmp_path):
    soundfile.write(recordings / "three.flac", np.sin(np.arange(22050) * 0.2), 44100)
    message = "recordings: three.flac and three.wav would both be matched as three"
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        jobs_of(recordings, tmp_path / "out")


def test_a_format_that_the_synth_lacks_is_refused(recordings, tmp_path):
    job = jobs_of(recordings, tmp_path / "out")[0]
    found = Match(synths.get("voice").sample([9]).numpy()[0], 0.25, 0.5, 100)
    with pytest.raises(ArgumentError, match=re.escape("format: got 'syx', expected one of json, csv")):
        write_match(job, found, "voice", LOG_MEL, "syx")
