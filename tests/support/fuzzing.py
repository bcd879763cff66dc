"""Odd inputs of every kind that people bring: files as their own writers make them, with a few bytes changed.

    nice -n 19 python tests/support/fuzzing.py 10000

prints a row for each kind: how many were tried, how many of them were taken, and the seconds. It ends with the input
that was met with anything but an answer or the kind of error that it is allowed to raise.
"""

import io
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

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
        return bool(webmushra.specs(_text(content), "0" * 16))
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


def posted(client: object) -> Callable[[str, bytes], bool]:
    """Returns what posts an input to a server, which must answer it with anything but a fault of its own."""

    def post(kind: str, content: bytes) -> bool:
        body = b'{"name": "odd", "nebula": ' + content + b"}" if kind == "nebula" else content
        answer = client.post(ADDRESSES[kind], content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (answer.status_code, answer.text)
        return answer.status_code < 300

    return post


def run(kind: str, count: int, take: Callable[[bytes], bool]) -> tuple[int, int]:
    """Returns how many inputs of a kind were tried and how many taken."""
    tried = taken = 0

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(changed(kind))
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
    share = count // (len(TAKERS) + len(ADDRESSES))

    def report(name: str, kind: str, take: Callable[[bytes], bool]) -> None:
        began = time.perf_counter()
        tried, taken = run(kind, share, take)
        print(f"| {name} | {tried} | {taken} | {time.perf_counter() - began:.0f} |", flush=True)

    for kind, take in TAKERS.items():
        report(kind, kind, take)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder, "home")) as lab,
        closing(lab.client("admin")) as admin,
    ):
        post = posted(admin)
        for kind in ADDRESSES:
            report(f"{kind}, posted", kind, lambda content, kind=kind: post(kind, content))
        assert admin.get("/v1/session").status_code == 200
        assert [path for room in ("corpora", "listening") for path in (lab.home / room).glob("*")] == []


if __name__ == "__main__":
    main(int(sys.argv[1]))
