"""Reading what strangers sent, in a process that may die."""

import os
import re
import signal
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from nebula.errors import CorpusError, SoundError
from service.corpora.decoder import Decoder
from service.corpora.decoding import LONGEST_SECONDS, SAMPLE_RATE_HZ


@pytest.fixture(scope="module")
def decoder():
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.fixture
def sounds(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    angle = 2 * np.pi * 440 * np.arange(22050) / 22050
    soundfile.write(folder / "tone.wav", 1.5 * np.sin(angle), 22050, subtype="FLOAT")
    soundfile.write(folder / "long.wav", np.full(8000 * 40, 0.1), 8000)
    (folder / "text.wav").write_text("this is text, not sound")
    return folder


def test_names_lengths_and_reasons_come_from_another_process(decoder, sounds):
    assert decoder.listing(sounds) == (["long.wav", "text.wav", "tone.wav"], [], [])
    assert os.getpid() not in decoder.process_ids
    assert decoder.finding(sounds, "tone.wav").seconds == pytest.approx(1.0, abs=1e-4)
    assert decoder.finding(sounds, "long.wav").seconds == LONGEST_SECONDS
    with pytest.raises(SoundError) as caught:
        decoder.finding(sounds, "text.wav")
    assert str(caught.value).startswith("is not sound in a format that can be read")


def test_a_sound_is_played_at_its_own_level_within_full_scale(decoder, sounds, tmp_path):
    (tmp_path / "tone.flac").write_bytes(decoder.flac(sounds, "tone.wav"))
    audio, rate_hz = soundfile.read(tmp_path / "tone.flac")
    assert rate_hz == SAMPLE_RATE_HZ
    # A tone of amplitude 1.5 does not fit and is lowered to 1; its root mean square is then that of a sine.
    assert np.abs(audio).max() == pytest.approx(1.0, abs=1e-3)
    assert np.sqrt(np.mean(audio**2)) == pytest.approx(np.sqrt(0.5), rel=0.01)


def test_a_zip_is_read_without_being_unpacked(decoder, sounds, tmp_path):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(sounds / "tone.wav", "kit/tone.wav")
        archive.writestr("../evil.wav", b"x")
    assert decoder.listing(path) == (["kit/tone.wav"], [("../evil.wav", "leads out of the archive")], [])
    assert decoder.finding(path, "kit/tone.wav").seconds == pytest.approx(1.0, abs=1e-4)


def test_the_list_of_a_zip_is_read_once_for_all_its_sounds(decoder, sounds, tmp_path):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.wav", "b.wav"):
            archive.write(sounds / "tone.wav", name)
    decoder.finding(path, "a.wav")
    (process_id,) = decoder.process_ids

    def bytes_read():
        return int(re.search(r"rchar: (\d+)", Path(f"/proc/{process_id}/io").read_text())[1])

    before = bytes_read()
    decoder.finding(path, "b.wav")
    # The sound twice, local header and request: the zip was as much again, and its list stands for all of 100,000.
    assert bytes_read() - before < 2 * (sounds / "tone.wav").stat().st_size
    path.unlink()
    with pytest.raises(CorpusError, match="does not exist"):
        decoder.finding(path, "a.wav")


def test_requests_beyond_the_first_have_processes_of_their_own(sounds):
    pair = Decoder(processes=2)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda name: pair.finding(sounds, name).seconds, ["tone.wav", "long.wav"] * 10))
    assert len(pair.process_ids) == 2
    assert found == [pytest.approx(1.0, abs=1e-4), LONGEST_SECONDS] * 10
    pair.close()
    assert pair.process_ids == []


def test_an_unsafe_zip_is_refused(decoder, tmp_path):
    path = tmp_path / "sounds.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.wav", b"x")
    with pytest.raises(CorpusError, match=r"no sounds that can be reached: \.\./\.\./evil\.wav leads out"):
        decoder.listing(path)


def test_a_process_that_died_is_replaced(decoder, sounds):
    decoder.finding(sounds, "tone.wav")
    (died,) = decoder.process_ids
    os.kill(died, signal.SIGKILL)
    # Until all its threads have ended, and without taking the news from the decoder.
    os.waitid(os.P_PID, died, os.WEXITED | os.WNOWAIT)
    assert decoder.finding(sounds, "tone.wav").seconds == pytest.approx(1.0, abs=1e-4)
    assert len(decoder.process_ids) == 1
    assert died not in decoder.process_ids


def test_a_sound_that_takes_too_long_ends_its_decoder_and_no_other(sounds):
    # Half an hour of MP3 has to be decoded to the end of its first 30 s, which takes longer than 5 ms anywhere.
    noise = np.random.default_rng(0).uniform(-1, 1, 44100 * 30)
    soundfile.write(sounds / "endless.mp3", noise, 44100, format="MP3")
    hasty = Decoder(limit_seconds=0.005)
    try:
        with pytest.raises(SoundError) as caught:
            hasty.finding(sounds, "endless.mp3")
        assert str(caught.value) == "reading it takes longer than 0.005 s"
        assert hasty.process_ids == []
        with pytest.raises(CorpusError, match="takes longer than"):
            Decoder(limit_seconds=1e-6).listing(sounds)
    finally:
        hasty.close()
