"""A module with the interface of HEAR 2021, as an installed package would bring it."""

import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from nebula import distances
from nebula.distances import Hear
from nebula.errors import ArgumentError, DistanceError

MODULE = """
    from pathlib import Path
    import torch

    class Model(torch.nn.Module):
        sample_rate = 16000
        scene_embedding_size = 4
        timestamp_embedding_size = 4
        def __init__(self, gain):
            super().__init__()
            self.gain = torch.nn.Parameter(torch.tensor(gain), requires_grad=False)

    def load_model(model_file_path=""):
        return Model(float(Path(model_file_path).read_text()) if model_file_path else 1.0)

    def get_timestamp_embeddings(audio, model):
        # Four numbers for each tenth of a second: length in samples, peak, mean square, and mean magnitude.
        frames = audio.unfold(1, 1600, 1600)
        parts = [torch.full_like(frames[..., 0], audio.shape[1]), frames.abs().amax(2), frames.square().mean(2)]
        vectors = torch.stack([*parts, frames.abs().mean(2)], dim=2) * model.gain
        return vectors, torch.arange(vectors.shape[1]).expand(len(audio), -1) * 100.0

    def get_scene_embeddings(audio, model):
        return get_timestamp_embeddings(audio, model)[0].mean(1)
"""
RATE_HZ = 16_000


@pytest.fixture
def install(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def install(name, text=MODULE):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        sys.modules.pop(name, None)
        names.append(name)
        return name

    yield install
    for name in names:
        sys.modules.pop(name, None)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_a_sound_is_one_vector_at_the_models_rate_and_our_level(install):
    distance = distances.get(f"hear:{install('tiny_hear')}")
    assert distance.name == "hear:tiny_hear"
    vectors = distance.embed(noise(3, 4 * RATE_HZ), RATE_HZ)
    assert vectors.shape == (3, 4)
    torch.testing.assert_close(vectors[:, 0], torch.full((3,), 4.0 * RATE_HZ))
    torch.testing.assert_close(vectors[:, 2], torch.full((3,), 0.05**2), rtol=1e-4, atol=0)
    # Brought to the model's rate from any other.
    assert distance.embed(noise(1, 44_100), 44_100)[0, 0] == 4 * RATE_HZ


def test_with_timestamps_a_later_sound_is_another_sound(install):
    name = install("tiny_hear")
    sound = torch.nn.functional.pad(noise(1, 1600), (0, 4 * RATE_HZ - 1600))
    pair = torch.cat([sound, sound.roll(8000, dims=1)])
    scene, timed = (distances.get(f"{kind}:{name}").embed(pair, RATE_HZ) for kind in ("hear", "hear-timestamps"))
    assert timed.shape == (2, 40 * 4)
    torch.testing.assert_close(scene[0], scene[1])
    torch.testing.assert_close(timed[0].view(40, 4)[0], timed[1].view(40, 4)[5])
    assert (timed[0] - timed[1]).abs().sum() > 0.1


def test_samples_stay_within_full_scale(install):
    click = torch.zeros(1, 4 * RATE_HZ)
    click[0, 100] = 1
    vectors = distances.get(f"hear-timestamps:{install('tiny_hear')}").embed(click, RATE_HZ)
    assert vectors[0, 1] == 1


def test_weights_are_given_to_the_module_and_their_content_is_in_the_key(install, tmp_path):
    name = install("tiny_hear")
    loud, copy, quiet = (tmp_path / file for file in ("loud", "copy", "quiet"))
    for file, gain in ((loud, 2), (copy, 2), (quiet, 0.5)):
        file.write_text(str(gain))
    own = distances.get(f"hear:{name}")
    first, second, third = (distances.get(f"hear:{name}:{file}") for file in (loud, copy, quiet))
    sound = noise(1, RATE_HZ)
    torch.testing.assert_close(first.embed(sound, RATE_HZ), 2 * own.embed(sound, RATE_HZ))
    contents = [distance.key.rpartition("content=")[2] for distance in (own, first, second, third)]
    assert contents[1] == contents[2]
    assert len(set(contents)) == 3
    assert len({distance.key for distance in (own, first, third)}) == 3
    loud.write_text("3")
    assert distances.get(f"hear:{name}:{loud}").key != first.key


def test_other_code_has_another_key(install):
    first = distances.get(f"hear:{install('tiny_hear')}").key
    changed = MODULE.replace("abs().mean(2)", "abs().amin(2)")
    assert distances.get(f"hear:{install('tiny_hear', changed)}").key != first


def test_an_empty_batch_and_silence_are_defined(install):
    distance = distances.get(f"hear:{install('tiny_hear')}")
    assert distance.embed(torch.zeros(0, 5), RATE_HZ).shape == (0, 4)
    assert distance.embed(torch.zeros(1, 0), RATE_HZ).isfinite().all()


OPTIONS = """
    def load_model(model_file_path="", **options):
        model = Model(1.0)
        model.options = model_file_path, options
        return model
"""


def test_options_are_given_by_name_as_what_they_read_as(install, tmp_path):
    install("tiny_hear", textwrap.dedent(MODULE) + textwrap.dedent(OPTIONS))
    typed = distances.get("hear:tiny_hear?size=large&layers=3&gain=2.5&fast=true&slow=false&words=a%26b")
    options = {"size": "large", "layers": 3, "gain": 2.5, "fast": True, "slow": False, "words": "a&b"}
    assert typed._model.options == ("", options)
    assert {name: type(value) for name, value in typed._model.options[1].items()} == {
        name: type(value) for name, value in options.items()
    }
    # One name for the same options in any order, which leads to the same distance, and another key without them.
    assert typed.name == "hear:tiny_hear?fast=true&gain=2.5&layers=3&size=large&slow=false&words=a%26b"
    assert distances.get(typed.name).key == typed.key != distances.get("hear:tiny_hear").key
    (tmp_path / "weights").write_text("")
    assert distances.get(f"hear-timestamps:tiny_hear:{tmp_path}/weights?size=8")._model.options == (
        f"{tmp_path}/weights",
        {"size": 8},
    )


@pytest.mark.parametrize("query", ["size", "=3", "2=3", "a=1&", "a.b=1"])
def test_options_that_are_none_are_refused(install, query):
    name = f"hear:{install('tiny_hear')}?{query}"
    with pytest.raises(ArgumentError) as error:
        distances.get(name)
    assert str(error.value) == f"distance: got {name!r}, expected NAME=VALUE, joined by &, behind the question mark"


def test_an_option_twice_and_one_that_the_module_does_not_know_are_refused(install):
    name = install("tiny_hear")
    with pytest.raises(ArgumentError, match="expected each option once"):
        distances.get(f"hear:{name}?a=1&a=2")
    with pytest.raises(DistanceError, match=r"^hear:tiny_hear\?a=1: load_model failed: TypeError: .*argument 'a'"):
        distances.get(f"hear:{name}?a=1")


def test_what_a_module_prints_goes_to_standard_error(install, capsys):
    printing = MODULE.replace("    def load", "    print('a module')\n    def load").replace(
        "frames = ", "print('vectors;', end=''); frames = "
    )
    distance = distances.get(f"hear:{install('tiny_hear', printing)}")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: distance.embed(noise(1, RATE_HZ), RATE_HZ), range(40)))
    print("ours")
    printed = capsys.readouterr()
    assert printed.out == "ours\n"
    assert printed.err == "a module\n" + 40 * "vectors;"


@pytest.mark.parametrize("name", ["hear:", "hear:no module", "hear::weights", "hear:os..path"])
def test_what_is_no_module_name_is_refused(name):
    with pytest.raises(ArgumentError, match="expected the dotted name of an installed module"):
        distances.get(name)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("def get_scene_embeddings", "def other", "the module has no get_scene_embeddings, so it is not a HEAR module"),
        ("import torch\n", "import torch, no_such_module\n", "the module cannot be imported: ModuleNotFoundError"),
        ("    return Model(", "    raise OSError('no\\n weights')\n    (", "load_model failed: OSError: no weights"),
        ("sample_rate = 16000", "sample_rate = None", "got None as the model's sample_rate, expected 8000 to 768000"),
        ("sample_rate = 16000", "sample_rate = 100", "got 100 as the model's sample_rate, expected 8000 to 768000"),
    ],
)
def test_a_module_that_cannot_be_used_is_named_in_one_line(install, old, new, words):
    name = install("tiny_hear", textwrap.dedent(MODULE).replace(old, new))
    with pytest.raises(DistanceError) as error:
        distances.get(f"hear:{name}")
    assert str(error.value).startswith(f"hear:tiny_hear: {words}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("torch.full((len(audio), 4), torch.nan)", "gave numbers that are not finite"),
        ("torch.zeros(7, 4)", r"gave shape \(7, 4\) for 1 sounds"),
        ("torch.zeros(len(audio), 2, 4)", r"gave shape \(1, 2, 4\) for 1 sounds"),
        ("torch.zeros(len(audio), 0)", r"gave shape \(1, 0\) for 1 sounds"),
        ("1 / 0", "get_scene_embeddings failed: ZeroDivisionError: division by zero"),
    ],
)
def test_an_answer_that_is_no_vector_is_refused(install, answer, words):
    changed = MODULE.replace("return get_timestamp_embeddings(audio, model)[0].mean(1)", f"return {answer}")
    distance = Hear(install("tiny_hear", changed))
    with pytest.raises(DistanceError, match=f"^hear:tiny_hear: {words}$"):
        distance.embed(noise(1, 1600), RATE_HZ)


def test_an_uninstalled_module_is_named():
    with pytest.raises(DistanceError, match=r"^hear:not_there: the module cannot be imported: ModuleNotFoundError"):
        distances.get("hear:not_there")
