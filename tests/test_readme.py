"""The README's example runs, and figures in it and in the page of benchmarks are those that benchmarks have written."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "pictures" / "report.png"
TABLES = (BENCHMARKS / "README.md").read_text(encoding="utf-8")


def block(name):
    return re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)[1]


def sections(text):
    """What stands below each heading of the second level."""
    return dict(part.split("\n", 1) for part in text.split("\n## ")[1:])


def written(names):
    """The numbers with a decimal point in pages that benchmarks have written."""
    return {
        float(number)
        for name in names
        for number in re.findall(r"\d[\d,]*\.\d+", (BENCHMARKS / name).read_text(encoding="utf-8").replace(",", ""))
    }


def assert_written(text, names):
    """Each number with a decimal point is one that was written, maybe rounded."""
    known = written(names)
    for number in re.findall(r"(?<![\w./])\d[\d,]*\.\d+(?!\.|\w)", text):
        value, digits = float(number.replace(",", "")), len(number.rpartition(".")[2])
        assert any(abs(value - other) <= 0.501 * 10**-digits for other in known), (number, sorted(names))


def test_the_python_example_runs(capsys):
    exec(compile(block("example"), "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0


def test_there_are_exactly_two_set_up_commands():
    commands = re.findall(r"^pip .*$", README, re.MULTILINE)
    assert commands == [block("quickstart").strip(), block("tests").strip()]


def test_it_is_short_and_so_is_its_picture():
    assert len(README.splitlines()) <= 200
    assert PICTURE.stat().st_size < 200_000
    assert str(PICTURE.relative_to(ROOT)) in README


def test_each_figure_of_the_readme_was_written_by_the_command_beside_it():
    part = sections(README)["What it has been shown to do"]
    claims = [claim for claim in re.split(r"\n\n(?=On |- )|\n(?=- )", part) if re.search(r"\d\.\d", claim)]
    assert len(claims) == 6
    for claim in claims:
        (script,) = re.findall(r"python benchmarks/(\w+)\.py", claim)
        assert_written(claim, [f"{script}.md"])


@pytest.mark.parametrize("section", [name for name in sections(TABLES) if name != "Everything else"])
def test_each_figure_of_the_page_of_benchmarks_was_written_by_one(section):
    part = sections(TABLES)[section]
    assert re.search(r"\d\.\d", part)
    assert_written(part, set(re.findall(r"\]\((\w+\.md)\)", part)))


@pytest.mark.parametrize(("name", "heading"), [("held_out", "#"), ("render", "## Time"), ("render", "## A trial")])
def test_tables_are_those_that_the_benchmark_wrote(name, heading):
    page = (BENCHMARKS / f"{name}.md").read_text(encoding="utf-8")
    rows = [line for line in page.split(heading, 1)[1].split("\n## ")[0].splitlines() if line.startswith("|")]
    assert rows
    assert "\n".join(rows) in TABLES


def test_the_page_of_benchmarks_has_all_of_them_and_a_table_of_contents():
    for path in BENCHMARKS.glob("*.md"):
        assert path.name == "README.md" or f"]({path.name})" in TABLES, path.name
    contents = TABLES.split("\n## ", 1)[0]
    for section in sections(TABLES):
        assert f"(#{section.lower().replace(' ', '-')})" in contents, section
