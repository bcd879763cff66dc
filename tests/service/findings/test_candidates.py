"""Trials and finalists of a study are heard, one by one, from what Optuna's tables hold."""

import pytest
from kept_study import kept_study

from nebula import Nebula
from nebula.tuning import Entry, Finalist, Space, StudySpec
from service.nebulae.sounds import SoundRenderer

SPEC = StudySpec.load("quickstart").with_changes({"sounds_per_trial": 4})
SPACE = Space.of(SPEC)

# As near as the study's curves come to them.
DRUM, DEFAULT = (SPACE.nebula(SPACE.point(Nebula.load(name))) for name in ("drum", "default"))


@pytest.fixture
def path(service, settings):
    # The second candidate was done first.
    entries = (Entry(0, 1, DRUM, 2.0, 0.1), Entry(0, 0, DEFAULT, 3.0, 0.1))
    finalists = (Finalist("centre", DEFAULT, (2.0, 2.1)),)
    return f"/v1/studies/{kept_study(service.database, settings, SPEC, entries, finalists, name='renamed')}"


def test_each_is_heard_as_what_it_is(admin, path):
    def heard(where):
        answer = admin.get(where)
        assert answer.status_code == 200, answer.text
        return answer.content

    renderer = SoundRenderer()
    assert heard(f"{path}/trials/0/sounds/3.flac") == renderer.flac(DRUM, 3)
    assert heard(f"{path}/trials/1/sounds/3.flac") == renderer.flac(DEFAULT, 3)
    assert heard(f"{path}/finalists/centre/sounds/3.flac") == renderer.flac(DEFAULT, 3)


@pytest.mark.parametrize(
    "where", ["trials/2", "trials/1000001", "finalists/start", "finalists/trial%200.1", "finalists/%25"]
)
def test_what_is_not_there_is_not_heard(admin, path, where):
    assert admin.get(f"{path}/{where}/sounds/0.flac").status_code == 404


def test_who_has_no_key_hears_nothing(service, path):
    with service.client(None) as stranger:
        assert stranger.get(f"{path}/trials/0/sounds/0.flac").status_code == 401
