"""What others may ask of a study while it runs."""

from threading import Event

from nebula.errors import StudyInterrupted


class Control:
    """Asks a running study to end, or to take less of the pool; may be used from any thread.

    Attributes:
        share: Most tasks that the study may have in the pool at once; None is without limit. It may change at any time.
    """

    def __init__(self, share: int | None = None) -> None:
        self.share = share
        self._left, self._finishing = Event(), Event()

    def leave(self) -> None:
        """Asks to drop what is being scored: `tune` raises StudyInterrupted within a second or two."""
        self._left.set()

    def finish(self) -> None:
        """Asks to score nothing new, but to finish what is being scored, re-score the best so far and write results.

        Judges are then not asked, or no further.
        """
        self._finishing.set()

    @property
    def is_finishing(self) -> bool:
        """Whether nothing new is to be proposed."""
        return self._finishing.is_set()

    def check(self) -> None:
        """Goes on unless the study is to be left.

        Raises:
            StudyInterrupted: It is.
        """
        if self._left.is_set():
            raise StudyInterrupted("the study was asked to let go; what is finished is kept")
