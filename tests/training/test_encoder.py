"""Encoders that learn from pairs: the recipe's numbers, its losses in closed form, and runs that are stopped."""

import json
import math

import pytest
import torch
from safetensors.torch import load_file

from nebula import distances
from nebula.errors import SpecError, TrainingError
from nebula.training import EncoderSpec, losses, train_encoder

SMALL = EncoderSpec(
    version=1, name="small", width=2, epochs=2, epoch_pairs=20, batch_pairs=9, duration_seconds=0.25, augmented=True
)


class InterruptionError(Exception):
    pass


def test_losses_have_their_closed_forms():
    ring = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], dtype=torch.float64)
    # A quarter turn is a squared distance of 2, a half turn of 4: of six pairs four and two.
    expected = math.log((4 * math.exp(-4) + 2 * math.exp(-8)) / 6)
    assert float(losses.uniformity(ring)) == pytest.approx(expected)
    assert float(losses.uniformity(ring[[0, 2]])) == pytest.approx(-8)
    assert float(losses.uniformity(ring[[0, 0, 0]])) == pytest.approx(0)
    assert float(losses.alignment(ring, ring)) == 0
    assert float(losses.alignment(ring, -ring)) == pytest.approx(4)
    assert float(losses.alignment(ring, ring[[1, 2, 3, 0]])) == pytest.approx(2)


def test_the_papers_spec_has_its_numbers():
    paper = EncoderSpec.load("paper-doppelgangers")
    assert paper == EncoderSpec(version=1, name="paper-doppelgangers")
    assert (paper.validation_pairs, paper.epoch_steps, paper.rate(0)) == (10_000, 58, pytest.approx(0.72))
    # 77.5, 85 and 92.5 % of 200 epochs.
    for epoch, tenths in ((154, 0), (155, 1), (169, 1), (170, 2), (184, 2), (185, 3), (199, 3)):
        assert paper.rate(epoch * 58) == pytest.approx(0.72 * 0.1**tenths), epoch
    assert {"doppelgangers", "paper-doppelgangers"} <= set(EncoderSpec.shipped())
    assert EncoderSpec.load("doppelgangers").steps == 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_pairs": 19}, "batch_pairs: got 19, expected 18 or fewer, nine tenths of an epoch"),
        ({"delta": -0.1}, "delta: got -0.1, input should be greater than or equal to 0"),
        ({"momentum": 0.9}, "momentum: unknown key"),
    ],
)
def test_what_a_spec_cannot_be_is_named(changes, message):
    with pytest.raises(SpecError) as error:
        SMALL.with_changes(changes)
    assert str(error.value) == f"spec 'small': {message}"


def test_a_stopped_run_ends_with_the_weights_of_a_whole_one_and_they_are_a_distance(tmp_path):
    def stop(name, done, total):
        if name == "training" and done == 3:
            raise InterruptionError

    whole = train_encoder(SMALL, tmp_path / "whole")
    with pytest.raises(InterruptionError):
        train_encoder(SMALL, tmp_path / "stopped", checkpoint_steps=2, watcher=stop)
    seen = []
    again = train_encoder(
        SMALL, tmp_path / "stopped", checkpoint_steps=2, watcher=lambda name, done, total: seen.append((name, done))
    )
    assert [done for name, done in seen if name == "training"] == [3, 4]
    first, second = load_file(whole.weights), load_file(again.weights)
    assert first.keys() == second.keys()
    for name in first:
        assert torch.equal(first[name], second[name]), name
    assert not torch.equal(first["entry.weight"], torch.zeros_like(first["entry.weight"]))
    vectors = distances.get(f"resnet:{whole.weights}").embed(torch.randn(1, 4000), 8000)
    assert vectors.shape == (1, 16)
    made = json.loads((tmp_path / "whole" / "weights.json").read_text())
    assert (EncoderSpec.parse(made["spec"]), made["sha256"]) == (SMALL, whole.sha256)
    with pytest.raises(TrainingError, match=r"delta is 0.25 there and 0.5 here; choose another folder"):
        train_encoder(SMALL.with_changes({"delta": 0.5}), tmp_path / "whole")


def test_training_brings_pairs_together_and_sounds_apart(tmp_path):
    # Without a delta or an effect both of a pair are one sound: what is left to learn is to tell sounds apart.
    spec = SMALL.with_changes(
        {
            "width": 8,
            "delta": 0.0,
            "augmented": False,
            "epochs": 1,
            "epoch_pairs": 640,
            "batch_pairs": 24,
            "base_rate": 2.0,
        }
    )
    report = train_encoder(spec, tmp_path)
    assert report.validation["alignment"] == 0
    assert report.validation["found"] == 1
    hardly = train_encoder(spec.with_changes({"base_rate": 1e-9, "batch_pairs": 576}), tmp_path / "hardly")
    assert report.validation["uniformity"] < 1.5 * hardly.validation["uniformity"]
