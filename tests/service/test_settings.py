"""Settings come from the environment, and the README lists all of them."""

import os
import re
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def listed():
    """The README's rows: variable, default and sentence."""
    part = README.split("\n## Settings\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(NEBULA_\w+)` \| (.*?) \| (.*?) \|$", part, re.MULTILINE)


def default(field):
    if field.default is None or field.default == "":
        return ""
    # The home folder depends on who asks.
    return "the user's data folder" if isinstance(field.default, Path) else f"`{field.default}`"


def test_the_readme_lists_every_setting_with_its_default_and_its_sentence():
    assert listed() == [
        (f"NEBULA_{name.upper()}", default(field), field.description.rstrip("."))
        for name, field in Settings.model_fields.items()
    ]


def test_a_variable_of_the_environment_is_a_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("NEBULA_HOME", str(tmp_path))
    monkeypatch.setenv("NEBULA_PORT", "8123")
    assert (Settings.read().home, Settings.read().port) == (tmp_path, 8123)
    assert Settings.read(port=9000).port == 9000


def test_a_value_that_cannot_be_used_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("NEBULA_PORT", "70000")
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    assert str(caught.value) == "NEBULA_PORT: got '70000', input should be less than or equal to 65535"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("garbage", "garbage"),
        ("mysql://x", "mysql://x"),
        ("postgresql+psycopg2://nebula:s3cret@host/nebula", "postgresql+psycopg2://nebula:***@host/nebula"),
    ],
)
def test_a_url_of_no_database_that_is_known_is_refused_without_its_password(url, shown):
    with pytest.raises(SettingsError) as caught:
        Settings.read(database_url=url)
    expected = "expected postgresql+psycopg://USER@HOST/NAME or sqlite:///PATH"
    assert str(caught.value) == f"NEBULA_DATABASE_URL: got '{shown}', {expected}"


def test_a_password_in_a_file_completes_the_url_of_both_databases(tmp_path):
    (tmp_path / "password").write_text("p@ss/word\n")
    url = "postgresql+psycopg://nebula@host:5432/nebula"
    settings = Settings.read(database_url=url, database_password_file=tmp_path / "password")
    assert settings.database == "postgresql+psycopg://nebula:p%40ss%2Fword@host:5432/nebula"
    assert settings.optuna_storage == f"{settings.database}?options=-csearch_path%3Doptuna"
    missing = Settings.read(database_url=url, database_password_file=tmp_path / "none")
    with pytest.raises(SettingsError, match=r"^NEBULA_DATABASE_PASSWORD_FILE: .* cannot be read$"):
        _ = missing.database


def test_without_a_url_databases_are_files_in_the_home_folder(tmp_path):
    settings = Settings.read(home=tmp_path, database_url="")
    assert settings.database == f"sqlite:///{tmp_path}{os.sep}nebula.db"
    assert settings.optuna_storage == f"sqlite:///{tmp_path}{os.sep}optuna.db"
