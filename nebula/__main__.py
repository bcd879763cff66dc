"""The `nebula` command, also as `python -m nebula`."""

import sys

from nebula.errors import NebulaError
from nebula.extras import EXTRAS
from nebula.garbage import search_rarely

_FAILED, _INTERRUPTED = 1, 130


def main() -> None:
    """Runs the command line, and ends it with one line where it cannot go on."""
    search_rarely()
    try:
        # Imported here, so that Ctrl-C during the second that it takes is answered, too.
        from nebula.cli import run

        run()
    except NebulaError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRAS:
            raise
        _fail(f"{module} is not installed: pip install 'nebula[{EXTRAS[module]}]'")
    except OSError as error:
        # A full disk, a vanished folder: the system's own words, and what they are about.
        _fail(f"{error.filename or 'files'}: {error.strerror or error}")
    except KeyboardInterrupt:
        _stopped()
    except SystemExit as end:
        # Typer makes this of an interrupt, without a word; a command that has said something leaves no cause.
        if isinstance(getattr(end.__context__, "__cause__", None), KeyboardInterrupt):
            _stopped()
        raise


def _stopped() -> None:
    print("nebula: stopped", file=sys.stderr)
    sys.exit(_INTERRUPTED)


def _fail(message: str) -> None:
    print(f"nebula: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(_FAILED)


if __name__ == "__main__":
    main()
