"""What a finished study has come to, in two sentences, and what to try next."""

import json
from pathlib import Path
from typing import Any

from nebula.tuning import StudySpec
from service.findings.schemas import FinalistAnswer, IntervalAnswer, JudgedAnswer, VerdictAnswer
from service.studies.results import study_folder
from service.studies.tables import Study

# Chance is a half: of what is told apart less often than this, classifiers are said to be hardly able to tell.
_HARDLY = 0.6
_EASILY = 0.75

# A nebula is called wide or narrow where less of it, or of the target, lies among the other's sounds.
_AMONG = 0.75

# From here on decimals of a ratio say nothing.
_MANY = 10

# Longer reasons why classifiers were not asked are told by the report.
_LONGEST_REASON = 200


def verdict(
    home: Path, study: Study, spec: StudySpec, target: str, finalists: list[FinalistAnswer]
) -> VerdictAnswer | None:
    """Returns what a finished study has come to; None before its results are written.

    Args:
        home: The home folder, in which studies leave their files.
        study: The study.
        spec: Its spec.
        target: What people call its target.
        finalists: The best first, the start among them.
    """
    path = study_folder(home, study.id) / "nebula.provenance.json"
    start = next((finalist for finalist in finalists if finalist.origin == "start"), None)
    if start is None or not path.exists():
        return None
    judging = json.loads(path.read_text(encoding="utf-8")).get("listener")
    judged = _judged(judging) if isinstance(judging, dict) else []
    found = finalists[0]
    is_beaten = found.high < start.low if spec.objective == "match" else found.low > start.high
    sentences = [_scored(spec, target, found, start, is_beaten)]
    if spec.objective == "match":
        sentences.append(_convincing(judged, judging if isinstance(judging, str) else "", is_beaten))
    return VerdictAnswer(sentences=sentences, judged=judged, advice=_advice(spec, judged, is_beaten))


def _judged(judging: dict[str, Any]) -> list[JudgedAnswer]:
    """Returns what classifiers make of the target itself, of the tuned nebula, and of the others."""
    found = []
    for place, one in enumerate(judging["judgements"]):
        role = "target" if place == 0 else {"tuned": "found"}.get(one["name"], "other")
        found.append(
            JudgedAnswer(
                role="start" if one["name"].startswith("start, ") else role,
                name=one["name"].removeprefix("start, "),
                told_apart=IntervalAnswer.model_validate(one["told_apart"]),
                precision=one["fidelity"]["precision"]["mean"],
                recall=one["fidelity"]["recall"]["mean"],
            )
        )
    return found


def _scored(spec: StudySpec, target: str, found: FinalistAnswer, start: FinalistAnswer, is_beaten: bool) -> str:
    towards = f"nearer to {target}" if spec.objective == "match" else "more varied"
    if found.origin == "start":
        return f"Nothing was found that is {towards} than {spec.search.start}, where the search began."
    scores = f"on fresh sounds it scores {found.mean:.3g}, the start {start.mean:.3g}"
    if not is_beaten:
        return f"What was found is not clearly {towards} than {spec.search.start}, where the search began: {scores}."
    better, worse = (found.mean, start.mean) if spec.objective == "match" else (start.mean, found.mean)
    if better <= 0:
        # Scores of either sign, as unbiased estimates have them, have no ratio.
        return f"What was found is clearly {towards} than {spec.search.start}, where the search began: {scores}."
    ratio = worse / better
    times = f"{ratio:.0f}" if ratio >= _MANY else f"{ratio:.2g}"
    as_near = f"as near to {target}" if spec.objective == "match" else "as varied"
    return f"What was found is {times} times {as_near} as {spec.search.start}, where the search began: {scores}."


def _convincing(judged: list[JudgedAnswer], reason: str, is_beaten: bool) -> str:
    told = next((one.told_apart for one in judged if one.role == "found"), None)
    if told is None:
        return f"Classifiers were not asked: {reason or 'nothing is known of the target'}."[:_LONGEST_REASON]
    share = f"{told.mean:.0%} of its sounds and the target’s are rightly told apart, where half would be chance"
    if told.mean < _HARDLY:
        return f"Classifiers can hardly tell it from the target: {share}."
    lead = "Yet classifiers" if is_beaten else "Classifiers"
    ease = "easily" if told.mean > _EASILY else "often"
    return f"{lead} {ease} tell it from the target: {share}."


def _advice(spec: StudySpec, judged: list[JudgedAnswer], is_beaten: bool) -> str:
    found = next((one for one in judged if one.role == "found"), None)
    if not is_beaten:
        return "Run it again with more trials or more sounds a trial, or from another start."
    if found is None or found.told_apart.mean < _HARDLY:
        return "Find out from people, in a blind listening test, whether they prefer it."
    wide, narrow = found.precision < _AMONG, found.recall < _AMONG
    if wide and found.precision <= found.recall:
        more = "run it again with nearness 1" if spec.search.nearness == 0 else "run it again with more trials"
        return f"It is too wide: {found.precision:.0%} of its sounds lie among the target’s. To narrow it, {more}."
    if narrow:
        more = (
            "let it tune which parameters go together"
            if spec.search.tune != "curves+correlation"
            else "run it again with more trials"
        )
        return f"It is too narrow: it covers {found.recall:.0%} of the target’s sounds. To widen it, {more}."
    return "Another synthesizer, or more trials, may come nearer; a blind listening test says whether it matters."
