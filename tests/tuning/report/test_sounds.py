from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from report_page import Page
from small_study import NEUTRAL, RATE, make_outcome

from nebula import Voice, distances
from nebula.audio import Corpus, align_loudness, integrated_loudness_lufs
from nebula.nebulae import Nebula
from nebula.tuning.outcome import Outcome
from nebula.tuning.report import report
from nebula.tuning.report.sounds import COUNT
from nebula.tuning.seeds import Purpose, draw_seeds
from nebula.tuning.target import Target


def test_sounds_are_the_renderings_at_one_loudness(matched: tuple[Outcome, str, Page]) -> None:
    outcome, _, page = matched
    assert outcome.target is not None
    assert isinstance(outcome.target.source, Nebula)
    seeds = draw_seeds(5, Purpose.LISTENING, 0, COUNT)
    played = {
        "target": (outcome.target.source, draw_seeds(5, Purpose.TARGET, 0, COUNT)),
        "start": (NEUTRAL, seeds),
        "tuned": (outcome.winner.nebula, seeds),
    }
    sounds = page.sounds
    assert [role for role, _ in sounds] == [role for role in played for _ in range(COUNT)]
    position = 0
    for nebula, drawn in played.values():
        for seed, rendered in zip(drawn, Voice().play(drawn, nebula), strict=True):
            expected = align_loudness(rendered, RATE).double().numpy()
            _, sound = sounds[position]
            position += 1
            fits = min(1.0, (1 - 2**-15) / np.abs(expected).max())
            assert sound.shape == (4 * RATE,)
            # Half a step of 16 bit, and float32's rounding of the gain.
            assert np.abs(sound - fits * expected).max() <= 2**-16 * 1.01
            loudness = integrated_loudness_lufs(torch.from_numpy(sound), RATE).item()
            if fits == 1.0 and np.isfinite(loudness):
                # At -23 LUFS, rounding to 16 bit adds less than a thousandth of the power.
                assert loudness == pytest.approx(-23.0, abs=0.05)
            label = page.with_id(f"{sounds[position - 1][0]}-{(position - 1) % COUNT + 1}").text
            assert label == f"seed {seed}" + (" (quieter)" if fits < 1.0 else "")


def test_recordings_are_played_and_unreadable_ones_passed_over(tmp_path: Path) -> None:
    time = np.arange(RATE) / RATE
    for i in range(9):
        soundfile.write(tmp_path / f"tone {i}.wav", 0.1 * np.sin(2 * np.pi * 200 * (i + 1) * time), RATE)
    corpus = Corpus.open(tmp_path)
    vectors = torch.cat([distances.get("log-mel").embed(clips.audio, RATE) for clips in corpus.audio()])
    (tmp_path / "tone 3.wav").write_text("no sound any more")
    (tmp_path / "tone 4.wav").unlink()
    outcome = make_outcome(target=Target(corpus, vectors, "c0ffee", (("tone 0.wav", "was left out"),)))

    page = Page(report(outcome))
    tones = [sound for role, sound in page.sounds if role == "target"]
    names = [page.with_id(f"target-{i + 1}").text for i in range(COUNT)]
    assert sorted(names) == [f"tone {i}.wav" for i in (1, 2, 5, 6, 7, 8)]
    for name, tone in zip(names, tones, strict=True):
        loudest = np.abs(np.fft.rfft(tone)).argmax() / 4
        assert loudest == pytest.approx(200 * (int(name[5]) + 1), abs=1)

    for file in tmp_path.iterdir():
        file.unlink()
    empty = Page(report(outcome))
    assert [role for role, _ in empty.sounds] == ["start"] * COUNT + ["tuned"] * COUNT
    assert "Its sounds could not be read again when this report was written." in [e.text for e in empty.all("p")]


def test_nothing_is_played_twice(diversified: tuple[Outcome, Page]) -> None:
    outcome, page = diversified
    assert outcome.winner.origin == "start"
    assert [role for role, _ in page.sounds] == ["start"] * COUNT
    assert [trace["name"] for trace in page.figures["map"]["data"]] == ["start"]
