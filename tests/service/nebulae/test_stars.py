"""Starred nebulae: of each key apart, whatever their origin, and however they are called next."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from found_study import found_study

from nebula import Nebula, synths
from service.nebulae import queries
from service.nebulae.descriptions import describe


def starred(client):
    listed = client.get("/v1/nebulae", params={"starred": True}).json()["items"]
    everything = client.get("/v1/nebulae").json()["items"]
    assert listed == [entry for entry in everything if entry["starred"]]
    assert all(client.get(f"/v1/nebulae/{entry['name']}").json()["starred"] for entry in listed)
    return [entry["name"] for entry in listed]


def test_who_stars_a_nebula_finds_it_again_and_others_do_not(service, admin):
    for _ in range(2):
        assert admin.put("/v1/nebulae/drum/star").status_code == 204
    with service.client("experimenter") as experimenter, service.client("viewer") as viewer:
        assert experimenter.put("/v1/nebulae/uniform-dx7/star").status_code == 204
        assert (starred(admin), starred(experimenter), starred(viewer)) == (["drum"], ["uniform-dx7"], [])
        assert viewer.put("/v1/nebulae/drum/star").status_code == 403
        for _ in range(2):
            assert experimenter.delete("/v1/nebulae/uniform-dx7/star").status_code == 204
        assert starred(experimenter) == []
    assert starred(admin) == ["drum"]
    # Both names of one nebula are one.
    admin.put("/v1/nebulae/dx7%2Funiform/star")
    unknown = admin.put("/v1/nebulae/none/star")
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "nebula 'none': there is none")


def test_a_star_goes_with_a_nebula_that_is_renamed_and_ends_with_one_that_is_deleted(admin):
    body = {"name": "mine", "nebula": json.loads(Nebula.load("drum").to_json())}
    assert admin.post("/v1/nebulae", json=body).json()["starred"] is False
    admin.put("/v1/nebulae/mine/star")
    assert admin.patch("/v1/nebulae/mine", json={"name": "ours"}).json()["starred"] is True
    assert starred(admin) == ["ours"]
    admin.delete("/v1/nebulae/ours")
    admin.post("/v1/nebulae", json={**body, "name": "ours"})
    assert starred(admin) == []


def test_what_a_study_found_can_be_starred(service, admin):
    study = found_study(service.database, service.home)
    admin.put(f"/v1/nebulae/{study}/star")
    assert starred(admin) == [study]
    assert admin.get("/v1/nebulae", params={"starred": True, "origin": "kept"}).json()["items"] == []


def test_stars_of_one_key_at_once_are_one(service, admin):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: admin.put("/v1/nebulae/drum/star").status_code, range(16)))
    assert answers == [204] * 16
    assert starred(admin) == ["drum"]


def test_who_stars_what_is_being_renamed_waits_and_is_told_that_it_is_gone(service, admin, meanwhile):
    body = {"name": "mine", "nebula": json.loads(Nebula.load("drum").to_json())}
    admin.post("/v1/nebulae", json=body)
    with service.database.begin() as session:
        queries.rename(session, queries.find(session, "mine"), "ours")
        asked = meanwhile(lambda: admin.put("/v1/nebulae/mine/star").status_code)
    assert asked.result() == 404


@pytest.mark.parametrize("name", Nebula.shipped())
def test_every_nebula_that_ships_says_what_it_is(name):
    assert describe(name).endswith(".")


def test_descriptions_are_shown(admin):
    listed = {entry["name"]: entry["description"] for entry in admin.get("/v1/nebulae").json()["items"]}
    assert listed["drum"] == describe("drum") == admin.get("/v1/nebulae/drum").json()["description"]
    for synth in synths.names():
        if synth != "voice":
            assert listed[f"uniform-{synth}"] == describe("uniform")
