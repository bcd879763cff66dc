"""The evaluation of transfer on small corpora of several libraries, and the command as users run it."""

import json

from typer.testing import CliRunner

from nebula.cli import app
from nebula.evaluation.transfer import TransferSpec, evaluate_transfer
from nebula.evaluation.transfer.plot import transfer_page


def printed(*arguments):
    done = CliRunner().invoke(app, ["evaluate", "transfer", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_the_command_prints_a_table_and_goes_on_where_it_stopped(spec, recordings, tmp_path):
    arguments = (spec, "--recordings", recordings, "--out", tmp_path / "out")
    table, reasons = printed(*arguments)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if "│" in line]
    assert [row[:3] for row in rows] == [["recordings", "linear", "12"], ["drum, default", "linear", "4"]]
    # Five sizes of recordings are enough for a law, three of the nebula's are not.
    assert "drum, default, linear: unlimited: got 3 sizes, expected 5 or more\n" in reasons
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    content = json.loads(printed(*arguments, "--json", "--plot", tmp_path / "curves.html")[0])
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert (content["learned"], content["tested"]) == ([12, 12], [12, 12])
    assert len(content["libraries"]) == 4
    real, nebula = content["curves"]
    assert (real["gap"], real["exchange"], real["both"]) == (None, None, None)
    assert nebula["sizes"] == [1, 2, 4]
    # Bursts and tones: recordings tell them apart.
    assert real["errors"][-1]["mean"] == 0
    assert nebula["both"]["mean"] < 0.2
    assert "plotly" in (tmp_path / "curves.html").read_text()


def test_what_was_guessed_and_skipped_is_said(spec, recordings, tmp_path):
    takes = tmp_path / "takes"
    for kind in ("hits", "tones"):
        (takes / kind).mkdir(parents=True)
        for number, source in enumerate(sorted((recordings / kind).iterdir())[:8]):
            (takes / kind / f"{kind} {chr(97 + number // 2)} take {1 + number % 2}.wav").write_bytes(
                source.read_bytes()
            )
    (takes / "tones" / "broken.wav").write_text("no sound")
    study = TransferSpec.load(spec).with_changes({"hold_out": "group", "largest": 1})
    hits, tones, skipped = evaluate_transfer(study, tmp_path / "out", takes).remarks
    assert hits.startswith(
        "hits: groups were guessed from names: 8 sounds are takes of 4, such as hits a take 1.wav and "
    )
    assert tones.startswith("tones: groups were guessed from names: 8 sounds are takes of 4, ")
    assert skipped.startswith("tones: 1 sounds were skipped, the first: broken.wav: ")


def test_recordings_may_stand_for_a_class_and_the_figure_shows_all_that_was_learned(spec, recordings, tmp_path):
    study = TransferSpec.load(spec).with_changes(
        {"training": {"<b>": {"hits": "drum", "tones": str(recordings / "tones")}}}
    )
    found = evaluate_transfer(study, tmp_path, recordings)
    assert [curve.sizes for curve in found.curves] == [(1, 2, 4, 8, 12), (1, 2, 4)]
    page = transfer_page(found)
    assert "balanced error on unknown recordings" in page
    assert "\\u003cb\\u003e" in page
