"""Processes that can be interrupted, however the tests were started."""

import signal


def hear_interrupts():
    """For `preexec_fn`: tests that a script runs in the background ignore interrupts, and so does all they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
