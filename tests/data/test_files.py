"""Sounds on disk: what is written, what is left alone, what a stop leaves."""

import contextlib
import csv
import io
import json
import signal
import subprocess
import sys
import tarfile
import time

import numpy as np
import psutil
import pytest
import soundfile
from interrupts import hear_interrupts

import nebula
from nebula.data import export
from nebula.errors import ArgumentError

DRUM, DEFAULT = nebula.Nebula.load("drum"), nebula.Nebula.load("default")

#: Half a step of 24 bits.
STEP = 2.0**-23


def voice(duration_seconds=0.1):
    return nebula.Voice(sample_rate_hz=8000, duration_seconds=duration_seconds)


def stamps(folder):
    found = {}
    for path in folder.glob("*"):
        # A file that is still being written may move at any time.
        with contextlib.suppress(FileNotFoundError):
            found[path.name] = path.stat().st_mtime_ns
    return found


def read_shard(path):
    with tarfile.open(path) as shard:
        return [(member.name, shard.extractfile(member).read()) for member in shard]


@pytest.mark.parametrize("format_", ["flac", "wav"])
def test_files_hold_the_sounds_of_their_seeds(tmp_path, format_):
    export(DRUM, range(9, 12), tmp_path, voice(), format_)
    names = [f"drum-{seed}.{format_}" for seed in ("09", "10", "11")]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names, "parameters.csv"]
    for seed, name in enumerate(names, 9):
        audio, rate = soundfile.read(tmp_path / name)
        assert rate == 8000
        np.testing.assert_allclose(audio, voice().play([seed], DRUM)[0].numpy(), rtol=0, atol=STEP)
    with (tmp_path / "parameters.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["seed"]) for row in rows] == list(zip(names, ["9", "10", "11"], strict=True))
    written = [[float(row[parameter.path]) for parameter in nebula.PARAMETERS] for row in rows]
    # Nine digits bring a float32 back exactly.
    np.testing.assert_array_equal(np.float32(written), nebula.sample(range(9, 12)).numpy())


def test_shards_hold_pairs_in_the_order_of_seeds(tmp_path):
    export(DRUM, range(98, 103), tmp_path, voice(), "tar", shard_sounds=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drum-000000.tar", "drum-000001.tar"]
    members = read_shard(tmp_path / "drum-000000.tar") + read_shard(tmp_path / "drum-000001.tar")
    expected = [f"{seed:03}.{suffix}" for seed in range(98, 103) for suffix in ("flac", "json")]
    assert [name for name, _ in members] == expected
    for number, seed in enumerate(range(98, 103)):
        audio, rate = soundfile.read(io.BytesIO(members[2 * number][1]))
        about = json.loads(members[2 * number + 1][1])
        np.testing.assert_allclose(audio, voice().play([seed], DRUM)[0].numpy(), rtol=0, atol=STEP)
        assert (about["seed"], about["nebula"], about["sample_rate_hz"]) == (seed, "drum", rate)
        unit = np.float32([about["unit_parameters"][parameter.path] for parameter in nebula.PARAMETERS])
        np.testing.assert_array_equal(unit, nebula.sample([seed])[0].numpy())


@pytest.mark.parametrize("format_", ["flac", "wav", "tar"])
def test_the_same_call_again_leaves_finished_files_and_mends_the_rest(tmp_path, format_):
    def write(nebula_=DRUM, duration_seconds=0.1):
        export(nebula_, range(6), tmp_path, voice(duration_seconds), format_, shard_sounds=2)

    write()
    before = stamps(tmp_path)
    sounds = sorted(name for name in before if name != "parameters.csv")
    (tmp_path / sounds[0]).write_bytes(b"cut short")
    (tmp_path / sounds[1]).unlink()
    write()
    after = stamps(tmp_path)
    assert set(after) == set(before)
    assert [name for name in sounds if after[name] != before[name]] == sounds[:2]
    # Other sounds under the same names are not the ones asked for.
    write(duration_seconds=0.2)
    longer = stamps(tmp_path)
    assert all(longer[name] != after[name] for name in sounds)
    write(nebula.Nebula(DEFAULT.curves, DEFAULT.symmetric, "drum"), duration_seconds=0.2)
    assert all(stamps(tmp_path)[name] != longer[name] for name in sounds)


@pytest.mark.parametrize("format_", ["flac", "tar"])
def test_a_stop_leaves_only_whole_files_and_the_rest_is_written_later(tmp_path, format_):
    class StopError(Exception):
        pass

    def stop(done, total):
        assert total == 210
        if done >= 100:
            raise StopError

    with pytest.raises(StopError):
        export(DRUM, range(210), tmp_path / "a", voice(), format_, shard_sounds=70, watcher=stop)
    left = stamps(tmp_path / "a")
    assert 0 < len(left) < (210 if format_ == "flac" else 3)
    assert not any(name.startswith(".") for name in left)
    reported = []
    export(DRUM, range(210), tmp_path / "a", voice(), format_, 70, lambda *done: reported.append(done))
    assert reported[-1] == (210, 210)
    export(DRUM, range(210), tmp_path / "b", voice(), format_, shard_sounds=70)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == whole
    assert left.items() <= stamps(tmp_path / "a").items()


def test_memory_does_not_grow_with_the_number_of_sounds(tmp_path):
    process, peaks = psutil.Process(), []

    def note(done, total):
        peaks.append(process.memory_info().rss)

    export(DRUM, range(3000), tmp_path, voice(), "tar", shard_sounds=500, watcher=note)
    # 2,500 more sounds are 8 MB as float32 and 2 MB of parameters.
    assert peaks[-1] - peaks[len(peaks) // 6] < 5e6


@pytest.mark.slow
@pytest.mark.parametrize(("format_", "signal_"), [("flac", signal.SIGKILL), ("tar", signal.SIGINT)])
def test_the_command_goes_on_after_it_was_stopped_or_killed(tmp_path, format_, signal_):
    command = [sys.executable, "-m", "nebula", "render", "--nebula", "drum", "--sample-rate", "8000"]
    command += ["--duration", "0.5", "--count", "1200", "--shard-sounds", "50", "--format", format_, "--out"]
    folder = tmp_path / "a"
    started = subprocess.Popen(
        [*command, folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=hear_interrupts
    )
    while started.poll() is None and sum(name[0] != "." for name in stamps(folder)) < (20 if format_ == "flac" else 1):
        time.sleep(0.01)
    started.send_signal(signal_)
    started.communicate(timeout=60)
    assert started.returncode == (130 if signal_ == signal.SIGINT else -signal.SIGKILL)
    left = {name: stamp for name, stamp in stamps(folder).items() if name[0] != "."}
    if signal_ == signal.SIGINT:
        assert left == stamps(folder)
    subprocess.run([*command, folder], check=True, capture_output=True, timeout=120)
    assert left.items() <= stamps(folder).items()
    export(DRUM, range(1200), tmp_path / "b", voice(0.5), format_, shard_sounds=50)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert len(whole) == (1201 if format_ == "flac" else 24)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "mp3"}, "format: got 'mp3', expected one of flac, wav, tar"),
        ({"shard_sounds": 0}, "shard_sounds: got 0, expected 1 or more"),
        ({"seeds": range(0)}, r"seeds: got range\(0, 0\), expected consecutive integers from 0 to 4294967295"),
        ({"seeds": range(0, 9, 2)}, r"seeds: got range\(0, 9, 2\), expected consecutive integers from 0 to 4294967295"),
        ({"player": nebula.Voice(sample_rate_hz=8000.5)}, "sample_rate_hz: got 8000.5, which no file can state"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(tmp_path, arguments, message):
    given = {"nebula": DRUM, "seeds": range(2), "folder": tmp_path / "x", "player": voice(), **arguments}
    with pytest.raises(ArgumentError, match=f"^{message}$"):
        export(**given)
    assert not (tmp_path / "x").exists()
