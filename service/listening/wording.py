"""What participants read in a language, as it follows from the plan; the experimenter's own words take its place."""

from collections.abc import Mapping

from nebula.listening import Method
from service.listening.design import questions
from service.listening.languages import Language, Words, words
from service.listening.scale import DEFAULT_LABELS, IMPAIRMENTS
from service.listening.spec import ListeningSpec
from service.listening.texts import Texts, own_texts


def written(spec: ListeningSpec, trials: int, practice: int, language: Language) -> Texts:
    """Returns what a participant reads.

    Args:
        spec: Of the test.
        trials: That the participant answers, practice not counted; 1 or more.
        practice: That the participant tries before; 0 or more.
        language: One of the test's.
    """
    spoken = words(language)
    following = {
        "title": spoken.say("title"),
        "consent": _consent(spec, trials, practice, spoken),
        "instructions": spoken.say(f"instructions.{spec.method.value}{'.checked' if spec.checks else ''}"),
        "question": spoken.say(f"question.{spec.method.value}"),
        "practice": _practice(spec, practice, spoken) if practice else "",
        "thanks": spoken.say("thanks"),
    }
    own = spec.texts if language == spec.language or spec.has_no_words else spec.translations[language].texts
    return Texts(**(following | own_texts(own)))


def planned(spec: ListeningSpec, language: Language | None = None) -> Texts:
    """Returns what the participants of the first group will read.

    Args:
        spec: Of a test.
        language: One of its own; that of the spec's own words if not given.
    """
    trials = sum(not question.practice and question.group == 0 for question in questions(spec))
    return written(spec, trials, spec.practice_trials, language or spec.language)


def labels(spec: ListeningSpec, language: Language) -> tuple[str, ...]:
    """Returns the labels of a test's scale.

    Args:
        spec: Of the test.
        language: One of its own.
    """
    if spec.scale.labels == DEFAULT_LABELS:
        return words(language).labels
    if spec.scale.labels == IMPAIRMENTS:
        return words(language).impairments
    own = spec.own_labels
    return own if language == spec.language or not own else spec.translations[language].labels


def tags(spec: ListeningSpec, language: Language) -> tuple[str, ...]:
    """Returns the words of a test's tags, in their order.

    Args:
        spec: Of the test.
        language: One of its own.
    """
    return spec.tags if language == spec.language or not spec.tags else spec.translations[language].tags


def fields(spec: ListeningSpec, language: Language) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Returns text and options of each question after the trials, by its key.

    Args:
        spec: Of the test.
        language: One of its own.
    """
    if language == spec.language or not spec.questionnaire:
        return {field.key: (field.text, field.options) for field in spec.questionnaire}
    return {key: (field.text, field.options) for key, field in spec.translations[language].questionnaire.items()}


def text_of(spec: ListeningSpec, key: str, language: Language) -> str:
    """Returns what is to be read beside the question of a trial; nothing where its item has no text.

    Args:
        spec: Of the test.
        key: Of the question that the trial asks.
        language: One of the test's.
    """
    if not spec.item_texts:
        return ""
    asked = next(question for question in questions(spec) if question.key == key)
    own = language == spec.language or not asked.text.strip()
    return asked.text if own else spec.translations[language].items[asked.item]


def counted(spec: ListeningSpec, trials: int, spoken: Words) -> str:
    """Returns so many trials in words, such as "6 pairs"; participants hear sounds and know of no trials.

    Args:
        spec: Of the test.
        trials: 1 or more.
        spoken: The words of a language.
    """
    noun = {
        Method.PREFERENCE: "pair",
        Method.ABX: "trial",
        Method.SAME_DIFFERENT: "pair",
        Method.BS1116: "pair",
        Method.RATING: "series" if spec.playlist > 1 else "sound",
    }.get(spec.method, "set")
    return spoken.say(f"{noun}.{_number(trials)}", count=trials)


def _consent(spec: ListeningSpec, trials: int, practice: int, spoken: Words) -> str:
    # A playlist is a series of sounds; a slot plays either one.
    in_row = spec.playlist > 1
    heard = spoken.say("series" if in_row else "sounds", sounds=spec.playlist)
    kind = spec.method.value
    if "tie" in spec.choices:
        kind += ".tie"
    if spec.method is Method.RATING and in_row:
        kind += ".series"
    values = {"count": trials, "each": len(spec.slots()[0]), "sounds": spec.playlist, "heard": heard}
    hear = spoken.say(f"hear.{kind}.{_number(trials)}", **values)
    if not practice:
        return spoken.say("consent", hear=hear)
    return spoken.say("consent.practised", hear=hear, practised=counted(spec, practice, spoken))


def _practice(spec: ListeningSpec, practice: int, spoken: Words) -> str:
    return spoken.say(f"practice.{_number(practice)}", practised=counted(spec, practice, spoken))


def _number(count: int) -> str:
    return "one" if count == 1 else "many"
