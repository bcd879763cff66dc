"""`/v1/nebulae`."""

import json
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse

from nebula import Corpus, Nebula, distances, synths
from nebula.data import draw_presets
from service.accounts import audit
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.accounts.caller import Caller
from service.api.forms import MEDIA_TYPES, SoundForm, SoundForms, wav
from service.api.idempotency import Idempotent
from service.api.loudness import Loudness
from service.api.pages import Limit, Page
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.ranges import SOUND_RESPONSES, FormQuery, LoudnessQuery, ranged
from service.api.transactions import Transaction
from service.corpora.targets import usable
from service.database import Database
from service.errors import Conflict, RequestError, Unprocessable
from service.nebulae import queries
from service.nebulae.archive import zipped
from service.nebulae.contrast import SOUNDS, MmdMeter, differences
from service.nebulae.schemas import (
    ComponentAnswer,
    Curve,
    DifferenceAnswer,
    Differences,
    MmdAnswer,
    NebulaAnswer,
    NebulaPatch,
    NebulaPost,
    NebulaSummary,
    PreviewPost,
    SurroundingsAnswer,
    SurroundingsPost,
    VariationAnswer,
    VariationPost,
)
from service.nebulae.shelf import Origin, Shelf, check_name
from service.nebulae.sounds import SoundRenderer
from service.nebulae.surroundings import around_presets, around_sound
from service.nebulae.tables import KeptNebula
from service.nebulae.variation import varied
from service.settings import Settings

router = APIRouter(route_class=GuardedRoute, prefix="/v1/nebulae", tags=["nebulae"], responses=COMMON)

Name = Annotated[str, Path(max_length=64, description="As the list of nebulae shows it.")]
Others = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Query(alias="other", min_length=1, max_length=5, description="Names of other nebulae."),
]
Seed = Annotated[int, Path(ge=0, lt=2**32, description="A seed is a sound.")]

#: Sounds of shipped and found nebulae never change; a kept one may be deleted and its name given to another.
_KEEP_SECONDS = 60

#: As many as a bank of most synths holds, four times over.
MOST_PRESETS = 128

Count = Annotated[int, Query(ge=1, le=MOST_PRESETS, description="How many sounds, with consecutive seeds.")]
FirstSeed = Annotated[int, Query(ge=0, lt=2**32 - MOST_PRESETS, description="Of the first sound.")]

_SOUND: dict[int | str, dict[str, Any]] = {200: SOUND_RESPONSES[200]}


@router.get("")
def list_nebulae(
    session: Transaction,
    parts: Given,
    caller: Viewer,
    origin: Origin | None = None,
    starred: Annotated[bool, Query(description="Only those that who asks has starred.")] = False,
    after: Annotated[str | None, Query(max_length=64, description="`next` of the answer before.")] = None,
    limit: Limit = 100,
) -> Page[NebulaSummary]:
    """Lists nebulae: shipped ones, kept ones, then those found, the newest first."""
    stars = queries.starred(session, caller.key_id)
    listed = [
        entry
        for entry in parts[Shelf].all(session)
        if origin in (None, entry.origin) and (entry.name in stars or not starred)
    ]
    first = 0
    if after is not None:
        names = [entry.name for entry in listed]
        if after not in names:
            raise RequestError(f"after: got {after!r}, expected `next` of the answer before")
        first = names.index(after) + 1
    shown = listed[first : first + limit]
    following = shown[-1].name if shown and first + limit < len(listed) else None
    items = [NebulaSummary(**asdict(entry), starred=entry.name in stars) for entry in shown]
    return Page[NebulaSummary](items=items, next=following)


@router.post("", status_code=201, responses=problems(409))
def import_nebula(
    session: Transaction, parts: Given, once: Idempotent, caller: Experimenter, body: NebulaPost
) -> NebulaAnswer:
    """Keeps a nebula, imported from its file or shaped by hand, under a new name."""

    def do() -> NebulaAnswer:
        name = check_name(body.name)
        nebula = _given(session, parts[Shelf], body, name)
        parent = None if body.saved_from is None else parts[Shelf].find(session, body.saved_from)[0]
        source = () if parent is None else (parent.name, parent.title)
        queries.add(session, name, nebula, caller.key_id, *source)
        audit.record(session, caller, "nebula.import", name)
        return _answer(session, parts[Shelf], caller, name)

    return once(session, caller.key_id, body, do, NebulaAnswer)


@router.post("/preview", response_class=Response, responses=_SOUND)
def preview(session: Transaction, parts: Given, caller: Viewer, body: PreviewPost) -> Response:
    """Plays a sound of a nebula that is not kept, such as one that is being shaped."""
    nebula = _given(session, parts[Shelf], body, "preview")
    return Response(parts[SoundRenderer].flac(nebula, body.seed, body.loudness), media_type="audio/flac")


@router.post("/variations")
def vary(caller: Viewer, body: VariationPost) -> VariationAnswer:
    """Gives a nebula near another, by chance; nothing is kept."""
    made = varied(Nebula.from_json(json.dumps(body.nebula), "variation"), body.width, body.seed, body.locked)
    return VariationAnswer(curves=list(made.curves), falls=list(made.falls), symmetric=list(made.symmetric))


@router.post("/surroundings")
def surround(parts: Given, caller: Viewer, body: SurroundingsPost) -> SurroundingsAnswer:
    """Gives a nebula around presets, or around the sound of a seed of another one; nothing is kept. Takes seconds."""
    if (body.presets is None) == (body.nebula is None):
        raise Unprocessable(
            f"presets, nebula: got {'neither' if body.nebula is None else 'both'}, expected one of them"
        )
    if body.presets is not None:
        made, names = around_presets(body.presets, body.width, body.number)
    else:
        # No transaction is held for as long as it takes.
        with parts[Database].read() as session:
            _, nebula = parts[Shelf].find(session, str(body.nebula))
        made, names = around_sound(nebula, body.seed, body.width)
    return SurroundingsAnswer(nebula=json.loads(made.to_json()), names=list(names))


@router.get("/{name}")
def get_nebula(session: Transaction, parts: Given, caller: Viewer, name: Name) -> NebulaAnswer:
    """Shows a nebula, parameter by parameter."""
    return _answer(session, parts[Shelf], caller, name)


@router.patch("/{name}", responses=problems(409))
def rename_nebula(
    session: Transaction, parts: Given, caller: Experimenter, name: Name, body: NebulaPatch
) -> NebulaAnswer:
    """Gives a kept nebula another name."""
    kept = _changeable(session, name)
    new = check_name(body.name)
    if new != name:
        queries.rename(session, kept, new)
        audit.record(session, caller, "nebula.rename", name, name=new)
    return _answer(session, parts[Shelf], caller, new)


@router.delete("/{name}", status_code=204, responses=problems(409))
def delete_nebula(session: Transaction, caller: Experimenter, name: Name) -> None:
    """Deletes a kept nebula, unless a study needs it."""
    queries.remove(session, _changeable(session, name))
    audit.record(session, caller, "nebula.delete", name)


@router.put("/{name}/star", status_code=204)
def star_nebula(session: Transaction, parts: Given, caller: Experimenter, name: Name) -> None:
    """Stars a nebula for who asks, of whatever origin."""
    queries.hold(session, name)
    entry, _ = parts[Shelf].find(session, name)
    queries.star(session, caller.key_id, entry.name)
    audit.record(session, caller, "nebula.star", entry.name)


@router.delete("/{name}/star", status_code=204)
def unstar_nebula(session: Transaction, parts: Given, caller: Experimenter, name: Name) -> None:
    """Takes the star of who asks away."""
    entry, _ = parts[Shelf].find(session, name)
    queries.unstar(session, caller.key_id, entry.name)
    audit.record(session, caller, "nebula.unstar", entry.name)


@router.get("/{name}/export", response_class=Response, responses={200: {"content": {"application/json": {}}}})
def export_nebula(session: Transaction, parts: Given, caller: Viewer, name: Name) -> Response:
    """Gives a nebula as a file: torchsynth's JSON form where that holds all of it, else ours."""
    entry, nebula = parts[Shelf].find(session, name)
    return _file(f"{entry.title}.json", nebula.to_json())


@router.get("/{name}/presets", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}})
def export_presets(
    session: Transaction,
    parts: Given,
    caller: Viewer,
    name: Name,
    count: Count = 32,
    seed: FirstSeed = 0,
    format: Annotated[  # noqa: A002 - the query's name
        str | None, Query(max_length=8, description="What the synth itself loads, json or csv; its own if not given.")
    ] = None,
) -> Response:
    """Gives sounds of a nebula as presets: what the synth itself loads, or settings to be read."""
    entry, nebula = parts[Shelf].find(session, name)
    chosen = format or synths.get(nebula.synth).preset_formats[0]
    presets = draw_presets(nebula, range(seed, seed + count), chosen)
    headers = {"Content-Disposition": f'attachment; filename="{entry.title}.{chosen}"'}
    return Response(presets, media_type="application/octet-stream", headers=headers)


@router.get(
    "/{name}/sounds.zip", response_class=StreamingResponse, responses={200: {"content": {"application/zip": {}}}}
)
def export_sounds(
    session: Transaction,
    parts: Given,
    caller: Viewer,
    name: Name,
    count: Count = 32,
    seed: FirstSeed = 0,
    form: Annotated[Literal["wav", "flac"], Query(alias="as", description="As what each of them comes.")] = "wav",
    loudness: LoudnessQuery = Loudness.OWN,
) -> StreamingResponse:
    """Gives sounds of a nebula in one file, with a table of the values that make them: 4 s, mono, 44.1 kHz."""
    entry, nebula = parts[Shelf].find(session, name)
    renderer = parts[SoundRenderer]

    def sound(seed: int) -> bytes:
        flac = renderer.flac(nebula, seed, loudness)
        return wav(flac) if form == "wav" else flac

    # What cannot be rendered is told before anything is sent.
    sound(seed)
    content = zipped(nebula, entry.title, range(seed, seed + count), sound, form)
    headers = {"Content-Disposition": f'attachment; filename="{entry.title}.zip"'}
    return StreamingResponse(content, media_type="application/zip", headers=headers)


@router.get("/{name}/sounds/{seed}.flac", response_class=Response, responses=SOUND_RESPONSES)
def get_sound(
    session: Transaction,
    request: Request,
    parts: Given,
    caller: Viewer,
    name: Name,
    seed: Seed,
    loudness: LoudnessQuery = Loudness.OWN,
    form: FormQuery = SoundForm.FLAC,
) -> Response:
    """Plays the sound of a seed: 4 s, mono, 44.1 kHz."""
    _, nebula = parts[Shelf].find(session, name)
    content = parts[SoundForms].of(parts[SoundRenderer].flac(nebula, seed, loudness), form)
    return ranged(request, content, MEDIA_TYPES[form], keep_seconds=_KEEP_SECONDS)


@router.get("/{name}/differences")
def get_differences(session: Transaction, parts: Given, caller: Viewer, name: Name, others: Others) -> Differences:
    """Lists the parameters in which up to six nebulae of one synth differ, the curves furthest apart first."""
    found = differences([parts[Shelf].find(session, each)[1] for each in (name, *others)])
    return Differences(
        items=[
            DifferenceAnswer(
                module=difference.parameter.module,
                name=difference.parameter.name,
                curves=list(difference.curves),
                symmetric=list(difference.symmetric),
                falls=list(difference.falls),
            )
            for difference in found
        ]
    )


@router.get("/{name}/mmd")
def get_mmd(
    session: Transaction,
    parts: Given,
    caller: Experimenter,
    name: Name,
    other: Annotated[str | None, Query(max_length=64, description="Name of another nebula.")] = None,
    corpus: Annotated[str | None, Query(pattern="^[0-9a-f]{16}$", description="Id of a corpus instead.")] = None,
    distance: Literal[distances.quick_names()] = "log-mel",  # type: ignore[valid-type]  # the room of distances decides
    sounds: Annotated[int, Query(ge=2, le=SOUNDS, description="In each of the random sets.")] = 128,
) -> MmdAnswer:
    """Measures how far the sounds of a nebula are from another's or a corpus'. Takes seconds; one at a time."""
    if (other is None) == (corpus is None):
        raise RequestError(f"other, corpus: got {'neither' if other is None else 'both'}, expected one of them")
    _, nebula = parts[Shelf].find(session, name)
    against: Nebula | Corpus
    if corpus is not None:
        against = usable(session, parts[Settings].home, corpus)
    else:
        _, against = parts[Shelf].find(session, str(other))
    trials = parts[MmdMeter].mmd(nebula, against, distance, sounds)
    return MmdAnswer(mmd=trials.mean, standard_deviation=trials.standard_deviation, distance=distance, sounds=sounds)


def _given(session: Session, shelf: Shelf, body: NebulaPost | PreviewPost, name: str) -> Nebula:
    if body.correlation is not None and body.correlation_of is not None:
        raise Unprocessable("correlation, correlation_of: got both, expected at most one")
    correlation = None if body.correlation is None else json.dumps(body.correlation)
    nebula = Nebula.from_json(json.dumps(body.nebula), name, correlation=correlation)
    if body.correlation_of is not None:
        like = _like(session, shelf, nebula, "correlation_of", body.correlation_of)
        nebula = replace(nebula, correlation=like.correlation)
    if body.others_of is not None:
        if nebula.others:
            raise Unprocessable("others_of: got a mixture to take the place of a component, expected a plain nebula")
        nebula = replace(nebula, others=_like(session, shelf, nebula, "others_of", body.others_of).others)
    return nebula


def _like(session: Session, shelf: Shelf, nebula: Nebula, field: str, name: str) -> Nebula:
    _, like = shelf.find(session, name)
    if like.synth != nebula.synth:
        raise Unprocessable(f"{field}: got a nebula of the synth {like.synth!r}, expected one of {nebula.synth!r}")
    return like


def _file(name: str, text: str) -> Response:
    # Neither names nor titles hold what would have to be quoted: studies are named by the same rule.
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/json", headers=headers)


def _changeable(session: Session, name: str) -> KeptNebula:
    if name in Nebula.shipped():
        raise Conflict(f"nebula {name!r}: is shipped with the package and cannot be changed")
    kept = queries.find(session, name)
    queries.refuse_if_needed(session, name)
    return kept


def _answer(session: Session, shelf: Shelf, caller: Caller, name: str) -> NebulaAnswer:
    entry, nebula = shelf.find(session, name)
    rows = zip(nebula.panel, nebula.curves, nebula.falls, nebula.symmetric, strict=True)
    parameters = [
        Curve(**asdict(parameter), curve=curve, fall=fall, symmetric=flag) for parameter, curve, fall, flag in rows
    ]
    return NebulaAnswer(
        **asdict(entry),
        starred=entry.name in queries.starred(session, caller.key_id),
        parameters=parameters,
        components=[
            ComponentAnswer(weight=weight, curves=part.curves, falls=part.falls, symmetric=part.symmetric)
            for weight, part in nebula.components
        ],
        preset_formats=list(synths.get(nebula.synth).preset_formats),
        correlated=nebula.correlation is not None,
    )
