"""Files that come with the package, and files of users beside them."""

import pytest

from nebula.errors import SpecError
from nebula.shipped import ShippedFiles

SPECS = ShippedFiles("nebula.shipped_studies", ".toml")
NEBULAE = ShippedFiles("nebula.shipped_nebulae", ".json")


def test_names_are_those_of_one_kind_and_folder():
    assert "quickstart" in SPECS.names()
    assert "mushra-24" not in SPECS.names()
    assert ShippedFiles("nebula.shipped_studies", ".toml", "listening").names() == (
        "ab-64",
        "abx-codec",
        "bs1116-codecs",
        "mushra-24",
        "mushra-nebulae",
        "ranking-nebulae",
        "same-different-codec",
    )
    # Beside `drum-tuned.json` lies `drum-tuned.provenance.json`, which is no nebula.
    assert not [name for name in NEBULAE.names() if "provenance" in name]
    assert "drum-tuned" in NEBULAE.names()


def test_a_users_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    path = tmp_path / "mine.toml"
    for mark in ("", "\ufeff"):
        path.write_text(f"{mark}name = 'é'", encoding="utf-8")
        assert SPECS.text_at(path, "spec", SpecError) == "name = 'é'"


def test_what_cannot_be_read_is_said_in_a_line(tmp_path):
    with pytest.raises(SpecError, match=r"^spec '.*none\.toml': no such file, and not one of those shipped \(.*drum"):
        SPECS.text_at(tmp_path / "none.toml", "spec", SpecError)
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SpecError, match=r"^spec '.*odd\.toml': cannot be read \(it is not a text file\)$"):
        SPECS.text_at(tmp_path / "odd.toml", "spec", SpecError)
    with pytest.raises(SpecError, match=r"cannot be read \(Is a directory\)$"):
        SPECS.text_at(tmp_path, "spec", SpecError)
