"""The command line, run where the tests are."""

import sys

import pytest

from nebula.cli import main


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs a command in this process; returns its exit status and what it printed, on standard output and error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nebula", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return run
