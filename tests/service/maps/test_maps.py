"""Maps over HTTP: every sound has a place, and is heard where its point says."""

import numpy as np
import pytest

from nebula import Nebula, distances
from nebula.embedding import draw
from nebula.tuning import StudySpec
from service.maps.drawing import SOUNDS
from service.studies.states import StudyState
from service.studies.tables import Study

# What is asked of the database here is asked of either kind elsewhere.
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def corpus_id(admin, percussion):
    files = [("files", (path.name, path.read_bytes())) for path in sorted(percussion.iterdir())]
    return admin.post("/v1/corpora", files=files, timeout=60).json()["id"]


def places(layer):
    return np.array([[point["x"], point["y"]] for point in layer["points"]])


def test_a_corpus_is_mapped_and_every_point_can_be_heard(admin, corpus_id):
    found = admin.get(f"/v1/corpora/{corpus_id}/map", timeout=60).json()
    (layer,) = found["layers"]
    assert (found["distance"], layer["role"], len(layer["points"])) == ("log-mel", "corpus", 24)
    sounds = admin.get(f"/v1/corpora/{corpus_id}/sounds").json()["items"]
    assert [point["label"] for point in layer["points"]] == [sound["name"] for sound in sounds]
    assert admin.get(layer["points"][7]["sound"]).content == admin.get(f"/v1/corpora/{corpus_id}/sounds/7").content
    # Principal components: centred, uncorrelated, the first one with the larger share.
    xy = places(layer)
    np.testing.assert_allclose(xy.mean(axis=0), 0, atol=1e-4)
    covariance = xy.T @ xy / len(xy)
    assert abs(covariance[0, 1]) < 1e-4 * covariance[0, 0]
    assert covariance[0, 0] / covariance[1, 1] == pytest.approx(found["shares"][0] / found["shares"][1], rel=1e-3)


def test_a_study_is_mapped_with_target_start_and_best(service, admin, corpus_id):
    spec = StudySpec.load("drum").with_changes({"target": corpus_id}).model_dump(mode="json")
    with service.database.begin() as session:
        study = Study(name="drums", spec=spec, trials_total=1, state=StudyState.DONE)
        session.add(study)
    before = admin.get(f"/v1/studies/{study.id}/map", timeout=60).json()
    assert [(layer["role"], layer["title"]) for layer in before["layers"]][1:] == [("start", spec["search"]["start"])]
    folder = service.home / "studies" / study.id
    folder.mkdir(parents=True)
    Nebula.load("drum").save(folder / "best.json")
    running = admin.get(f"/v1/studies/{study.id}/map", timeout=60).json()["layers"][2]
    assert (running["role"], running["title"]) == ("best", "so far")
    assert running["points"][0]["sound"].startswith(f"/v1/studies/{study.id}/best/sounds/")
    Nebula.load("drum").save(folder / "nebula.json")
    found = admin.get(f"/v1/studies/{study.id}/map", timeout=60).json()
    assert [(layer["role"], len(layer["points"])) for layer in found["layers"]] == [
        ("target", 24),
        ("start", SOUNDS),
        ("best", SOUNDS),
    ]
    point = found["layers"][2]["points"][0]
    assert admin.get(running["points"][0]["sound"]).content == admin.get(point["sound"]).content
    seed = int(point["label"].removeprefix("seed "))
    assert admin.get(point["sound"]).content == admin.get(f"/v1/nebulae/drum/sounds/{seed}.flac").content
    # Nothing is longer in the plane than in the space that it is cut from.
    vectors = draw(Nebula.load("drum"), [seed, seed + 1], distances.get("log-mel")).vectors
    xy = places(found["layers"][2])
    assert np.linalg.norm(xy[0] - xy[1]) <= float((vectors[0] - vectors[1]).norm()) * (1 + 1e-5) + 1e-4
    # A target that is gone is left out.
    admin.delete(f"/v1/corpora/{corpus_id}")
    after = admin.get(f"/v1/studies/{study.id}/map", timeout=60).json()
    assert [layer["role"] for layer in after["layers"]] == ["start", "best"]
