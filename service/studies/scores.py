"""All scores of a study as one answer, made once for all who look: ten thousand of them take a while."""

from sqlalchemy.orm import Session

from service.api.compression import compressed as in_gzip
from service.api.recent import Recent
from service.studies import queries
from service.studies.schemas import ScoresAnswer

_KEPT_BYTES = 16 << 20


class Scoreboard:
    """Writes the scores of studies, and remembers them until something happens to the study."""

    def __init__(self) -> None:
        self._recent: Recent[tuple[str, int, int, bool]] = Recent(_KEPT_BYTES)

    def written(self, session: Session, study_id: str, compressed: bool) -> bytes:
        """Returns a `ScoresAnswer` as JSON.

        Args:
            session: A transaction in which nothing changes.
            study_id: Of the study.
            compressed: Whether by gzip.

        Raises:
            NotFound: There is no such study.
        """
        done = queries.find(session, study_id).trials_done
        last_event = queries.last_event(session, study_id)

        def write() -> bytes:
            numbers, scores = queries.scores(session, study_id)
            # As it is: looking at twenty thousand numbers twice would take longer than to read them.
            answer = ScoresAnswer.model_construct(numbers=numbers, scores=scores, last_event=last_event)
            return answer.model_dump_json().encode()

        def compress() -> bytes:
            return in_gzip(self._recent.get((study_id, last_event, done, False), write))

        return self._recent.get((study_id, last_event, done, compressed), compress if compressed else write)
