"""The README's example runs, its tables are the benchmarks' own, and every path in it exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name):
    return re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)[1]


def test_the_python_example_runs(capsys):
    exec(compile(block("example"), "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0


def test_there_are_exactly_two_set_up_commands():
    commands = re.findall(r"^pip .*$", README, re.MULTILINE)
    assert commands == [block("quickstart").strip(), block("tests").strip()]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)]+)\)", README))))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


@pytest.mark.parametrize(("name", "heading"), [("held_out", "#"), ("render", "## Time"), ("render", "## A trial")])
def test_tables_are_those_that_the_benchmark_wrote(name, heading):
    written = (ROOT / "benchmarks" / f"{name}.md").read_text(encoding="utf-8")
    part = written.split(f"{heading}", 1)[1].split("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("|")]
    assert rows
    assert "\n".join(rows) in README
