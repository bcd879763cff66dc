"""Sounds on disk: what is written, what is left alone, what a stop leaves."""

import contextlib
import csv
import io
import json
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

import numpy as np
import psutil
import pytest
import soundfile
from interrupts import hear_interrupts

import nebula
from nebula.data import estimate, export
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


#: Each format with what its samples can be: how they are read back, and the most they are off.
SAMPLES = [
    ("tar", "pcm24", 2.0**-24),
    ("tar", "pcm16", 2.0**-16),
    ("tar-wav", "pcm24", 2.0**-24),
    ("tar-wav", "pcm16", 2.0**-16),
    ("tar-wav", "float32", 0.0),
    # Half a step of 11 bits of the largest.
    ("tar-npy", "float16", 2.0**-12),
    ("tar-npy", "float32", 0.0),
]


@pytest.mark.parametrize(("format_", "samples", "error"), SAMPLES)
def test_samples_are_as_exact_as_they_are_wide(tmp_path, format_, samples, error):
    export(DRUM, range(3), tmp_path, voice(), format_, samples=samples)
    suffix = {"tar": "flac", "tar-wav": "wav", "tar-npy": "npy"}[format_]
    members = read_shard(tmp_path / "drum-000000.tar")
    assert [name for name, _ in members] == [f"{seed}.{kind}" for seed in range(3) for kind in (suffix, "json")]
    # A full scale of 1 is one step too large for an integer.
    expected = voice().play(range(3), DRUM).numpy().clip(-1, 1 if error in (0, 2.0**-12) else 1 - 2 * error)
    for sound, (_, content) in zip(expected, members[::2], strict=True):
        if suffix == "npy":
            audio = np.load(io.BytesIO(content))
            assert str(audio.dtype) == samples
        else:
            audio, _ = soundfile.read(io.BytesIO(content))
        np.testing.assert_allclose(audio.astype(np.float64), sound, rtol=0, atol=error)


def test_a_level_changes_the_size_and_no_sample_and_what_is_usual_need_not_be_named(tmp_path):
    sizes = {}
    for level in (None, 0, 5, 8):
        export(DEFAULT, range(4), tmp_path / str(level), voice(1.0), level=level)
        files = sorted((tmp_path / str(level)).glob("*.flac"))
        sizes[level] = sum(path.stat().st_size for path in files)
        for path, same in zip(files, sorted((tmp_path / "None").glob("*.flac")), strict=True):
            np.testing.assert_array_equal(soundfile.read(path)[0], soundfile.read(same)[0])
            assert (path.read_bytes() == same.read_bytes()) == (level in (None, 5))
    assert sizes[0] > sizes[None] == sizes[5] > sizes[8]
    before = stamps(tmp_path / "None")
    export(DEFAULT, range(4), tmp_path / "None", voice(1.0), samples="pcm24", level=5)
    assert {name for name, stamp in stamps(tmp_path / "None").items() if stamp == before[name]} == {
        name for name in before if name != "parameters.csv"
    }
    # Whoever asks for another level or other samples does not want what is there.
    for others in ({"level": 0}, {"samples": "pcm16"}):
        export(DEFAULT, range(4), tmp_path / "None", voice(1.0), **others)
        after = stamps(tmp_path / "None")
        assert all(after[name] != before[name] for name in before)
        before = after


def test_an_estimate_is_near_what_an_export_leaves_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "aside"))
    (tmp_path / "aside").mkdir()
    for options in ({"format": "tar-npy"}, {"format": "tar", "samples": "pcm16"}, {"format": "flac", "delta": 0.1}):
        folder = tmp_path / options["format"]
        export(DRUM, range(400), folder, voice(0.2), **options)
        found = estimate(DRUM, range(400), voice(0.2), **options)
        # By its first 128 seeds; shards round up to 10,240 bytes.
        assert found.size_bytes == pytest.approx(sum(path.stat().st_size for path in folder.iterdir()), rel=0.05)
        assert found.seconds > 0
        assert found.sounds_per_second * found.seconds == pytest.approx(800 if "delta" in options else 400)
    assert list((tmp_path / "aside").iterdir()) == []


@pytest.mark.parametrize("format_", ["flac", "wav", "tar", "tar-wav", "tar-npy"])
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


@pytest.mark.parametrize("format_", ["flac", "wav", "tar", "tar-wav", "tar-npy"])
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
    assert 0 < len(left) < (3 if format_.startswith("tar") else 210)
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
        ({"format": "mp3"}, "format: got 'mp3', expected one of flac, wav, tar, tar-wav, tar-npy"),
        ({"samples": "float32"}, "samples: got 'float32', expected one of pcm24, pcm16 in format flac"),
        (
            {"format": "tar-npy", "samples": "pcm16"},
            "samples: got 'pcm16', expected one of float16, float32 in format tar-npy",
        ),
        ({"level": 9}, "level: got 9, expected 0 to 8"),
        ({"format": "wav", "level": 5}, "level: got 5 beside format wav, which has no levels"),
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
