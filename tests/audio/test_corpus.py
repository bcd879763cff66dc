import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nebula
from nebula.audio import Corpus, Skipped, Sound, integrated_loudness_lufs, rms_db
from nebula.errors import ArgumentError, CorpusError


@pytest.mark.parametrize("rate_hz", [16000, 44100, 48000])
@pytest.mark.parametrize("duration_seconds", [0.1, 0.3337, 1.0])
def test_clips_are_exactly_as_long_as_asked_for(tmp_path, write, rate_hz, duration_seconds):
    for name, seconds, source_hz in (("a.wav", 0.01, 8000), ("b.wav", 0.3337, 44100), ("c.wav", 2.5, 96000)):
        write(name, np.full(round(seconds * source_hz), 0.5), source_hz)
    (clips,) = Corpus.open(tmp_path).audio(duration_seconds, rate_hz, loudness_lufs=None)
    samples = round(duration_seconds * rate_hz)
    assert clips.audio.shape == (3, samples)
    assert clips.audio.dtype == torch.float32
    # The short one ends after 10 ms, and zeros follow; the long one goes on to the end.
    assert clips.audio[0, round(0.0101 * rate_hz) :].abs().max() == 0
    assert float(clips.audio[0, : round(0.009 * rate_hz)].mean()) == pytest.approx(0.5, abs=0.02)
    assert float(clips.audio[2, samples // 2 :].mean()) == pytest.approx(0.5, abs=1e-3)


def test_a_batch_names_its_sounds_and_what_their_files_hold(tmp_path, write):
    paths = [write(f"{i}.wav", np.full(100, i / 10)) for i in range(1, 8)]
    batches = list(Corpus.open(tmp_path).audio(1.0, loudness_lufs=None, batch_size=3))
    assert [len(clips.sounds) for clips in batches] == [3, 3, 1]
    assert [sound.name for clips in batches for sound in clips.sounds] == [path.name for path in paths]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert [content for clips in batches for content in clips.content] == contents
    firsts = torch.cat([clips.audio for clips in batches])[:, 0]  # batches that were kept are not written over
    torch.testing.assert_close(firsts, torch.arange(1, 8) / 10, atol=2**-15, rtol=0)


def test_loudness_is_aligned_before_zeros_are_added(tmp_path, write, tone):
    write("a.wav", tone(seconds=1.0, amplitude=0.01), subtype="FLOAT")
    write("b.wav", tone(seconds=3.0, amplitude=0.9), subtype="FLOAT")
    write("short.wav", tone(seconds=0.1, amplitude=0.9), subtype="FLOAT")
    (clips,) = Corpus.open(tmp_path).audio(4.0, loudness_lufs=-30.0)
    loudness = [float(integrated_loudness_lufs(row[:44100], 44100)) for row in clips.audio[:2]]
    # b was measured over its 3 s: its first second starts the filters anew, which costs hundredths of a unit.
    assert loudness == pytest.approx([-30.0, -30.0], abs=0.02)
    assert float(rms_db(clips.audio[2, :4410])) == pytest.approx(-30.0, abs=1e-4)


def test_levels_can_be_left_as_they_are(tmp_path, write, tone):
    write("a.wav", tone(), subtype="FLOAT")
    (clips,) = Corpus.open(tmp_path).audio(1.0, loudness_lufs=None)
    np.testing.assert_allclose(clips.audio[0].numpy(), tone(), atol=1e-7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size: got 0, expected 1 or more"),
        ({"duration_seconds": 0.0}, "duration_seconds: 0.0 is not a positive, finite number of seconds"),
        ({"sample_rate_hz": 10}, "sample_rate_hz: 10 is outside 1000 to 1536000"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_read(write, arguments, message):
    corpus = Corpus.open(write("a.wav"))
    with pytest.raises(ArgumentError) as caught:
        corpus.audio(**arguments)
    assert str(caught.value) == message


def test_a_single_sound_can_be_had_at_its_own_length_and_level(tmp_path, write, tone):
    write("a.wav", tone(seconds=0.3), subtype="FLOAT")
    write("b.wav", np.array([np.nan]), subtype="FLOAT")
    corpus = Corpus.open(tmp_path)
    with corpus.reading() as reading:
        whole, start = reading.samples(corpus.sounds[0], 44100), reading.samples(corpus.sounds[0], 44100, 0.1)
        assert reading.samples(corpus.sounds[1], 44100) is None
    np.testing.assert_allclose(whole.numpy(), tone(seconds=0.3), atol=1e-7)
    assert (start == whole[:4410]).all()
    assert corpus.skipped == (Skipped("b.wav", "holds samples that are not finite numbers (NaN or infinity)"),)


@pytest.fixture
def mixed(tmp_path, write):
    """A folder with one good sound and every bad one."""
    write("good.wav")
    write("nan.wav", np.array([0.0, np.nan]), subtype="FLOAT")
    write("none.wav", np.zeros(0))
    flac = write("cut.flac", np.random.default_rng(0).uniform(-1, 1, 44100))
    flac.write_bytes(flac.read_bytes()[:5000])  # within its first frame
    write("silent.wav", np.zeros((44100, 2)))
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is text, not sound")
    return tmp_path


BAD = (
    Skipped("cut.flac", "is damaged or breaks off before its first sample (flac decoder lost sync)"),
    Skipped("empty.wav", "is empty (0 bytes)"),
    Skipped("nan.wav", "holds samples that are not finite numbers (NaN or infinity)"),
    Skipped("none.wav", "holds no samples"),
    Skipped("silent.wav", "is silent throughout"),
    Skipped("text.wav", "is not sound in a format that can be read (Format not recognised)"),
)


def test_bad_sounds_are_skipped_once_with_their_reason(mixed, capfd):
    corpus = Corpus.open(mixed)
    assert corpus.skipped == ()
    for _ in range(2):
        (clips,) = corpus.audio(1.0)
        assert [sound.name for sound in clips.sounds] == ["good.wav"]
        assert corpus.skipped == BAD
    assert capfd.readouterr() == ("", "")


def test_a_corpus_without_one_good_sound_says_why(mixed):
    (mixed / "good.wav").unlink()
    with pytest.raises(CorpusError) as caught:
        list(Corpus.open(mixed).audio())
    assert str(caught.value) == (
        f"{mixed}: none of its 6 sounds can be used: cut.flac is damaged or breaks off before its "
        "first sample (flac decoder lost sync); empty.wav is empty (0 bytes); nan.wav holds samples that are not "
        "finite numbers (NaN or infinity); and 3 more"
    )


def test_an_hour_plays_its_first_seconds(tmp_path, tone):
    path = tmp_path / "hour.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="PCM_U8") as file:
        file.write(tone(440, 8000, seconds=4.0))
        for _ in range(3596):
            file.write(np.full(8000, 0.9))
    (clips,) = Corpus.open(path).audio(4.0, 8000, loudness_lufs=None)
    np.testing.assert_allclose(clips.audio[0].numpy(), tone(440, 8000, seconds=4.0), atol=2**-7)


def test_the_fingerprint_is_of_contents_not_of_names(tmp_path, write):
    write("c/a.wav", [0.1])
    write("c/b.wav", [0.2])
    contents = sorted(hashlib.sha256(path.read_bytes()).digest() for path in (tmp_path / "c").iterdir())
    before = Corpus.open(tmp_path / "c").fingerprint()
    assert before == hashlib.sha256(b"".join(contents)).hexdigest()
    (tmp_path / "c/a.wav").rename(tmp_path / "c/z.wav")
    assert Corpus.open(tmp_path / "c").fingerprint() == before
    write("c/z.wav", [0.3])
    assert Corpus.open(tmp_path / "c").fingerprint() != before


class NamesOnly:
    """A source of names without files."""

    def __init__(self, names):
        self.path = Path("nowhere")
        self.name = "made up"
        self.names = tuple(sorted(names))
        self.unreadable = ()

    def texts(self, relative):
        return iter(())

    def reader(self):
        raise NotImplementedError


def made_up(sizes):
    names = [f"{folder}/{'x/' * (i % 2)}{i}.wav" for folder, size in sizes.items() for i in range(size)]
    source = NamesOnly(names)
    return Corpus(source, (Sound(name) for name in source.names), source.name)


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.dictionaries(st.sampled_from("abcd"), st.integers(1, 30), min_size=1),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32),
)
def test_a_split_is_a_partition_in_proportion(sizes, fraction, seed):
    corpus = made_up(sizes)
    assume(len(corpus) > 1)
    first, second = corpus.split(fraction, seed)
    names = [{sound.name for sound in part.sounds} for part in (first, second)]
    assert names[0].isdisjoint(names[1])
    assert names[0] | names[1] == {sound.name for sound in corpus.sounds}
    assert [s.name for s in first.sounds] == sorted(names[0])
    wanted = min(max(round(len(corpus) * fraction), 1), len(corpus) - 1)
    assert len(first) == wanted
    for folder, size in sizes.items():
        inside = sum(name.startswith(f"{folder}/") for name in names[0])
        # Largest remainders: never off by a whole sound, except where a side would have been left empty.
        assert abs(inside - size * fraction) < 1 or wanted != round(len(corpus) * fraction)
    assert corpus.split(fraction, seed)[0].sounds == first.sounds


def test_a_split_depends_on_the_seed_and_on_nothing_else():
    corpus = made_up({"a": 20, "b": 20})
    first, second = corpus.split(seed=1)
    assert (first.name, second.name) == ("made up (first part)", "made up (second part)")
    assert first.sounds != corpus.split(seed=2)[0].sounds
    # Stored value, made by this code: a change here would reshuffle everybody's held-out halves.
    assert [sound.name for sound in made_up({"a": 6}).split(seed=0)[0].sounds] == ["a/0.wav", "a/4.wav", "a/x/3.wav"]


@settings(deadline=None, max_examples=60)
@given(groups=st.lists(st.integers(1, 12), min_size=2, max_size=20), fraction=st.floats(0.01, 0.99))
def test_takes_of_one_hit_stay_on_one_side(groups, fraction):
    sounds = [
        Sound(f"{hit % 3}/{hit}-{take}.wav", {"ordering_group": f"hit {hit}"} if size > 1 else {})
        for hit, size in enumerate(groups)
        for take in range(size)
    ]
    corpus = Corpus(NamesOnly([sound.name for sound in sounds]), sorted(sounds, key=lambda sound: sound.name), "hits")
    first, second = corpus.split(fraction)
    assert {sound.group for sound in first.sounds}.isdisjoint({sound.group for sound in second.sounds})
    assert {*first.sounds} | {*second.sounds} == {*corpus.sounds}
    assert len(first) > 0
    assert len(second) > 0
    # What does not fit a folder's share is left to the second part, at most one group short in each of three folders.
    wanted = min(max(round(len(corpus) * fraction), 1), len(corpus) - 1)
    assert wanted - 3 * max(groups) < len(first) <= max(wanted, min(groups))


def test_a_group_stays_on_one_side_whatever_its_ordering_groups():
    sounds = [
        Sound(f"{number}.wav", {"group": f"drum {number // 5}", "ordering_group": str(number)} if number < 50 else {})
        for number in range(60)
    ]
    corpus = Corpus(NamesOnly([sound.name for sound in sounds]), sounds, "drums")
    for seed in range(5):
        first, second = corpus.split(seed=seed)
        sides = [{sound.labels.get("group") for sound in part.sounds} - {None} for part in (first, second)]
        assert sides[0].isdisjoint(sides[1])
        assert len(first) == len(second) == 30


def test_a_split_by_library_has_none_on_both_sides():
    sizes = {"a": 8, "b": 5, "c": 3, "d": 4}
    sounds = [Sound(f"{name}/{number}.wav", {"corpus": name}) for name in sizes for number in range(sizes[name])]
    corpus = Corpus(NamesOnly([sound.name for sound in sounds]), sounds, "libraries")
    for seed in range(5):
        first, second = corpus.split(0.5, seed, by="corpus")
        libraries = [{sound.labels["corpus"] for sound in part.sounds} for part in (first, second)]
        assert libraries[0].isdisjoint(libraries[1])
        assert libraries[0] | libraries[1] == set(sizes)
        # Whole libraries that fit a half of 20, in some order: at worst the 8 and nothing else, or 4 + 3.
        assert 5 <= len(first) <= 10
    with pytest.raises(ArgumentError, match=r"^by: got 'corpus', expected a label that every sound has; x has none$"):
        Corpus(NamesOnly([]), [*sounds, Sound("x")], "x").split(by="corpus")
    with pytest.raises(ArgumentError, match=r"^corpus one: has a single corpus of 8 sounds, which cannot be split$"):
        Corpus(NamesOnly([]), sounds[:8], "one").split(by="corpus")


def test_a_corpus_says_what_it_guessed_and_how_many_sounds_it_changed(tmp_path, write, tone):
    late = np.concatenate([np.zeros(44100 * 3), tone(seconds=0.2)])
    for name in ("kick_rr1.wav", "kick_rr2.wav"):
        write(name, late)
    write("hat.wav", np.stack([tone(), -tone()], axis=1))
    corpus = Corpus.open(tmp_path)
    guess = (
        "groups were guessed from names: 2 sounds are takes of 1, such as kick_rr1.wav and kick_rr2.wav; a manifest's "
        "column group tells them for certain"
    )
    assert corpus.remarks == (guess,)
    (clips,) = corpus.audio(1.0)
    assert bool((clips.audio.abs().amax(dim=1) > 0.01).all())
    assert corpus.remarks == (
        guess,
        "hat.wav is heard in channel 1 alone: the mean of all is next to silence",
        "2 sounds are trimmed to their onset, being silent before, the first: kick_rr1.wav begins at its onset, 3.00 "
        "s in: all before is silent",
    )
    first, _ = corpus.split()
    assert {sound.name for sound in first.sounds} in ({"hat.wav"}, {"kick_rr1.wav", "kick_rr2.wav"})


def test_two_libraries_may_use_one_group_name():
    one, other = (Sound(f"{name}.wav", {"corpus": name, "ordering_group": "snare"}) for name in "ab")
    assert one.group != other.group
    assert Sound("c.wav").group == ("c.wav",)
    # A manifest that puts sounds of two libraries into one group means it.
    one, other = (Sound(f"{name}.wav", {"corpus": name, "group": "one recording"}) for name in "ab")
    assert one.group == other.group


def test_what_cannot_be_split_is_named():
    twins = [Sound(f"{take}.wav", {"ordering_group": "snare"}) for take in range(2)]
    with pytest.raises(ArgumentError, match=r"^corpus twins: has a single group of 2 sounds, which cannot be split$"):
        Corpus(NamesOnly(["0.wav", "1.wav"]), twins, "twins").split()
    corpus = made_up({"a": 1})
    with pytest.raises(ArgumentError, match=r"^corpus made up: has a single sound, which cannot be split$"):
        corpus.split()
    with pytest.raises(ArgumentError, match=r"^fraction: got 1\.0, expected a number above 0 and below 1$"):
        made_up({"a": 3}).split(1.0)


def test_a_subset_keeps_labels_and_order():
    corpus = made_up({"a": 5})
    names = [sound.name for sound in corpus.sounds]
    subset = corpus.subset([names[3], names[1], names[3]])
    assert subset.sounds == (corpus.sounds[1], corpus.sounds[3])
    assert subset.name == "made up (2 of 5)"
    with pytest.raises(ArgumentError, match=r"^names: 'b\.wav' is not a sound of corpus made up$"):
        corpus.subset(["b.wav", names[0]])
    with pytest.raises(ArgumentError, match=r"^names: is empty; a corpus has at least one sound$"):
        corpus.subset([])


def test_a_corpus_can_be_sent_to_another_process(tmp_path, write):
    write("a.wav")
    (tmp_path / "manifest.csv").write_text("path,kind\na.wav,tone\n")
    corpus = pickle.loads(pickle.dumps(Corpus.open(tmp_path)))
    (clips,) = corpus.audio(1.0)
    assert clips.sounds == (Sound("a.wav", {"kind": "tone"}),)
    assert hash(clips.sounds[0]) == hash(corpus.sounds[0])


def test_labels_are_read_only():
    given_labels = {"kind": "tone"}
    sound = Sound("a.wav", given_labels)
    given_labels["kind"] = "noise"
    assert sound.labels == {"kind": "tone"}
    with pytest.raises(TypeError):
        sound.labels["kind"] = "noise"


MEASURE = """
import resource, sys
from nebula.audio import Corpus

def peak_bytes(folder):
    for clips in Corpus.open(folder).audio(10.0, 44100, loudness_lufs=None, batch_size=8):
        assert clips.audio.shape[1] == 441000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

print(peak_bytes(sys.argv[1]), peak_bytes(sys.argv[2]))
"""


def test_ten_times_the_sounds_need_no_more_memory(tmp_path, write):
    sound = write("sound.wav")
    for folder, count in (("few", 40), ("many", 400)):
        (tmp_path / folder).mkdir()
        for number in range(count):
            os.link(sound, tmp_path / folder / f"{number}.wav")
    environment = {**os.environ, "PYTHONPATH": str(Path(nebula.__file__).parents[1])}
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "few"), str(tmp_path / "many")]
    few, many = map(int, subprocess.check_output(command, env=environment, text=True).split())
    # The audio of the 400 is 706 MB, that of one batch 14 MB: three of those are allowed for.
    assert many - few < 42e6
