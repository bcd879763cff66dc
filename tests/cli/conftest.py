"""The command line, run where the tests are, which have imported everything already."""

import signal
import sys

import pytest

from nebula.__main__ import main


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs a command in this process; returns its exit status and what it printed, on standard output and error."""
    interrupts = signal.getsignal(signal.SIGINT)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nebula", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    yield run
    signal.signal(signal.SIGINT, interrupts)


@pytest.fixture
def done(command):
    """Runs a command that succeeds in this process; returns what it printed, on standard output and error."""

    def run(*arguments):
        status, out, err = command(*arguments)
        assert status == 0, err
        return out, err

    return run


@pytest.fixture
def refusal(command):
    """Runs a command that is refused in this process; returns the one line that says why, the last that it printed."""

    def run(*arguments):
        status, out, err = command(*arguments)
        assert (status, out) == (1, "")
        # What takes minutes has said before how far it was.
        *said, line = err.splitlines()
        assert line.startswith("nebula: ")
        assert not any(one.startswith("nebula: ") for one in said)
        return line.removeprefix("nebula: ")

    return run
