"""What processes say of themselves: JSON for programs, sentences for a person at a terminal."""

import json
import os
import pty
import re
import subprocess
import sys

SCRIPT = """
import logging
from service.api.logs import configure_logs
configure_logs()
log = logging.getLogger("service.manager")
log.info("study %s: claim", "s")
log.warning("the database does not answer: %s", "away")
"""


def test_programs_get_a_json_object_a_line():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["logger"], line["message"]) for line in lines] == [
        ("info", "service.manager", "study s: claim"),
        ("warning", "service.manager", "the database does not answer: away"),
    ]


def test_a_person_gets_a_sentence_of_what_asks_for_attention():
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", SCRIPT], stderr=theirs, check=True)
        said = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING: the database does not answer: away\r\n", said)
