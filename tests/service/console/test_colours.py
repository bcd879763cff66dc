"""Target, start and found have the same colours on every page, in light and in dark."""

import re
from importlib import resources

import pytest

ROLES = ("target", "start", "found")


def pairs(package, path):
    """Returns the colours of a style sheet by their names, each in light and in dark."""
    text = (resources.files(package) / path).read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\)", text))


@pytest.fixture(scope="module")
def console():
    return pairs("service.console", "assets/console.css")


def test_the_report_of_a_study_has_the_colours_of_the_console(console):
    text = (resources.files("nebula.tuning.report") / "page.css").read_text(encoding="utf-8")
    for role, name in zip(ROLES, ("target", "start", "tuned"), strict=True):
        light, dark = re.findall(rf"--{name}: (#\w+)", text)
        assert console[role] == f"{light}, {dark}"


def test_the_report_of_a_listening_test_has_the_colours_of_the_console(console):
    assert pairs("service.listening.report", "page.css")["found"] == console["found"]


def test_marks_have_a_colour_and_those_of_maps_a_shape(console):
    assets = resources.files("service.console") / "assets"
    scripts = {str(path): path.read_text(encoding="utf-8") for path in assets.rglob("*.js")}
    marks = {mark for text in scripts.values() for mark in re.findall(r'mark: "(\w+)"', text)}
    assert marks <= console.keys()
    shapes = re.findall(r'^  (\w+): "M', scripts[str(assets / "scatter.js")], re.MULTILINE)
    assert shapes == list(ROLES)
