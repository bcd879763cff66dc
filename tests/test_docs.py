"""What the documentation shows is done here, word for word, and where it points there is something."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from pages import blocks, follow

from service.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
ALL = sorted([*PAGES, *ROOT.glob("*.md"), ROOT / "benchmarks" / "README.md", ROOT / "nebulae" / "README.md"])

#: What each page that has something run leaves in the folder that its reader works in.
LEFT = {
    "defence": ["secrets/admin_key", "elsewhere/nebula.db"],
    "listening-test": ["report.html", "answers.csv", "analysis.json", "kept.json"],
    "serving": ["nebula.tar", "restored/nebula.db", "metrics.txt"],
    "slurm": ["runs/pool/nebula.json", "pool.pem"],
    "synthesizers": ["runs/subtractive/nebula.json", "presets.csv", "bank.syx", "matched/drum-0.flac"],
    "training": ["train.py", "drum.npz", "pairs/drum-000000.tar", "shards/drum-000000.tar"],
    "your-own-sounds": [
        "runs/first/nebula.json",
        "runs/first/report.html",
        "runs/drum/trials.csv",
        "sounds/parameters.csv",
    ],
    "your-own-synth": ["plucked/parameters.csv", "runs/bar/nebula.json", "bar.csv"],
}


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.slow
@pytest.mark.parametrize("page", LEFT)
def test_a_page_can_be_followed_to_its_end(page, tmp_path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NEBULA_")}
    printed = follow(ROOT / "docs" / f"{page}.md", tmp_path, environment)
    work = tmp_path / "work"
    assert [left for left in LEFT[page] if not (work / left).is_file()] == []
    check = CHECKS.get(page)
    if check:
        check(work, printed)


def check_listening_test(work, printed):
    # Six people heard both sounds of one pair to try it out and of four that count; a row for each sound.
    assert len((work / "answers.csv").read_text().splitlines()) == 1 + 6 * (1 + 4) * 2
    assert json.loads((work / "key.json").read_text())["verified"] is True


def check_serving(work, printed):
    assert "\ndone \n" in printed


def check_your_own_synth(work, printed):
    assert "pluck: a plucked saw" in printed
    header, *rows = (work / "bar.csv").read_text().splitlines()
    assert header == "name,bar.pitch [MIDI pitch],bar.decay [s],bar.brightness,bar.material"
    assert len(rows) == 8
    assert {row.rpartition(",")[2] for row in rows} <= {"wood", "steel"}
    assert '"synth": "bar"' in (work / "runs" / "bar" / "nebula.json").read_text()
    assert sum(len(path.read_text().splitlines()) for path in (work / "nebula-bar").iterdir() if path.is_file()) <= 60


CHECKS = {
    "listening-test": check_listening_test,
    "serving": check_serving,
    "your-own-synth": check_your_own_synth,
}


def test_the_notebook_runs_and_has_no_outputs():
    notebook = json.loads((ROOT / "docs" / "first-nebula.ipynb").read_text(encoding="utf-8"))
    names = {}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
    assert names["after"] < names["before"]
    assert "<audio" in names["Listen"](names["audio"])._repr_html_()


def test_every_page_with_commands_is_followed():
    assert {page.stem for page in PAGES if any(block.is_run for block in blocks(page))} == set(LEFT)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_not_run_can_be_read(page):
    for block in blocks(page):
        where = f"{name(page)}:{block.line}"
        assert re.fullmatch(r"|background|file: \S+|not run: .+", block.note), where
        match block.language:
            case "sh":
                done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
                assert (done.returncode, done.stderr) == (0, ""), where
            case "python":
                compile(block.text, where, "exec")
            case "toml":
                tomllib.loads(block.text)
            case "json":
                json.loads(block.text)


def test_settings_that_pages_name_are_there():
    known = {f"NEBULA_{field.upper()}" for field in Settings.model_fields}
    # What the file for Slurm lets its reader say, and variables that nothing but docker-compose.yml reads.
    own = {"NEBULA_SHARED", "NEBULA_POOL", "NEBULA_WORKER_DEVICE"}
    for page in ALL:
        named = set(re.findall(r"\bNEBULA_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
        assert named <= known | own, name(page)


def anchors(path):
    """The places in a page that a link can lead to, as GitHub names them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ALL, ids=name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        leads_to = page if not path else page.parent / path
        assert leads_to.exists(), target
        assert not anchor or anchor in anchors(leads_to), target


def test_files_of_synths_have_as_many_lines_as_the_page_says():
    page = (ROOT / "docs" / "your-own-synth.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| \[(\w+\.py)\].* \| (\d+) \|$", page, re.MULTILINE))
    folder = ROOT / "nebula" / "synths"
    assert said == {file: str(len((folder / file).read_text(encoding="utf-8").splitlines())) for file in said}
    assert "voice.py" in said
