"""Transfer specs: what is accepted, what is refused and in which words."""

import pytest

from nebula.errors import SpecError
from nebula.evaluation.transfer import TransferSpec

SMALLEST = {
    "version": 1,
    "name": "small",
    "recordings": {"a": "x", "b": "y"},
    "training": {"one": {"a": "drum", "b": "default"}},
}


def test_the_smallest_spec_has_the_stated_defaults():
    spec = TransferSpec.parse(SMALLEST)
    assert (spec.distance, spec.largest, spec.repeats, spec.hold_out, spec.seed) == ("log-mel", 8192, 5, "corpus", 0)
    assert spec.models == ("linear", "neighbours", "perceptron")
    assert spec.classes == ("a", "b")
    assert TransferSpec.parse(spec.model_dump(mode="json")) == spec


def test_shipped_specs_load():
    assert "kind" in TransferSpec.shipped()
    for name in TransferSpec.shipped():
        assert TransferSpec.load(name).name == name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recordings": {"a": "x"}}, "recordings: got {'a': 'x'}, dictionary should have at least 2 items after"),
        ({"training": {"one": {"a": "drum"}}}, "training.one: got a, expected a, b"),
        (
            {"training": {"recordings": {"a": "drum", "b": "default"}}},
            "training: got 'recordings', which is what the recordings themselves are called",
        ),
        ({"models": ["forest"]}, "models.0: got 'forest', input should be 'linear', 'neighbours' or 'perceptron'"),
        ({"repeats": 1}, "repeats: got 1, input should be greater than or equal to 2"),
        ({"colour": 1}, "colour: unknown key"),
    ],
)
def test_what_is_wrong_is_named(changes, message):
    with pytest.raises(SpecError) as caught:
        TransferSpec.parse({**SMALLEST, **changes}, "odd.toml")
    assert str(caught.value).startswith(f"spec 'odd.toml': {message}")


def test_a_spec_that_is_not_there_is_named():
    with pytest.raises(SpecError, match=r"^spec 'snare': no such file, and not one of those shipped \(kind"):
        TransferSpec.load("snare")
