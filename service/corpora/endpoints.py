"""`/v1/corpora`."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from fastapi import Path as InPath
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from nebula.errors import CorpusError
from service.accounts import audit
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.accounts.caller import Caller
from service.api.forms import MEDIA_TYPES, SoundForm, SoundForms
from service.api.idempotency import Idempotent
from service.api.loudness import Loudness
from service.api.pages import After, Limit, Page
from service.api.parts import Given, Parts
from service.api.problems import COMMON, problems
from service.api.ranges import SOUND_RESPONSES, FormQuery, LoudnessQuery, ranged
from service.api.transactions import Transaction
from service.corpora import queries
from service.corpora.decoder import Listing
from service.corpora.elsewhere import Elsewhere
from service.corpora.library import Library
from service.corpora.schemas import (
    CorpusAnswer,
    CorpusSummary,
    CorpusTest,
    CorpusUse,
    ExclusionPatch,
    SoundAnswer,
    VersionPost,
)
from service.corpora.store import content_of
from service.corpora.tables import CorpusState, UploadedCorpus
from service.corpora.uploads import Limits, Received, Upload
from service.database.names import LONGEST_NAME
from service.errors import Conflict, TooLarge, Unprocessable
from service.studies.states import NEEDING

router = APIRouter(route_class=GuardedRoute, prefix="/v1/corpora", tags=["corpora"], responses=COMMON)

CorpusId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$", description="As the answer to its upload told.")]
Number = Annotated[int, InPath(ge=0, lt=2**31, description="Of the sound, from 0.")]

#: The answer to an upload waits this long for the sounds to be read, so that a script need not ask again for a small
#: corpus; proxies end a request after a minute.
WAIT_SECONDS = 20.0


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
                            "maxLength": LONGEST_NAME,
                            "description": "What people call it; the name of the zip, folder or file if not given.",
                        },
                        "base": {
                            "type": "string",
                            "pattern": "^[0-9a-f]{16}$",
                            "description": "Id of a corpus whose sounds it is to have, too, as they are there. What "
                            "is added to it comes as files.",
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
    takes long. With a base, the new corpus has the sounds of that one, too, and what is known of them.
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
        base_id = await run_sync(_add_base, library, folder, received)
        listing = await run_sync(_listing, library, folder, received, limits)
        corpus_id = await run_sync(_enter, library, folder, received, listing, caller, base_id)
    finally:
        # In this thread: a client that hangs up cancels whatever is awaited.
        library.store.end(folder)
    library.inspector.wake()
    await run_sync(library.inspector.wait, corpus_id, WAIT_SECONDS)
    return await run_sync(_shown_now, parts, corpus_id)


@router.get("")
def list_corpora(session: Transaction, caller: Viewer, after: After = None, limit: Limit = 50) -> Page[CorpusSummary]:
    """Lists corpora, the newest first."""
    corpora, following = queries.listed(session, after, limit)
    return Page[CorpusSummary](items=[CorpusSummary.model_validate(corpus) for corpus in corpora], next=following)


@router.get("/{corpus_id}")
def get_corpus(session: Transaction, parts: Given, caller: Viewer, corpus_id: CorpusId) -> CorpusAnswer:
    """Shows a corpus."""
    return _shown(session, parts, queries.find(session, corpus_id))


@router.delete("/{corpus_id}", status_code=204, responses=problems(409))
def delete_corpus(
    session: Transaction, parts: Given, caller: Experimenter, corpus_id: CorpusId, afterwards: BackgroundTasks
) -> None:
    """Deletes a corpus and its files, unless a study needs it."""
    queries.delete(session, corpus_id)
    audit.record(session, caller, "corpus.delete", corpus_id)
    # Once it is committed: files without a row are removed at the next start, a row without files would be a fault.
    afterwards.add_task(parts[Library].store.remove, corpus_id)


@router.post("/{corpus_id}/versions", status_code=201, responses=problems(409))
def make_version(
    session: Transaction, parts: Given, once: Idempotent, caller: Experimenter, corpus_id: CorpusId, body: VersionPost
) -> CorpusAnswer:
    """Makes a corpus of the sounds of another one, but for some, or with some put back; the other stays as it is.

    What is known of the sounds is taken over, and their files take no more room on most disks.
    """
    store = parts[Library].store

    def do() -> CorpusAnswer:
        base = queries.find(session, corpus_id, changing=True)  # held, so that nobody deletes it meanwhile
        folder = store.begin()
        try:
            store.add(corpus_id, folder)
            name = _checked(body.name) if body.name is not None else queries.version_name(session, base.name)
            version = _version(base, store.id_of(folder), name, caller)
            queries.make_version(session, base, version, body.exclude, body.include)
            audit.record(session, caller, "corpus.version", version.id, name=name, base=corpus_id)
            # Should the transaction fail yet, files without a row are removed at the next start.
            store.keep(folder)
        finally:
            store.end(folder)
        return _shown(session, parts, version)

    return once(session, caller.key_id, body, do, CorpusAnswer)


@router.patch("/{corpus_id}/sounds", responses=problems(409))
def exclude_sounds(
    session: Transaction, parts: Given, caller: Experimenter, corpus_id: CorpusId, body: ExclusionPatch
) -> CorpusAnswer:
    """Leaves sounds out of a corpus that no study has used, or puts them back; of others, make a version."""
    corpus = queries.exclude(session, corpus_id, body.exclude, body.include)
    audit.record(session, caller, "corpus.exclude", corpus_id, exclude=body.exclude, include=body.include)
    return _shown(session, parts, corpus)


@router.get("/{corpus_id}/sounds")
def list_sounds(
    session: Transaction,
    caller: Viewer,
    corpus_id: CorpusId,
    skipped: bool | None = None,
    excluded: bool | None = None,
    search: Annotated[str, Query(max_length=200, description="Part of their names, whatever the case.")] = "",
    after: After = None,
    limit: Limit = 100,
) -> Page[SoundAnswer]:
    """Lists the sounds of a corpus by number.

    With `skipped` only those that cannot be used, or, false, those that are used; with `excluded` those that somebody
    has left out, or only the others.
    """
    queries.find(session, corpus_id)
    sounds, following = queries.sounds(session, corpus_id, skipped, excluded, search, after, limit)
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


def _listing(library: Library, folder: Path, received: Received, limits: Limits) -> Listing:
    path = content_of(folder)
    try:
        listing = library.decoder.listing(path)
    except CorpusError as error:
        raise Unprocessable(f"upload: {str(error).removeprefix(f'{path}: ')}") from error
    if len(listing.names) > limits.files:
        raise TooLarge(f"upload: {len(listing.names)} sounds, more than {limits.files}, the most allowed in one corpus")
    return listing._replace(refused=[*received.refused, *listing.refused])


def _add_base(library: Library, folder: Path, received: Received) -> str | None:
    """Adds the files of the corpus that the upload names as its base, and returns its id; None if it names none."""
    base_id = received.fields.get("base", "").strip()
    if not base_id:
        return None
    with library.database.read() as session:
        base = queries.find(session, base_id)
        if base.state is not CorpusState.READY:
            raise Conflict(f"base: got corpus {base_id!r}, which is {base.state}, expected one that is ready")
        if "name" not in received.fields:
            received.fields["name"] = queries.version_name(session, base.name)
    if content_of(folder).is_file():
        raise Unprocessable("upload: got a zip to be added to a corpus, expected files")
    try:
        removed = set(library.store.add(base_id, folder))
    except FileNotFoundError as error:
        raise Conflict(f"base: corpus {base_id!r} is deleted at this moment") from error
    received.refused += [(name, "is called like a sound that is there already") for name in sorted(removed)]
    return base_id


def _version(base: UploadedCorpus, version_id: str, name: str, caller: Caller) -> UploadedCorpus:
    kept = (
        "state",
        "reason",
        "size_bytes",
        "sounds_total",
        "sounds_read",
        "sounds_usable",
        "sounds_excluded",
        "seconds",
    )
    told = {key: getattr(base, key) for key in (*kept, "remarks", "changes")}
    return UploadedCorpus(id=version_id, name=name, owner=caller.key_id, base=base.id, **told)


def _enter(
    library: Library, folder: Path, received: Received, listing: Listing, caller: Caller, base_id: str | None
) -> str:
    corpus = UploadedCorpus(
        id=library.store.id_of(folder),
        name=_name(received),
        size_bytes=received.size_bytes,
        sounds_total=len(listing.names) + len(listing.refused),
        remarks=listing.remarks,
        owner=caller.key_id,
        base=base_id,
    )
    try:
        with library.database.begin() as session:
            queries.add(session, corpus, listing.names, listing.refused)
            if base_id is not None:
                queries.take_over(session, base_id, corpus)
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
        return _checked(asked)
    first = PurePosixPath(received.files[0])
    common = first.parts[0] if len(first.parts) > 1 else first.stem if len(received.files) == 1 else "sounds"
    return common[:LONGEST_NAME]


def _checked(name: str) -> str:
    if len(name) > LONGEST_NAME or not name.strip() or not name.isprintable():
        raise Unprocessable(f"name: got {name[:80]!r}, expected at most {LONGEST_NAME} characters in one line")
    return name


def _shown_now(parts: Parts, corpus_id: str) -> CorpusAnswer:
    with parts[Library].database.read() as session:
        return _shown(session, parts, queries.find(session, corpus_id))


def _shown(session: Session, parts: Parts, corpus: UploadedCorpus) -> CorpusAnswer:
    summary = CorpusSummary.model_validate(corpus)
    uses = queries.uses(session, corpus.id)
    return CorpusAnswer(
        **summary.model_dump(),
        remarks=queries.remarks(corpus),
        studies=[study.id for study in reversed(uses) if study.state in NEEDING],
        used_by=[CorpusUse.model_validate(study) for study in uses],
        listening_tests=[CorpusTest.model_validate(test) for test in parts[Elsewhere].tests(session, corpus.id)],
        matches=parts[Elsewhere].matches(session, corpus.id),
        base=corpus.base,
    )
