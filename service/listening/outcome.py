"""What came out of an unblinded test: who said what about which system, as the statistics and as files take it."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from nebula.listening import Answer, Answers, Choice, Method, Participant
from service.listening import queries
from service.listening.design import Question, letters, questions
from service.listening.report import Visitor
from service.listening.stages import VisitStage
from service.listening.tables import ListeningParticipant, ListeningQuestion, ListeningSound, ListeningTest

#: Columns of the long table: a row for each slot of each question, finished or not, practice too.
COLUMNS = (
    "test",
    "participant",
    "group",
    "trial",
    "number",
    "practice",
    "check",
    "item",
    "slot",
    "position",
    "system",
    "sources",
    "rating",
    "choice",
    "right",
    "tags",
    "plays",
    "seconds",
    "changes",
    "finished",
    "began_at",
    "saved_at",
    "outputs",
)

# Earlier versions took answers of any depth, which the writer of the response does not; deeper ones are given as text.
_DEPTH = 8

# What spreadsheets take for a formula when a cell begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, eq=False)
class PresentedQuestion:
    """One question of one participant, with what each slot played."""

    participant: ListeningParticipant
    question: ListeningQuestion
    asked: Question
    sources: dict[str, list[dict[str, Any]]]

    @property
    def judged(self) -> tuple[str, ...]:
        """The systems that answers are about: in same or different both, whichever were played, and never X."""
        if self.asked.method is Method.SAME_DIFFERENT:
            return self.asked.systems
        return tuple(self.question.systems[: 2 if self.asked.method is Method.ABX else None])

    @property
    def passed(self) -> bool | None:
        """Whether an attention check was answered rightly; nothing before it is answered."""
        choice = (self.question.answer or {}).get("choice")
        if choice is None:
            return None
        return choice == "tie" if self.asked.method is Method.PREFERENCE else bool(self.judgement(0).get("right"))

    def judgement(self, position: int) -> dict[str, Any]:
        """Returns rating, or choice and whether it is right, of one slot; nothing where it has none yet."""
        answer, played = self.question.answer or {}, self.question.systems
        choice, letter = answer.get("choice"), letters(self.asked.method, len(played))[position]
        if choice is None or letter == "X":
            return {"rating": answer["ratings"].get(letter)} if answer.get("ratings") else {}
        if choice == "tie":
            return {"choice": Choice.TIED}
        if choice in ("same", "different"):
            return {"choice": Choice(choice), "right": (choice == "different") == (len(set(played)) == 2)}
        chosen = {"choice": Choice.CHOSEN if choice == letter else Choice.PASSED}
        if self.asked.method is not Method.ABX:
            return chosen
        return {**chosen, "right": played["AB".index(choice)] == played[2]}


def presented(session: Session, test: ListeningTest) -> list[PresentedQuestion]:
    """Returns all questions of a test by participant and in the order in which they were presented.

    Raises:
        Conflict: It is not unblinded.
    """
    queries.require_unblinded(test)
    assert test.key_map is not None
    stimuli = test.key_map["stimuli"]
    asked = {question.key: question for question in questions(queries.spec_of(test))}
    query = (
        select(ListeningParticipant, ListeningQuestion)
        .join(ListeningQuestion, ListeningQuestion.participant_id == ListeningParticipant.id)
        .where(ListeningParticipant.test_id == test.id)
        .order_by(ListeningParticipant.created_at, ListeningParticipant.id, ListeningQuestion.number)
    )
    sounds: dict[str, list[ListeningSound]] = {}
    of_test = (
        select(ListeningSound)
        .join(ListeningQuestion, ListeningQuestion.id == ListeningSound.question_id)
        .join(ListeningParticipant, ListeningParticipant.id == ListeningQuestion.participant_id)
        .where(ListeningParticipant.test_id == test.id)
        .order_by(ListeningSound.slot, ListeningSound.place)
    )
    for sound in session.scalars(of_test):
        sounds.setdefault(sound.question_id, []).append(sound)
    found = []
    for participant, question in session.execute(query):
        sources: dict[str, list[dict[str, Any]]] = {}
        for sound in sounds[question.id]:
            sources.setdefault(sound.slot, []).append(stimuli[sound.stimulus]["source"])
        found.append(PresentedQuestion(participant, question, asked[question.key], sources))
    return found


def participants(session: Session, test: ListeningTest) -> list[ListeningParticipant]:
    """Returns those who got as far as the test, in the order in which they came."""
    order = list(VisitStage)
    arrived = [stage for stage in VisitStage if order.index(stage) >= order.index(VisitStage.TEST)]
    query = select(ListeningParticipant).where(
        ListeningParticipant.test_id == test.id, ListeningParticipant.stage.in_(arrived)
    )
    return list(session.scalars(query.order_by(ListeningParticipant.created_at, ListeningParticipant.id)))


def answers(session: Session, test: ListeningTest) -> Answers:
    """Returns the answers of a test for `nebula.listening.analyse`: finished questions, without practice.

    Attention checks are what a participant passed or failed, and no answers.

    Raises:
        Conflict: It is not unblinded.
    """
    finished = [each for each in presented(session, test) if each.question.finished and not each.question.practice]
    checks: dict[str, list[bool]] = {}
    for each in finished:
        if each.asked.check:
            checks.setdefault(each.participant.id, []).append(bool(each.passed))
    rows = [
        Answer(
            participant=each.participant.id,
            trial=each.question.id,
            item=each.asked.item,
            system=system,
            position=position,
            **each.judgement(position),
        )
        for each in finished
        if not each.asked.check
        for position, system in enumerate(each.judged)
    ]
    people = participants(session, test)
    return Answers(
        tuple(
            Participant(
                key=person.id, questionnaire=said_of_themselves(person), checks=tuple(checks.get(person.id, ()))
            )
            for person in people
        ),
        tuple(rows),
    )


def said_of_themselves(person: ListeningParticipant) -> dict[str, str | tuple[str, ...]]:
    """Returns what a participant said about equipment and in the questionnaire, as screening takes it."""
    said = {**person.stages.get(VisitStage.DEVICE.value, {}), **(person.questionnaire or {})}
    texts = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    return {
        key: value
        for key, value in texts.items()
        if isinstance(value, str) or (isinstance(value, tuple) and all(isinstance(each, str) for each in value))
    }


def visitors(session: Session, test: ListeningTest) -> list[Visitor]:
    """Returns what everyone who got as far as the test said beside the trials, in the order in which they came."""
    return [_visitor(person) for person in participants(session, test)]


def _visitor(person: ListeningParticipant) -> Visitor:
    equipment = person.stages.get(VisitStage.DEVICE.value) or {}
    said = said_of_themselves(person)
    device, check = said.get("device"), equipment.get("check")
    rounds = None
    # Earlier versions took whatever was sent.
    if isinstance(check, dict) and all(type(check.get(key)) is int for key in ("correct", "total")):
        rounds = (check["correct"], check["total"])
    return Visitor(device if isinstance(device, str) else None, rounds, said, _outputs(person))


def _outputs(person: ListeningParticipant) -> int | None:
    """Returns how many channels a participant's device plays; None where it has not been told."""
    outputs = (person.stages.get(VisitStage.VOLUME.value) or {}).get("outputs")
    return outputs if type(outputs) is int else None


def as_json(session: Session, test: ListeningTest) -> dict[str, Any]:
    """Returns everything that is known of a test's participants and their questions.

    Raises:
        Conflict: It is not unblinded.
    """
    asked: dict[str, list[dict[str, Any]]] = {}
    for each in presented(session, test):
        rows = list(_rows(test, each))
        shared = {key: rows[0][key] for key in ("trial", "number", "practice", "check", "item")}
        columns = ("slot", "position", "system", "rating", "choice", "right", "plays")
        slots = [{key: row[key] for key in columns} for row in rows]
        for slot in slots:
            slot["sources"] = each.sources[slot["slot"]]
        ends = {key: rows[0][key] for key in ("tags", "seconds", "changes", "finished", "began_at", "saved_at")}
        asked.setdefault(each.participant.id, []).append({**shared, "slots": slots, **ends})
    people = list(
        session.scalars(
            select(ListeningParticipant)
            .where(ListeningParticipant.test_id == test.id)
            .order_by(ListeningParticipant.created_at)
        )
    )
    return {
        "test": test.id,
        "spec": test.spec,
        "commitment": test.commitment,
        "participants": [
            {
                "participant": person.id,
                "group": person.group,
                "stage": person.stage.value,
                "recruited": person.recruited,
                "stages": _shallow(person.stages, _DEPTH),
                "questionnaire": person.questionnaire,
                "joined_at": person.created_at.isoformat(),
                "completed_at": person.completed_at.isoformat() if person.completed_at else None,
                "trials": asked.get(person.id, []),
            }
            for person in people
        ],
    }


def as_csv(session: Session, test: ListeningTest) -> str:
    """Returns the long table, with what participants said about themselves in columns of its own.

    A column is what the test asks: anything else, which earlier versions took, has its place in `as_json`.

    Raises:
        Conflict: It is not unblinded.
    """
    found = presented(session, test)
    said = {each.participant.id: said_of_themselves(each.participant) for each in found}
    known = {"device", *(question.key for question in queries.spec_of(test).questionnaire)}
    asked = sorted({key for answered in said.values() for key in answered if key in known})
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*COLUMNS, *(f"answer_{key}" for key in asked)])
    for each in found:
        for row in _rows(test, each):
            cells = [row[column] for column in COLUMNS] + [said[each.participant.id].get(key, "") for key in asked]
            writer.writerow([_cell(cell) for cell in cells])
    return file.getvalue()


def _shallow(value: Any, depth: int) -> Any:
    """Returns a value of JSON, with the text of what is nested deeper than `depth` in its place."""
    if not isinstance(value, (dict, list)):
        return value
    if depth == 0:
        return json.dumps(value)
    if isinstance(value, dict):
        return {key: _shallow(each, depth - 1) for key, each in value.items()}
    return [_shallow(each, depth - 1) for each in value]


def _rows(test: ListeningTest, each: PresentedQuestion) -> Iterator[dict[str, Any]]:
    question, answer = each.question, each.question.answer or {}
    named = letters(each.asked.method, len(question.systems))
    for position, (letter, system) in enumerate(zip(named, question.systems, strict=True)):
        judged = each.judgement(position)
        yield {
            "test": test.id,
            "participant": each.participant.id,
            "group": each.participant.group,
            "trial": question.id,
            "number": question.number,
            "practice": question.practice,
            "check": each.asked.check,
            "item": each.asked.item,
            "slot": letter,
            "position": position,
            "system": system,
            "sources": [_source(source) for source in each.sources[letter]],
            "rating": judged.get("rating"),
            "choice": judged.get("choice"),
            "right": each.passed if each.asked.check else judged.get("right"),
            "tags": answer.get("tags", []),
            "plays": answer.get("plays", {}).get(letter, 0),
            "seconds": answer.get("seconds"),
            "changes": question.changes,
            "finished": question.finished,
            "began_at": question.began_at.isoformat() if question.began_at else None,
            "saved_at": question.saved_at.isoformat() if question.saved_at else None,
            "outputs": _outputs(each.participant),
        }


def _source(source: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in source.items())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return _cell("; ".join(map(str, value)))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return str(value)
