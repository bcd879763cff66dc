"""Words of the experimenter's own: what participants read and are asked afterwards, also in other languages."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from service.database import is_storable
from service.listening.languages import Language

#: Of a page, where nobody has written another one; said in the participant's language.
DEFAULT_TITLE = "Listening test"

# Lists are said without brackets and quotation marks.
_BARE = str.maketrans("", "", "[]'")


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("expected text without null characters and halves of surrogate pairs")
    return text


Text = Annotated[str, Field(max_length=10_000), AfterValidator(_storable)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]


class Table(BaseModel):
    """A table of a spec: frozen, and no key of it is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(Table):
    """What participants read; they know nothing else of the test.

    Attributes:
        title: Of the page.
        consent: What they agree to.
        instructions: What they are to do.
        question: Of each trial.
        practice: Before the practice trials.
        thanks: In the end.
    """

    title: Text = DEFAULT_TITLE
    consent: Text = ""
    instructions: Text = ""
    question: Text = ""
    practice: Text = ""
    thanks: Text = ""


class QuestionnaireField(Table):
    """A question that is asked after the trials.

    Attributes:
        key: What screening rules and the export call it.
        text: What participants read.
        kind: One of the options, any number of them, text, or a number.
        options: To choose from.
        minimum: The least number.
        maximum: The greatest.
        required: Whether it has to be answered.
    """

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    text: Line
    kind: Literal["choice", "choices", "text", "number"] = "choice"
    options: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    minimum: Annotated[float, Field(allow_inf_nan=False)] | None = None
    maximum: Annotated[float, Field(allow_inf_nan=False)] | None = None
    required: bool = True

    @model_validator(mode="after")
    def _has_options(self) -> "QuestionnaireField":
        if (self.kind in ("text", "number")) != (not self.options):
            raise ValueError(f"question {self.key!r}: got {len(self.options)} options, expected some, or none for text")
        least, most = (-math.inf if self.minimum is None else self.minimum), self.maximum
        if self.kind != "number" and (self.minimum is not None or most is not None):
            raise ValueError(f"question {self.key!r}: got a range, expected none for {self.kind}")
        if most is not None and most < least:
            raise ValueError(f"question {self.key!r}: got {least:g} to {most:g}, expected a minimum up to the maximum")
        return self

    def holds(self, answer: str | list[str]) -> bool:
        """Returns whether this can be answered; an empty text is no answer yet."""
        if self.kind == "choices":
            return isinstance(answer, list) and set(answer) <= set(self.options) and len(set(answer)) == len(answer)
        if not isinstance(answer, str):
            return False
        return answer == "" or self.kind == "text" or answer in self.options or self._is_number(answer)

    def _is_number(self, answer: str) -> bool:
        try:
            number = float(answer)
        except ValueError:
            return False
        least, most = (-math.inf if self.minimum is None else self.minimum), self.maximum
        return (
            self.kind == "number" and math.isfinite(number) and least <= number <= (math.inf if most is None else most)
        )


class TranslatedField(Table):
    """Text and options of a question after the trials in another language, the options in the same order."""

    text: Line
    options: Annotated[tuple[Line, ...], Field(max_length=50)] = ()


class Translation(Table):
    """The experimenter's own words in another language: all that the spec has, and no others.

    Attributes:
        texts: What participants read.
        labels: Of the scale, from the lowest.
        tags: In the order of the spec's.
        questionnaire: Questions after the trials, by their keys.
        items: Texts of items that have one, by their names.
    """

    texts: Texts = Texts()
    labels: Annotated[tuple[Line, ...], Field(max_length=11)] = ()
    tags: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    questionnaire: Annotated[dict[str, TranslatedField], Field(max_length=50)] = {}
    items: Annotated[dict[Line, Text], Field(max_length=512)] = {}

    def check(
        self,
        language: Language,
        texts: Texts,
        labels: Sequence[str],
        tags: Sequence[str],
        questionnaire: Sequence[QuestionnaireField],
        items: Mapping[str, str],
    ) -> None:
        """Passes if this says all that the experimenter has written, and nothing else.

        Args:
            language: Of this translation.
            texts: Of the spec, as all that follows.
            labels: Those of the experimenter's own.
            tags: All of them.
            questionnaire: All questions.
            items: Texts of items, by their names.

        Raises:
            ValueError: It does not.
        """
        asked = {field.key: field for field in questionnaire}
        for noun, given, expected in (
            ("texts", list(own_texts(self.texts)), list(own_texts(texts))),
            ("labels", len(self.labels), len(labels)),
            ("tags", len(self.tags), len(tags)),
            ("questionnaire", _options(self.questionnaire), _options(asked)),
            ("items", sorted(name for name, text in self.items.items() if text.strip()), sorted(items)),
        ):
            if given != expected:
                got, wanted = (str(value).translate(_BARE) or "none" for value in (given, expected))
                raise ValueError(f"translations.{language}.{noun}: got {got}, expected {wanted}, as in the spec")


def own_texts(texts: Texts) -> dict[str, str]:
    """Returns those texts that the experimenter has written, by their names.

    Args:
        texts: Of a spec.
    """
    return {
        name: text
        for name, text in texts.model_dump().items()
        if text.strip() and (name, text) != ("title", DEFAULT_TITLE)
    }


def _options(questions: Mapping[str, QuestionnaireField] | Mapping[str, TranslatedField]) -> list[str]:
    """Returns keys of questions with their numbers of options, in the order of the alphabet."""
    return sorted(f"{key} ({len(question.options)} options)" for key, question in questions.items())
