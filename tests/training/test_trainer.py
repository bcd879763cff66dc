import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file

from nebula.errors import ArgumentError, TrainingError
from nebula.training import TrainingSettings, train
from nebula.training.blocks import CHAIN_STEP, render_block
from nebula.training.families import FAMILIES

SMALL = TrainingSettings(steps=4, block_chains=CHAIN_STEP, block_steps=3, step_chains=4, validation_chains=CHAIN_STEP)


class InterruptionError(Exception):
    pass


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return train(SMALL, folder, checkpoint_steps=2)


def test_a_block_holds_as_many_chains_of_each_family_and_follows_from_its_seed():
    first, again = (render_block(7, CHAIN_STEP) for _ in range(2))
    assert first.family.bincount().tolist() == [CHAIN_STEP // len(FAMILIES)] * len(FAMILIES)
    for name in ("fine", "coarse", "share", "energy", "transposed"):
        assert torch.equal(getattr(first, name), getattr(again, name)), name
        assert getattr(first, name).isfinite().all(), name
    assert not torch.equal(first.fine[:8], first.fine[8:16])
    assert torch.equal(first.take(torch.tensor([3, 1])).fine, first.fine[[3, 1]])


@pytest.mark.slow
def test_an_interrupted_run_ends_with_the_weights_of_an_uninterrupted_one(trained, tmp_path):
    def stop(label, done, total):
        if label == "training" and done == 3:
            raise InterruptionError

    with pytest.raises(InterruptionError):
        train(SMALL, tmp_path, checkpoint_steps=2, watcher=stop)
    seen = []
    again = train(SMALL, tmp_path, checkpoint_steps=2, watcher=lambda *step: seen.append(step))
    # The third step comes after the last checkpoint and is done again; the first two are not.
    assert [done for label, done, _ in seen if label == "training"] == [3, 4]
    first, second = load_file(trained.weights), load_file(again.weights)
    assert first.keys() == second.keys()
    for name in first:
        assert torch.equal(first[name], second[name]), name
    assert again.sha256 == trained.sha256


def test_the_weights_are_described(trained):
    made = json.loads(trained.weights.with_name("weights.json").read_text())
    assert made["sha256"] == trained.sha256 == hashlib.sha256(trained.weights.read_bytes()).hexdigest()
    assert made["command"] == (
        "nebula train-embedding --seed 0 --steps 4 --block-chains 64 --block-steps 3 --step-chains 4 "
        "--learning-rate 0.003 --validation-chains 64 --device cpu"
    )
    assert set(made["validation"]) == set(trained.validation)
    assert 0 <= trained.validation["pitch_correct"] <= 1


def test_a_checkpoint_of_other_settings_or_a_damaged_one_is_refused(trained):
    folder = trained.weights.parent
    with pytest.raises(TrainingError) as error:
        train(TrainingSettings(seed=1), folder)
    checkpoint = folder / "checkpoint.pt"
    assert str(error.value) == (f"checkpoint '{checkpoint}': seed is 0 there and 1 here; choose another folder")
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[:1000])
    with pytest.raises(TrainingError, match="cannot be read; delete it to begin anew"):
        train(SMALL, folder)
    checkpoint.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("seed", -1, "an integer from 0 to 1048575"),
        ("steps", 0, "1 or more"),
        ("block_chains", 100, "a multiple of 64"),
        ("block_chains", 0, "a multiple of 64"),
        ("block_steps", 0, "1 or more"),
        ("step_chains", 1, "from 2 to 2048"),
        ("learning_rate", float("nan"), "a positive number"),
        ("validation_chains", 63, "a multiple of 64"),
    ],
)
def test_settings_outside_their_range_are_refused(name, value, allowed):
    with pytest.raises(ArgumentError) as error:
        TrainingSettings(**{name: value})
    assert str(error.value) == f"{name}: got {value!r}, expected {allowed}"
