"""Study specs: what is accepted, what is refused and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nebula import synths
from nebula.errors import SpecError
from nebula.tuning import StudySpec

SMALLEST = """
version = 1
name = "small"
objective = "match"
target = "drum"
[search]
[[search.phases]]
sampler = "random"
trials = 10
"""


def refusal(text):
    with pytest.raises(SpecError) as caught:
        StudySpec.from_toml(text, "odd.toml")
    return str(caught.value)


def test_the_smallest_spec_has_the_stated_defaults():
    spec = StudySpec.from_toml(SMALLEST)
    assert (spec.distance, spec.sounds_per_trial, spec.seed) == ("log-mel", 256, 0)
    assert (spec.search.start, spec.search.tune, spec.search.frozen) == ("default", "curves", ())
    assert (spec.search.curve_range, spec.search.nearness) == ((0.1, 10.0), 0.0)
    assert (spec.finalists.count, spec.finalists.repeats) == (10, 10)


def test_a_study_that_diversifies_has_one_measure():
    diverse = SMALLEST.replace('"match"\ntarget = "drum"', '"diversify"\nmeasure = "gaussian"')
    assert refusal(diverse) == "spec 'odd.toml': measure: got 'gaussian', a study that diversifies has l1 alone"


def test_others_are_paths_and_belong_to_a_target():
    assert StudySpec.from_toml(SMALLEST.replace("[search]", 'others = ["a", "b"]\n[search]')).others == ("a", "b")
    diverse = SMALLEST.replace('"match"\ntarget = "drum"', '"diversify"\nothers = ["a"]')
    assert refusal(diverse) == "spec 'odd.toml': others: a study that diversifies has no target to tell them from"


def test_recordings_are_held_out_of_a_target_by_take_or_library():
    held = SMALLEST.replace("[search]", 'hold_out = "corpus"\n[search]')
    assert StudySpec.from_toml(held).hold_out == "corpus"
    assert StudySpec.from_toml(SMALLEST).hold_out is None
    odd = held.replace('"corpus"', '"half"')
    assert refusal(odd) == "spec 'odd.toml': hold_out: got 'half', input should be 'group' or 'corpus'"
    diverse = held.replace('"match"\ntarget = "drum"', '"diversify"')
    assert refusal(diverse) == "spec 'odd.toml': hold_out: a study that diversifies has no target to hold any of out"


def test_nearness_is_to_a_target_and_for_a_search_that_credits_sounds():
    near = SMALLEST.replace("[search]", "[search]\nnearness = 1")
    assert refusal(near) == "spec 'odd.toml': search.phases: nearness takes sampler 'auto' in every phase"
    credited = near.replace('"random"', '"auto"')
    assert StudySpec.from_toml(credited).search.nearness == 1.0
    diverse = credited.replace('"match"\ntarget = "drum"', '"diversify"')
    assert refusal(diverse) == "spec 'odd.toml': search.nearness: a study that diversifies has no target to be near"
    far = credited.replace("nearness = 1", "nearness = 11")
    assert refusal(far) == "spec 'odd.toml': search.nearness: got 11, input should be less than or equal to 10"


def test_shipped_specs_load_and_the_papers_have_its_numbers():
    assert {"quickstart", "drum", "diversity", "paper-drum", "paper-diversity"} <= set(StudySpec.shipped())
    for name in StudySpec.shipped():
        assert StudySpec.load(name).name == name
    for name, objective in (("paper-drum", "match"), ("paper-diversity", "diversify")):
        paper = StudySpec.load(name)
        assert [(phase.sampler, phase.trials) for phase in paper.search.phases] == [("random", 200), ("cma-es", 800)]
        assert (paper.sounds_per_trial, paper.finalists.count, paper.finalists.repeats) == (256, 25, 30)
        assert (paper.objective, paper.search.frozen, paper.search.curve_range) == (objective, (), (0.1, 10.0))
    assert StudySpec.load("quickstart").target == "drum"


def test_a_spec_survives_the_form_it_is_stored_in():
    for name in StudySpec.shipped():
        spec = StudySpec.load(name)
        assert StudySpec.parse(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "small"', 'nmae = "small"', "spec 'odd.toml': name: missing"),
        ("version = 1", "version = 1\ncolour = 3", "spec 'odd.toml': colour: unknown key"),
        ("[search]", "[search]\nstrat = 'drum'", "spec 'odd.toml': search.strat: unknown key"),
        ("trials = 10", "trials = 10\nx = 1", "spec 'odd.toml': search.phases.0.x: unknown key"),
        ("version = 1", "version = 2", "spec 'odd.toml': version: got 2, input should be 1"),
        (
            "trials = 10",
            'trials = "10"',
            "spec 'odd.toml': search.phases.0.trials: got '10', input should be a valid integer",
        ),
        (
            "trials = 10",
            "trials = 0",
            "spec 'odd.toml': search.phases.0.trials: got 0, input should be greater than or equal to 1",
        ),
        (
            'sampler = "random"',
            'sampler = "luck"',
            "spec 'odd.toml': search.phases.0.sampler: got 'luck', "
            "input should be 'auto', 'random', 'sobol', 'tpe', 'gp' or 'cma-es'",
        ),
        (
            "[search]",
            "[search]\ntune = 'curves+symmetry'\n[[search.phases]]\nsampler = 'auto'\ntrials = 2",
            "spec 'odd.toml': search.phases: sampler 'auto' tunes no symmetry; flags take another, such as 'cma-es'",
        ),
        (
            "[search]",
            "[search]\ncurve_range = [10, 0.1]",
            "spec 'odd.toml': search.curve_range: got [10, 0.1], expected two positive numbers, the smaller one first",
        ),
        (
            "[search]",
            "[search]\nfrozen = ['vco_3.*']",
            "spec 'odd.toml': search.frozen: no parameter matches 'vco_3.*'",
        ),
        (
            "[search]",
            "[search]\nfrozen = ['*']",
            "spec 'odd.toml': search.frozen: every parameter is frozen, nothing is left to tune",
        ),
        ('"match"', '"diversify"', "spec 'odd.toml': target: a study that diversifies has none"),
        (
            "[search]",
            'measure = "l2"\n[search]',
            "spec 'odd.toml': measure: got 'l2', input should be 'l1' or 'gaussian'",
        ),
        (
            "version = 1",
            "seed = -1\nversion = 1",
            "spec 'odd.toml': seed: got -1, input should be greater than or equal to 0",
        ),
        ("version = 1", "version =", "spec 'odd.toml': not TOML (Invalid value (at line 2, column 10))"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    assert refusal(SMALLEST.replace(old, new)) == message


def test_a_study_of_a_synth_begins_at_that_synths_own_nebula():
    named = StudySpec.from_toml(SMALLEST.replace("version = 1", 'version = 1\nsynth = "voice"'))
    assert (named.synth, named.search.start) == ("voice", "default")
    kept = StudySpec.from_toml(SMALLEST.replace("[search]", '[search]\nstart = "voice/uniform"'))
    assert (kept.synth, kept.search.start) == (None, "voice/uniform")
    moved = kept.with_synth("voice")
    assert (moved.synth, moved.search.start) == ("voice", "default")
    assert moved.with_synth("voice") is moved


def test_a_synth_that_is_not_there_is_named():
    text = SMALLEST.replace("version = 1", 'version = 1\nsynth = "flute"')
    assert refusal(text) == f"spec 'odd.toml': synth: got 'flute', expected one of {', '.join(synths.names())}"
    text = text.replace("[search]", '[search]\nstart = "default"')
    assert refusal(text) == f"spec 'odd.toml': synth: got 'flute', expected one of {', '.join(synths.names())}"
    with pytest.raises(SpecError, match=r"^spec 'small': synth: got 'flute', expected one of voice, "):
        StudySpec.from_toml(SMALLEST).with_synth("flute")


def test_a_spec_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(
        SpecError, match=r"^spec 'nowhere.toml': no such file, and not one of those shipped \(diversity, drum,"
    ):
        StudySpec.load("nowhere.toml")
    with pytest.raises(SpecError, match=r"cannot be read \(Is a directory\)$"):
        StudySpec.load(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\x00")
    with pytest.raises(SpecError, match=r"cannot be read \(it is not a text file\)$"):
        StudySpec.load(tmp_path / "binary.toml")


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=5), st.integers(0, 5000))
def test_trials_are_shared_out_in_proportion(phases, extra):
    content = StudySpec.from_toml(SMALLEST).model_dump()
    content["search"]["phases"] = tuple({"sampler": "random", "trials": trials} for trials in phases)
    spec = StudySpec.parse(content)
    wanted = len(phases) + extra
    shares = [phase.trials for phase in spec.with_trials(wanted).search.phases]
    assert sum(shares) == wanted
    assert min(shares) >= 1
    # One is given to each phase beforehand; the rest is within one of exact proportion.
    for share, trials in zip(shares, phases, strict=True):
        assert abs(share - 1 - extra * trials / sum(phases)) < 1


def test_the_papers_proportion_is_kept():
    shares = [phase.trials for phase in StudySpec.load("paper-drum").with_trials(102).search.phases]
    assert shares == [21, 81]
    with pytest.raises(SpecError, match=r"^trials: got 1, expected at least 2, one for each phase of 'paper-drum'$"):
        StudySpec.load("paper-drum").with_trials(1)
