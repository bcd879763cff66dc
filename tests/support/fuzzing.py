"""Odd inputs of every kind that people bring: files as their own writers make them, with a few bytes changed, and JSON
whose form is right and whose values are not.

    nice -n 19 python tests/support/fuzzing.py 10000

prints a row for each kind: how many were tried, how many of them were taken, and the seconds. It ends with the input
that was met with anything but an answer or the kind of error that it is allowed to raise.
"""

import copy
import io
import itertools
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nebula import Corpus, Nebula
from nebula.audio import decode
from nebula.audio.labels import manifest_labels
from nebula.audio.tables import decoded_text
from nebula.errors import CorpusError, NebulaError, SoundError
from nebula.tuning import StudySpec
from service.errors import ServiceError
from service.listening import webmushra
from service.listening.spec import ListeningSpec

Inputs = Callable[[str], st.SearchStrategy[bytes]]

_NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 4000).astype(np.float32)
_FORMATS = ("WAV", "AIFF", "FLAC", "OGG", "MP3", "AU", "CAF", "W64", "RF64")

# Bytes that mean something somewhere: sizes of nothing and of too much, ends of lines and of texts.
_ODD = (b"\0", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\n", b'"', b"\\ud800", b"\\u0000", b"[" * 2000)


def written(format_: str) -> bytes:
    """Returns a sound in a format of libsndfile's."""
    file = io.BytesIO()
    soundfile.write(file, _NOISE, 44100, format=format_)
    return file.getvalue()


def packed() -> bytes:
    """Returns a zip of two sounds and a manifest."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kit/a.wav", written("WAV"))
        archive.writestr("kit/b.flac", written("FLAC"))
        archive.writestr("manifest.csv", "path,group\nkit/a.wav,one\nkit/b.flac,two\n")
    return file.getvalue()


_PAGE = {"type": "mushra", "id": "one", "reference": "r.wav", "stimuli": {"a": "a.wav", "b": "b.wav"}}
_ASKED = {
    "type": "finish",
    "questionnaire": [{"type": "text", "name": "age"}, {"name": "q", "response": [{"label": "x"}]}],
}
_MUSHRA = yaml.safe_dump({"testname": "t", "pages": [[_PAGE, {**_PAGE, "type": "paired_comparison"}], _ASKED]}).encode()

#: What is changed, by kind.
SEEDS: dict[str, tuple[bytes, ...]] = {
    "sound": tuple(map(written, _FORMATS)),
    "zip": (packed(),),
    "manifest": (b"path,group\na.wav,one\n", "filename;kind\r\na.wav;gr\u00f6\u00df\r\n".encode("cp1252")),
    "nebula": tuple(Nebula.load(name).to_json().encode() for name in ("drum", "drum-correlated")),
    "spec": (json.dumps(StudySpec.load("quickstart").model_dump(mode="json")).encode(), b'version = 1\nname = "s"\n'),
    "listening": (ListeningSpec.load("ab-64").model_dump_json().encode(),),
    "webmushra": (_MUSHRA,),
}


#: What is bent, by kind: documents that are taken as they are.
DOCUMENTS: dict[str, tuple[object, ...]] = {
    "nebula": tuple(json.loads(Nebula.load(name).to_json()) for name in ("drum", "drum-correlated", "dx7-default")),
    "spec": tuple(StudySpec.load(name).model_dump(mode="json") for name in ("quickstart", "diversity", "drum-near")),
    "listening": tuple(ListeningSpec.load(name).model_dump(mode="json") for name in ("ab-64", "mushra-24")),
    "webmushra": (yaml.safe_load(_MUSHRA),),
    "answer": (
        {"edit": 1, "finished": False, "choice": "A", "plays": {"A": 1, "B": 2}, "seconds": 3.5, "tags": ["clear"]},
        {"edit": 1, "ratings": {"A": 1.0}},
    ),
}

# Values that JSON can say and few expect.
_HOSTILE: tuple[object, ...] = (
    None, True, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 0.5, -0.0, 5e-324, 1e308, -1e308, float("nan"),
    float("inf"), "", " ", "\0", "\ud800", "\u202e", "x" * 10_001, "../../etc/passwd", "hear:os", "plugin:/bin/sh",
    "<script>alert(1)</script>", "nan", "1e999", [], {}, [[]], [None], {"": 0}, [0] * 1000, {"a": {"b": {"c": []}}},
)  # fmt: skip


_WAYS = ("replace", "replace", "borrow", "step", "leave out", "double", "exchange")


@st.composite
def bent(draw: st.DrawFn, kind: str) -> bytes:
    """Returns a document of a kind with up to three of its values bent.

    They are replaced by what nobody expects, by what stands in their place elsewhere, or by a neighbouring number; left
    out, doubled, or exchanged for one another.
    """
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS[kind])))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(_WAYS)):
            case "replace":
                odd = st.sampled_from(_HOSTILE) | st.integers() | st.floats() | st.text(max_size=20)
                holder[key] = copy.deepcopy(draw(odd))
            case "borrow":
                others = [other[name] for each in DOCUMENTS[kind] for other, name in _places(each) if name == key]
                holder[key] = copy.deepcopy(draw(st.sampled_from(others or _HOSTILE)))
            case "step" if isinstance(holder[key], int | float):
                holder[key] = draw(st.sampled_from((1, 2, -1, 0.5, 10))) * holder[key] + draw(st.integers(-1, 1))
            case "leave out":
                del holder[key]
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case "double":
                holder[f"{key}x"] = copy.deepcopy(holder[key])
            case "exchange":
                other, name = draw(st.sampled_from(places))
                holder[key] = copy.deepcopy(other[name])
    return json.dumps(document).encode()


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Yields every place of a document, as what holds it and its key or index there."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


@st.composite
def changed(draw: st.DrawFn, kind: str) -> bytes:
    """Returns an input of a kind with up to four places replaced, left out or put in, and perhaps cut."""
    content = draw(st.sampled_from(SEEDS[kind]))
    for _ in range(draw(st.integers(0, 4))):
        place = (
            draw(st.integers(0, min(len(content), 400))) if draw(st.booleans()) else draw(st.integers(0, len(content)))
        )
        new = draw(st.sampled_from(_ODD) | st.binary(max_size=8))
        content = content[:place] + new + content[place + draw(st.integers(0, 12)) :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.integers(0, 9)) == 0 else content


def _sound(content: bytes) -> bool:
    try:
        audio = decode(io.BytesIO(content), 44100, 4.0)
    except SoundError:
        return False
    assert 0 < float(audio.abs().max()) < float("inf")
    return True


def _zip(content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sounds.zip")
        path.write_bytes(content)
        try:
            corpus = Corpus.open(path)
            assert all(float(audio.abs().max()) > 0 for clips in corpus.audio(1.0) for audio in clips.audio)
        except CorpusError:
            return False
        finally:
            assert [left.name for left in Path(folder).iterdir()] == ["sounds.zip"]
    return True


def _manifest(content: bytes) -> bool:
    text = decoded_text(content)
    try:
        return text is not None and bool(manifest_labels(text, ["a.wav"]))
    except CorpusError:
        return False


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _nebula(content: bytes) -> bool:
    try:
        nebula = Nebula.from_json(_text(content), "odd")
    except NebulaError:
        return False
    assert Nebula.from_json(nebula.to_json(), "odd") == nebula
    return True


def _spec(content: bytes) -> bool:
    try:
        if content.startswith(b"{"):
            StudySpec.parse(json.loads(content))
        else:
            StudySpec.from_toml(_text(content))
    except (NebulaError, ValueError, RecursionError):
        return False
    return True


def _listening(content: bytes) -> bool:
    try:
        ListeningSpec.model_validate_json(content)
    except ValueError:
        return False
    return True


def _webmushra(content: bytes) -> bool:
    try:
        return bool(webmushra.read(_text(content), "0" * 16))
    except ServiceError:
        return False


#: What takes an input of a kind: returns whether it could be used, and raises nothing.
TAKERS: dict[str, Callable[[bytes], bool]] = {
    "sound": _sound,
    "zip": _zip,
    "manifest": _manifest,
    "nebula": _nebula,
    "spec": _spec,
    "listening": _listening,
    "webmushra": _webmushra,
}

#: Where JSON goes, by the kind that it is made of.
ADDRESSES = {"nebula": "/v1/nebulae", "spec": "/v1/studies", "listening": "/v1/listening-tests"}


#: What is uploaded to a server, by kind.
UPLOADED = ("sound", "zip")


def posted(client: object) -> Callable[[str, bytes], bool]:
    """Returns what posts an input to a server, which must answer it with anything but a fault of its own."""

    def post(kind: str, content: bytes) -> bool:
        body = b'{"name": "odd", "nebula": ' + content + b"}" if kind == "nebula" else content
        answer = client.post(ADDRESSES[kind], content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (answer.status_code, answer.text)
        if kind == "nebula" and answer.status_code == 201:
            # The next one has the same name.
            assert client.delete(f"{ADDRESSES[kind]}/odd").status_code == 204
        return answer.status_code < 300

    return post


def uploaded(client: object) -> Callable[[bytes], bool]:
    """Returns what uploads a file to a server, waits until it is read, and deletes it again."""

    def upload(content: bytes) -> bool:
        name = "kit.zip" if content[:2] == b"PK" else "a.wav"
        answer = client.post("/v1/corpora", files=[("files", (name, content))])
        assert answer.status_code < 500, (answer.status_code, answer.text)
        if answer.status_code >= 300:
            return False
        path = f"/v1/corpora/{answer.json()['id']}"
        while (corpus := client.get(path).json())["state"] == "reading":
            time.sleep(0.01)
        for sound in client.get(f"{path}/sounds").json()["items"]:
            assert "its decoder died of it" not in sound["reason"], sound
            assert client.get(f"{path}/sounds/{sound['number']}").status_code < 500
        assert client.delete(path).status_code == 204
        return corpus["state"] == "ready"

    return upload


def is_left_empty(folder: Path) -> bool:
    """Returns whether nothing is in a folder, or will be in a minute: corpora are removed after the answer says so."""
    deadline = time.monotonic() + 60
    while any(folder.glob("*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(folder.glob("*"))


def answered(lab: object) -> Callable[[bytes], bool]:
    """Returns what answers the first question of a small test, as its participant does."""
    from listening_lab import Person

    systems = [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]
    spec = {"version": 1, "name": "odd", "method": "preference", "sounds": 1, "seconds": 0.3, "systems": systems}
    person = Person(lab, lab.open(spec | {"tags": ["clear"]})[1])
    path = f"{person.path}/trials/{person.arrive()['trial']['id']}"

    edits = itertools.count(1)

    def answer(content: bytes) -> bool:
        # What was said later counts.
        content = content.replace(b'"edit": 1,', b'"edit": %d,' % next(edits))
        found = person.client.put(path, content=content, headers={"Content-Type": "application/json"})
        assert found.status_code < 500, (found.status_code, found.text)
        assert person.client.get(person.path).status_code == 200
        return found.status_code < 300

    return answer


def run(
    kind: str,
    count: int,
    take: Callable[[bytes], bool],
    inputs: Inputs = changed,
) -> tuple[int, int]:
    """Returns how many inputs of a kind, `changed` or `bent`, were tried and how many taken."""
    tried = taken = 0

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(inputs(kind))
    def each(content: bytes) -> None:
        nonlocal tried, taken
        tried += 1
        taken += take(content)

    each()
    return tried, taken


def main(count: int) -> None:
    """Tries so many inputs, and prints what came of them."""
    from listening_lab import running

    print("| kind | tried | taken | seconds |\n|---|---|---|---|")
    taken_as_files = [kind for kind in DOCUMENTS if kind in TAKERS]
    share = count // (len(TAKERS) + len(taken_as_files) + 2 * len(ADDRESSES) + len(UPLOADED) + 1)

    def report(name: str, kind: str, take: Callable[[bytes], bool], inputs: Inputs = changed) -> None:
        began = time.perf_counter()
        tried, taken = run(kind, share, take, inputs)
        print(f"| {name} | {tried} | {taken} | {time.perf_counter() - began:.0f} |", flush=True)

    for kind, take in TAKERS.items():
        report(kind, kind, take)
    for kind in taken_as_files:
        report(f"{kind}, bent", kind, TAKERS[kind], bent)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder, "home")) as lab,
        closing(lab.client("admin")) as admin,
    ):
        post = posted(admin)
        for kind in ADDRESSES:
            report(f"{kind}, posted", kind, lambda content, kind=kind: post(kind, content))
            report(f"{kind}, bent, posted", kind, lambda content, kind=kind: post(kind, content), bent)
        for kind in UPLOADED:
            report(f"{kind}, uploaded", kind, uploaded(admin))
        assert is_left_empty(lab.home / "corpora")
        assert is_left_empty(lab.home / "listening")
        report("answer, bent, posted", "answer", answered(lab), bent)
        assert admin.get("/v1/session").status_code == 200


if __name__ == "__main__":
    main(int(sys.argv[1]))
