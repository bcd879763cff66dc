"""What the API keeps at hand for corpora: their files, the decoder, the inspection, and sounds played lately."""

from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from service.api.loudness import Loudness
from service.api.recent import Recent
from service.corpora import queries
from service.corpora.decoder import Decoder
from service.corpora.inspection import Inspector
from service.corpora.store import CorpusStore
from service.database import Database
from service.settings import Settings

#: Sounds of 4 s take a quarter of a megabyte.
RECENT_BYTES = 2**25


class Library:
    """Uploaded corpora in a running server.

    Args:
        settings: Where the home folder is, and what may be uploaded.
        database: Where corpora are entered.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.store = CorpusStore(settings.home)
        self.decoder = Decoder()
        self.inspector = Inspector(database, self.store, self.decoder)
        self._played = Recent[tuple[str, str, Loudness]](RECENT_BYTES)

    def start(self) -> None:
        """Clears away what earlier processes left unfinished, and goes on reading what they had not read."""
        self.store.clean(self._is_known)
        self.inspector.start()

    def stop(self) -> None:
        """Ends the thread and the process that read sounds."""
        self.inspector.stop()
        self.decoder.close()

    def flac(self, corpus_id: str, name: str, loudness: Loudness = Loudness.OWN) -> bytes:
        """Returns a sound as FLAC, at the level that is asked for.

        Raises:
            SoundError: It cannot be used.
            CorpusError: The corpus cannot be used any more.
        """

        def read() -> bytes:
            return self.decoder.flac(self.store.content(corpus_id), name, loudness)

        return self._played.get((corpus_id, name, loudness), read)

    def forget(self, corpus_id: str) -> None:
        """Removes a corpus' files unless the database knows it; where it cannot be asked, the next start does."""
        with suppress(SQLAlchemyError):
            if not self._is_known(corpus_id):
                self.store.remove(corpus_id)

    def _is_known(self, corpus_id: str) -> bool:
        with self.database.read() as session:
            return queries.is_known(session, corpus_id)
