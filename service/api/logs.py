"""Structured logs: one JSON object a line on standard error, with the id of the request that a line belongs to.

A person at a terminal gets sentences instead, and only those that ask for attention.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

#: Id of the request that is being answered; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# What every record has; the rest was given by `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class JsonFormatter(logging.Formatter):
    """Lines of JSON: time, level, logger, message, request id, whatever was given by `extra`, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns a record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logs() -> None:
    """Sends the logs of this process to standard error: as JSON, or as sentences where that is a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    if sys.stderr.isatty():
        # What goes as it should would bury the link that a person has started the server for.
        handler.setLevel(logging.WARNING)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s: %(message)s", "%H:%M:%S"))
    else:
        handler.setFormatter(JsonFormatter())
    logging.basicConfig(level="INFO", handlers=[handler], force=True)
