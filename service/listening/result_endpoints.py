"""`/v1/listening-tests`, once it is known which sound was which: answers, analysis, report. And imports."""

from collections import Counter
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from nebula.listening import Plan, Preparation, analyse, methods_paragraph, verify
from service.accounts.access import Experimenter, GuardedRoute, Viewer
from service.api.parts import Given
from service.api.problems import COMMON, problems
from service.api.transactions import Transaction
from service.listening import outcome, queries, webmushra
from service.listening.endpoints import TestId
from service.listening.report import heard, report
from service.listening.schemas import AnalysisAnswer, ImportAnswer, ImportNoteAnswer, ImportPost
from service.listening.store import StimulusStore
from service.listening.tables import ListeningTest

router = APIRouter(
    route_class=GuardedRoute, prefix="/v1/listening-tests", tags=["listening tests"], responses=COMMON | problems(409)
)

_ANSWERS = TypeAdapter(dict[str, Any])

# One page with its own style, script and sounds. In a sandbox it can neither call this API nor read the browser's
# session.
_REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; media-src data:"
)


def _file(media_type: str, description: str) -> Any:
    return {200: {"description": description, "content": {media_type: {}}}}


@router.get("/{test_id}/analysis")
def get_analysis(session: Transaction, caller: Viewer, test_id: TestId) -> AnalysisAnswer:
    """Computes what an unblinded test found, as its plan says, with screening and without."""
    test = queries.find(session, test_id)
    plan, found = _plan(test), outcome.answers(session, test)
    analysis = analyse(found, plan)
    paragraph = methods_paragraph(
        analysis,
        test.loudness_lufs,
        test.commitment,
        queries.spec_of(test).loudness_lufs,
        (test.key_map or {}).get("replaced"),
        Preparation.of(test.key_map),
        hidden=True,
    )
    return AnalysisAnswer(analysis=analysis.to_json(), methods=paragraph)


@router.get("/{test_id}/report", response_class=Response, responses=_file("text/html", "A page that needs no other."))
def get_report(session: Transaction, parts: Given, caller: Viewer, test_id: TestId) -> Response:
    """Shows the report of an unblinded test."""
    test = queries.find(session, test_id)
    found, spec = outcome.answers(session, test), queries.spec_of(test)
    page = report(
        spec,
        analyse(found, _plan(test)),
        outcome.visitors(session, test),
        str(test.commitment),
        verify(str(test.commitment), test.key_map, str(test.salt)),
        test.loudness_lufs,
        (test.key_map or {}).get("replaced"),
        Preparation.of(test.key_map),
        heard(test, spec, parts[StimulusStore]),
    )
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": _REPORT_POLICY})


@router.get(
    "/{test_id}/answers.csv",
    response_class=Response,
    responses=_file("text/csv", "A row for each slot of each trial of each participant."),
)
def get_answers_table(session: Transaction, caller: Experimenter, test_id: TestId) -> Response:
    """Gives all answers of an unblinded test as a long table."""
    content = outcome.as_csv(session, queries.find(session, test_id))
    return Response(
        content, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="answers.csv"'}
    )


@router.get("/{test_id}/answers", response_model=dict[str, Any])
def get_answers(session: Transaction, caller: Experimenter, test_id: TestId) -> Response:
    """Gives all answers of an unblinded test, participant by participant."""
    content = outcome.as_json(session, queries.find(session, test_id))
    # Written in this thread: what FastAPI writes, it writes on the event loop, and there may be much.
    return Response(_ANSWERS.dump_json(content), media_type="application/json")


@router.post("/webmushra")
def read_webmushra(caller: Experimenter, body: ImportPost) -> ImportAnswer:
    """Reads a configuration of webMUSHRA: a spec for each kind of question, and what of it is not kept.

    Nothing is stored: look at them, and post them.
    """
    imported = webmushra.read(body.configuration, body.corpus)
    notes = [ImportNoteAnswer.model_validate(note) for note in imported.notes]
    return ImportAnswer(items=list(imported.specs), notes=notes)


def _plan(test: ListeningTest) -> Plan:
    queries.require_unblinded(test)
    assert test.key_map is not None
    plan = Plan.from_json(test.key_map["plan"])
    # Earlier versions froze plans with rules of one name, which a report could not tell apart: they are numbered.
    met: Counter[str] = Counter()
    rules = []
    for rule in plan.screening:
        met[rule.name] += 1
        rules.append(rule if met[rule.name] == 1 else replace(rule, name=f"{rule.name} ({met[rule.name]})"))
    # Nor did they write down what the spec has, too.
    planned = queries.spec_of(test).plan
    return replace(plan, screening=tuple(rules), tie=planned.tie, practice=planned.practice, scale=planned.scale)
