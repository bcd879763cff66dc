import json
import zipfile

import pytest

from nebula.audio import Corpus
from nebula.errors import CorpusError

MANIFEST = """path,kind,instrument,midi_pitch,velocity_rank,ordering_group
drums/a.wav,percussion,,,2,drum one
drums/sub/b.wav,percussion,"snare, brushed",38,,
other/c.wav,broad,,,,
"""
A = {"kind": "percussion", "velocity_rank": "2", "ordering_group": "drum one"}
B = {"kind": "percussion", "instrument": "snare, brushed", "midi_pitch": "38"}


COLUMNS = (
    "expected names of columns, separated by commas, semicolons or tabs, one of them path, filename, file_name, file, "
    "fname, filepath or file_path"
)


@pytest.fixture
def drums(tmp_path, write):
    for name in ("a.wav", "sub/b.wav", "unlisted.wav"):
        write(f"drums/{name}", [0.1])
    return tmp_path / "drums"


def labels_of(corpus):
    return {sound.name: dict(sound.labels) for sound in corpus.sounds if sound.labels}


def test_without_a_source_of_labels_there_are_none(drums):
    assert labels_of(Corpus.open(drums)) == {}


def test_a_manifest_in_the_parent_is_found(tmp_path, drums):
    (tmp_path / "manifest.csv").write_text(MANIFEST)
    assert labels_of(Corpus.open(drums)) == {"a.wav": A, "sub/b.wav": B}
    assert labels_of(Corpus.open(tmp_path)) == {"drums/a.wav": A, "drums/sub/b.wav": B}
    assert labels_of(Corpus.open(drums / "a.wav")) == {"a.wav": A}


def test_a_manifest_in_the_folder_comes_first(tmp_path, drums):
    (tmp_path / "manifest.csv").write_text(MANIFEST)
    (drums / "manifest.csv").write_text("\ufeffpath,kind\r\nsub\\b.wav,mine\r\n", encoding="utf-8")
    assert labels_of(Corpus.open(drums)) == {"sub/b.wav": {"kind": "mine"}}


@pytest.mark.parametrize(
    ("foreign", "reason"),
    [
        ("name,value\na,1\n", f"got the first line 'name,value', {COLUMNS}"),
        ("path,kind\nelsewhere.wav,x\n", "names none of the sounds; expected paths from its folder"),
        ('"path\n', "is not a csv file (unexpected end of data)"),
    ],
)
def test_another_programs_manifest_is_passed_over_and_said_so(drums, foreign, reason):
    (drums / "manifest.csv").write_text(foreign)
    corpus = Corpus.open(drums)
    assert labels_of(corpus) == {}
    assert corpus.remarks == (f"manifest.csv was not used for labels: {reason}",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("column", ["path", "filename", "File_Name", " file"])
def test_manifests_as_spreadsheets_write_them(drums, encoding, delimiter, column):
    rows = [("kind", column, "group"), ("gro\u00df", "a.wav", "one")]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (drums / "manifest.csv").write_bytes(text.encode(encoding))
    assert labels_of(Corpus.open(drums)) == {"a.wav": {"kind": "gro\u00df", "group": "one"}}


def test_groups_are_guessed_only_where_nothing_tells_them(tmp_path, write):
    names = ["kick_rr1.wav", "kick_rr2.wav", "hat.wav"]
    for name in names:
        write(f"c/{name}", [0.1])
    assert labels_of(Corpus.open(tmp_path / "c")) == {name: {"group": "kick"} for name in names[:2]}
    (tmp_path / "c/manifest.csv").write_text("path,kind\nhat.wav,percussion\nkick_rr1.wav,percussion\n")
    corpus = Corpus.open(tmp_path / "c")
    assert labels_of(corpus) == {
        "hat.wav": {"kind": "percussion"},
        "kick_rr1.wav": {"kind": "percussion", "group": "kick"},
        "kick_rr2.wav": {"group": "kick"},
    }
    assert len(corpus.remarks) == 1
    (tmp_path / "c/manifest.csv").write_text("path,group\nhat.wav,all\nkick_rr1.wav,all\n")
    corpus = Corpus.open(tmp_path / "c")
    assert labels_of(corpus) == {"hat.wav": {"group": "all"}, "kick_rr1.wav": {"group": "all"}}
    assert corpus.remarks == ()


def test_a_manifest_given_by_path_or_by_name(tmp_path, drums, monkeypatch):
    (tmp_path / "labels.csv").write_text(MANIFEST)
    (tmp_path / "manifest.csv").write_text("path,kind\ndrums/a.wav,wrong\n")
    expected = {"a.wav": A, "sub/b.wav": B}
    assert labels_of(Corpus.open(drums, labels=tmp_path / "labels.csv")) == expected
    assert labels_of(Corpus.open(drums, labels="labels.csv")) == expected  # beside the folder
    monkeypatch.chdir(tmp_path)
    assert labels_of(Corpus.open("drums", labels="labels.csv")) == expected
    assert labels_of(Corpus.open("drums/sub", labels="labels.csv")) == {"b.wav": B}


def test_composed_and_decomposed_accents_are_the_same_name(tmp_path, write):
    write("c/Tri\u0061\u0308ngel.wav", [0.1])  # as macOS packs it
    (tmp_path / "c/manifest.csv").write_text("path,kind\nTri\u00e4ngel.wav,percussion\n", encoding="utf-8")
    assert [dict(sound.labels) for sound in Corpus.open(tmp_path / "c").sounds] == [{"kind": "percussion"}]


@pytest.mark.parametrize("top", ["", "drums/", "pack/"])
def test_a_manifest_inside_a_zip(tmp_path, drums, top):
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("a.wav", "sub/b.wav"):
            file.write(drums / name, f"{top}{name}")
        file.writestr(f"{top}manifest.csv", MANIFEST.replace("drums/", ""))
    assert labels_of(Corpus.open(path)) == {f"{top}a.wav": A, f"{top}sub/b.wav": B}
    assert labels_of(Corpus.open(path, labels="manifest.csv")) == {f"{top}a.wav": A, f"{top}sub/b.wav": B}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file of labels, here, in {drums} or beside it"),
        (b"name,kind\na.wav,x\n", f"cannot be used as labels: got the first line 'name,kind', {COLUMNS}"),
        (b"", f"cannot be used as labels: got the first line '', {COLUMNS}"),
        (b'path,kind\na.wav,"x" y\n', "cannot be used as labels: is not a csv file (',' expected after '\"')"),
        (b"path,kind\nz.wav,x\n", "names none of the sounds of {drums}; its paths are relative to its folder"),
        (b"\xff\xfe\x00", "cannot be read as labels (it is no text in UTF-8, UTF-16 or cp1252)"),
    ],
)
def test_a_given_manifest_that_cannot_be_used_is_named(tmp_path, drums, content, message):
    path = tmp_path / "my.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        Corpus.open(drums, labels=path)
    assert str(caught.value) == f"{path}: {message.format(drums=drums)}"


def test_a_given_manifest_that_is_a_folder_is_named(tmp_path, drums):
    with pytest.raises(CorpusError) as caught:
        Corpus.open(drums, labels=tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read as labels (Is a directory)"


def test_ramires_one_shots(tmp_path, write):
    write("one_shot_percussive_sounds/1/183.wav", [0.1], 16000)
    write("one_shot_percussive_sounds/2/2090.wav", [0.1], 16000)
    licences = {"183": {"name": "Hat.aif", "username": "Anna", "license": "http://creativecommons.org/zero"}}
    (tmp_path / "licenses.txt").write_text(json.dumps(licences))
    expected = {
        "kind": "percussion",
        "licence": "http://creativecommons.org/zero",
        "author": "Anna",
        "title": "Hat.aif",
        "source": "freesound:183",
    }
    assert labels_of(Corpus.open(tmp_path)) == {"one_shot_percussive_sounds/1/183.wav": expected}
    assert labels_of(Corpus.open(tmp_path / "one_shot_percussive_sounds")) == {"1/183.wav": expected}


@pytest.mark.parametrize("licences", ["not json", "[1, 2]", '{"183": "CC0"}'])
def test_a_licence_file_of_another_form_labels_nothing(tmp_path, write, licences):
    write("c/1/183.wav", [0.1])
    write("c/1/184.wav", [0.1])
    (tmp_path / "c/licenses.txt").write_text(licences)
    assert labels_of(Corpus.open(tmp_path / "c")) == {}


def test_surge_pitch(tmp_path, write):
    for name in ("Bass 1-velocity64/21.ogg", "Bass 1-velocity64/108.ogg", "Bass 1-velocity64/notes.ogg"):
        write(f"surge/{name}")
    common = {
        "kind": "pitched",
        "instrument": "Bass 1",
        "velocity_rank": "64",
        "ordering_group": "Bass 1-velocity64",
    }
    assert labels_of(Corpus.open(tmp_path / "surge")) == {
        "Bass 1-velocity64/21.ogg": {**common, "midi_pitch": "21"},
        "Bass 1-velocity64/108.ogg": {**common, "midi_pitch": "108"},
    }


@pytest.mark.parametrize(("folder", "velocities"), [("timbre", (3, 64, 127)), ("dx7", (1, 2, 3))])
def test_dx7_timbre(tmp_path, write, folder, velocities):
    for velocity in velocities:
        write(f"{folder}/E.Piano 1/{velocity}.wav", [0.1])
    assert labels_of(Corpus.open(tmp_path / folder)) == {
        f"E.Piano 1/{velocity}.wav": {
            "kind": "pitched",
            "instrument": "E.Piano 1",
            "midi_pitch": "69",
            "velocity_rank": str(velocity),
            "ordering_group": "E.Piano 1",
        }
        for velocity in velocities
    }


@pytest.mark.parametrize(
    "names",
    [
        ("kick/1.wav", "kick/2.wav", "snare/1.wav"),
        ("kick/3.wav", "kick/last.wav"),
        ("kick/3.wav", "kick/128.wav"),
        ("kick/03.wav",),
    ],
)
def test_numbered_files_are_not_taken_for_velocities(tmp_path, write, names):
    for name in names:
        write(f"c/{name}", [0.1])
    assert labels_of(Corpus.open(tmp_path / "c")) == {}


def test_fsd50k(tmp_path, write):
    for name in ("64760", "16399"):
        write(f"FSD50K.eval_audio/{name}.wav", [0.1])
    write("FSD50K.dev_audio/1.wav", [0.1])
    truth = tmp_path / "FSD50K.ground_truth"
    truth.mkdir()
    (truth / "eval.csv").write_text(
        'fname,labels,mids\n64760,"Electric_guitar,Guitar,Musical_instrument,Music","/m/02sgy,/m/0342h"\n'
        '16399,"Bark,Dog,Animal",/m/05tny_\n'
    )
    (truth / "dev.csv").write_text("fname,labels,mids,split\n1,Rain,/m/06mb1,train\n")
    guitar = {
        "kind": "broad",
        "instrument": "Electric_guitar",
        "tags": "Electric_guitar,Guitar,Musical_instrument,Music",
        "mids": "/m/02sgy,/m/0342h",
        "split": "eval",
        "source": "freesound:64760",
    }
    bark = {"kind": "broad", "tags": "Bark,Dog,Animal", "mids": "/m/05tny_", "split": "eval"}
    rain = {"kind": "broad", "tags": "Rain", "mids": "/m/06mb1", "split": "train", "source": "freesound:1"}
    assert labels_of(Corpus.open(tmp_path)) == {
        "FSD50K.dev_audio/1.wav": rain,
        "FSD50K.eval_audio/16399.wav": {**bark, "source": "freesound:16399"},
        "FSD50K.eval_audio/64760.wav": guitar,
    }
    assert labels_of(Corpus.open(tmp_path / "FSD50K.eval_audio"))["64760.wav"] == guitar
