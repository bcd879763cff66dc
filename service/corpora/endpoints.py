"""`/v1/corpora`."""

from pathlib import PurePosixPath
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from nebula.errors import CorpusError
from service.accounts import audit
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.accounts.caller import Caller
from service.api.forms import MEDIA_TYPES, SoundForm, SoundForms
from service.api.loudness import Loudness
from service.api.pages import After, Limit, Page
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.ranges import SOUND_RESPONSES, FormQuery, LoudnessQuery, ranged
from service.api.transactions import Transaction
from service.corpora import queries
from service.corpora.decoder import Listing
from service.corpora.library import Library
from service.corpora.schemas import CorpusAnswer, CorpusSummary, SoundAnswer
from service.corpora.store import content_of
from service.corpora.tables import UploadedCorpus
from service.corpora.uploads import Limits, Received, Upload
from service.errors import Conflict, TooLarge, Unprocessable

router = APIRouter(route_class=GuardedRoute, prefix="/v1/corpora", tags=["corpora"], responses=COMMON)

CorpusId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the answer to its upload told.")]
Number = Annotated[int, Path(ge=0, lt=2**31, description="Of the sound, from 0.")]

#: The answer to an upload waits this long for the sounds to be read, so that a script need not ask again for a small
#: corpus; proxies end a request after a minute.
WAIT_SECONDS = 20.0

_LONGEST_NAME = 64

_MULTIPART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "Sounds, whose file names may be paths, or one zip of them.",
                        },
                        "name": {
                            "type": "string",
                            "maxLength": _LONGEST_NAME,
                            "description": "What people call it; the name of the zip, folder or file if not given.",
                        },
                    },
                }
            }
        },
    }
}


@router.post("", status_code=201, openapi_extra=_MULTIPART, responses=problems(409))
async def upload_corpus(request: Request, parts: Given, caller: Experimenter) -> CorpusAnswer:
    """Takes sounds: one or many files, or a single zip.

    Every sound is then read once. The answer comes when that is done, or earlier with the state `reading` where it
    takes long.
    """
    library = parts[Library]
    limits = Limits(library.settings.corpus_bytes, library.settings.corpus_files)
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limits.size_bytes:
        raise TooLarge(f"upload: got {int(announced)} bytes, expected at most {limits.size_bytes}")
    folder = await run_sync(library.store.begin)
    try:
        upload = Upload(request.headers.get("content-type", ""), folder, limits)
        try:
            # Disks may be slow; the event loop serves others meanwhile.
            async for block in request.stream():
                await run_sync(upload.feed, block)
        finally:
            upload.close()
        received = await run_sync(upload.finish)
        listing = await run_sync(_listing, library, folder, received, limits)
        corpus_id = await run_sync(_enter, library, folder, received, listing, caller)
    finally:
        # In this thread: a client that hangs up cancels whatever is awaited.
        library.store.end(folder)
    library.inspector.wake()
    await run_sync(library.inspector.wait, corpus_id, WAIT_SECONDS)
    return await run_sync(_shown_now, library, corpus_id)


@router.get("")
def list_corpora(session: Transaction, caller: Viewer, after: After = None, limit: Limit = 50) -> Page[CorpusSummary]:
    """Lists corpora, the newest first."""
    corpora, following = queries.listed(session, after, limit)
    return Page[CorpusSummary](items=[CorpusSummary.model_validate(corpus) for corpus in corpora], next=following)


@router.get("/{corpus_id}")
def get_corpus(session: Transaction, caller: Viewer, corpus_id: CorpusId) -> CorpusAnswer:
    """Shows a corpus."""
    return _shown(session, queries.find(session, corpus_id))


@router.delete("/{corpus_id}", status_code=204, responses=problems(409))
def delete_corpus(
    session: Transaction, parts: Given, caller: Experimenter, corpus_id: CorpusId, afterwards: BackgroundTasks
) -> None:
    """Deletes a corpus and its files, unless a study needs it."""
    queries.delete(session, corpus_id)
    audit.record(session, caller, "corpus.delete", corpus_id)
    # Once it is committed: files without a row are removed at the next start, a row without files would be a fault.
    afterwards.add_task(parts[Library].store.remove, corpus_id)


@router.get("/{corpus_id}/sounds")
def list_sounds(
    session: Transaction,
    caller: Viewer,
    corpus_id: CorpusId,
    skipped: bool | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[SoundAnswer]:
    """Lists the sounds of a corpus by number; with `skipped` only those that cannot be used, or only the others."""
    queries.find(session, corpus_id)
    sounds, following = queries.sounds(session, corpus_id, skipped, after, limit)
    return Page[SoundAnswer](items=[SoundAnswer.model_validate(sound) for sound in sounds], next=following)


@router.get("/{corpus_id}/sounds/{number}", response_class=Response, responses=SOUND_RESPONSES | problems(409))
def get_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    caller: Viewer,
    corpus_id: CorpusId,
    number: Number,
    loudness: LoudnessQuery = Loudness.OWN,
    form: FormQuery = SoundForm.FLAC,
) -> Response:
    """Plays a sound, as studies hear it: mono, at 44.1 kHz; the first 30 s of it."""
    sound = queries.find_sound(session, corpus_id, number)
    if sound.reason:
        raise Conflict(f"sound {sound.name!r}: {sound.reason}")
    content = parts[SoundForms].of(parts[Library].flac(corpus_id, sound.name, loudness), form)
    return ranged(request, content, MEDIA_TYPES[form], keep_seconds=86400)


def _listing(library: Library, folder: Any, received: Received, limits: Limits) -> Listing:
    path = content_of(folder)
    try:
        listing = library.decoder.listing(path)
    except CorpusError as error:
        raise Unprocessable(f"upload: {str(error).removeprefix(f'{path}: ')}") from error
    if len(listing.names) > limits.files:
        raise TooLarge(f"upload: {len(listing.names)} sounds, more than {limits.files}, the most allowed in one corpus")
    return listing._replace(refused=[*received.refused, *listing.refused])


def _enter(library: Library, folder: Any, received: Received, listing: Listing, caller: Caller) -> str:
    corpus = UploadedCorpus(
        id=library.store.id_of(folder),
        name=_name(received),
        size_bytes=received.size_bytes,
        sounds_total=len(listing.names) + len(listing.refused),
        remarks=listing.remarks,
        owner=caller.key_id,
    )
    try:
        with library.database.begin() as session:
            queries.add(session, corpus, listing.names, listing.refused)
            audit.record(session, caller, "corpus.upload", corpus.id, name=corpus.name, files=len(listing.names))
            library.store.keep(folder)
    except SQLAlchemyError:
        # A disk that has no room for the row is not to stay full of the files.
        library.forget(corpus.id)
        raise
    return corpus.id


def _name(received: Received) -> str:
    """What was asked for, or what the zip, the folder or the file is called."""
    asked = received.fields.get("name", "").strip()
    if asked:
        if len(asked) > _LONGEST_NAME or not asked.isprintable():
            raise Unprocessable(f"name: got {asked[:80]!r}, expected at most {_LONGEST_NAME} characters in one line")
        return asked
    first = PurePosixPath(received.files[0])
    common = first.parts[0] if len(first.parts) > 1 else first.stem if len(received.files) == 1 else "sounds"
    return common[:_LONGEST_NAME]


def _shown_now(library: Library, corpus_id: str) -> CorpusAnswer:
    with library.database.read() as session:
        return _shown(session, queries.find(session, corpus_id))


def _shown(session: Session, corpus: UploadedCorpus) -> CorpusAnswer:
    summary = CorpusSummary.model_validate(corpus)
    remarks, studies = queries.remarks(corpus), queries.users(session, corpus.id)
    return CorpusAnswer(**summary.model_dump(), remarks=remarks, studies=studies)
