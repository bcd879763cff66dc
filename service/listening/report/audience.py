"""Who took part: what they listened with, how their headphone check went, what they said of themselves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.listening.texts import QuestionnaireField

_MIXING = "How the channels were heard"

_DEVICES = {
    "headphones": "Headphones or earphones",
    "monitors": "Studio monitors",
    "speakers": "Other loudspeakers",
    "other": "Something else",
}


@dataclass(frozen=True)
class Visitor:
    """What one participant said beside the trials.

    Attributes:
        device: What they listened with, if they said it.
        check: Rounds of the headphone check that were right, and how many there were, if they took it.
        said: Their answers to the questionnaire.
        outputs: Channels that their device plays, if the page has said it.
    """

    device: str | None = None
    check: tuple[int, int] | None = None
    said: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    outputs: int | None = None


@dataclass(frozen=True)
class AnswerCounts:
    """How often each thing was said.

    Attributes:
        title: What was asked.
        counts: How many said what, in the order in which it was offered; those who said nothing last.
    """

    title: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Remarks:
    """What was typed.

    Attributes:
        title: What was asked.
        texts: Each answer that is not empty, in the order in which people came.
    """

    title: str
    texts: tuple[str, ...]


def devices(visitors: Sequence[Visitor]) -> AnswerCounts:
    """Returns how many listened with what."""
    found = Counter(visitor.device for visitor in visitors)
    counts = [(words, found[device]) for device, words in _DEVICES.items() if found[device]]
    unsaid = sum(count for device, count in found.items() if device not in _DEVICES)
    return AnswerCounts("What they listened with", (*counts, *([("not said", unsaid)] if unsaid else [])))


def checks(visitors: Sequence[Visitor]) -> AnswerCounts:
    """Returns how many had how many rounds of the headphone check right; empty if nobody took it."""
    found = Counter(visitor.check for visitor in visitors if visitor.check is not None)
    counts = [(f"{right} of {rounds} right", found[right, rounds]) for right, rounds in sorted(found, reverse=True)]
    without = len(visitors) - sum(found.values())
    return AnswerCounts("Headphone check", (*counts, ("not taken", without)) if counts and without else tuple(counts))


def mixing(visitors: Sequence[Visitor], channels: int | None) -> AnswerCounts:
    """Returns how many heard the channels of sounds apart; empty where sounds are mono, or it is not known.

    Args:
        visitors: Who was asked.
        channels: In which each sound was played, if known.
    """
    known = [visitor.outputs for visitor in visitors if visitor.outputs]
    if channels is None or channels < 2 or not known:
        return AnswerCounts(_MIXING, ())
    mixed = sum(outputs < channels for outputs in known)
    found = [("apart", len(known) - mixed), ("mixed by the device", mixed), ("not known", len(visitors) - len(known))]
    return AnswerCounts(_MIXING, tuple((words, count) for words, count in found if count))


def answered(
    questions: Sequence[QuestionnaireField], visitors: Sequence[Visitor]
) -> tuple[AnswerCounts | Remarks, ...]:
    """Returns what was said to each question.

    Args:
        questions: Of the questionnaire.
        visitors: Who was asked.
    """
    return tuple(
        _remarks(question, visitors) if question.kind in ("text", "number") else _tally(question, visitors)
        for question in questions
    )


def _remarks(question: QuestionnaireField, visitors: Sequence[Visitor]) -> Remarks:
    texts = (visitor.said.get(question.key, "") for visitor in visitors)
    return Remarks(question.text, tuple(text for text in texts if isinstance(text, str) and text.strip()))


def _tally(question: QuestionnaireField, visitors: Sequence[Visitor]) -> AnswerCounts:
    given = [visitor.said.get(question.key, ()) for visitor in visitors]
    chosen = [{said} if isinstance(said, str) else set(said) for said in given]
    counts = [(option, sum(option in each for each in chosen)) for option in question.options]
    silent = sum(not each.intersection(question.options) for each in chosen)
    return AnswerCounts(question.text, (*counts, *([("no answer", silent)] if silent else [])))
