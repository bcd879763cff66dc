"""What participants read, as it follows from the plan; a text of the experimenter's own takes its place."""

from nebula.listening import Method
from service.listening.design import questions, slots
from service.listening.spec import ListeningSpec, Texts

_QUESTIONS = {
    Method.PREFERENCE: "Which do you prefer?",
    Method.RATING: "How good is this?",
    Method.MULTI_STIMULUS: "How good is each of these?",
    Method.MUSHRA: "How close is each of these to the reference?",
}

_NO_RIGHT = "There are no right or wrong answers."

_INSTRUCTIONS = {
    Method.PREFERENCE: f"Listen to both as often as you like before you answer. {_NO_RIGHT}",
    Method.RATING: f"Listen as often as you like before you answer. {_NO_RIGHT}",
    Method.MULTI_STIMULUS: f"Compare all of them as often as you like before you answer. {_NO_RIGHT}",
    Method.MUSHRA: "Compare each of them with the reference as often as you like before you answer. One of them is the "
    "reference itself: give it the highest rating.",
}

_VOLUNTARY = "Taking part is voluntary, and you may stop at any time without giving a reason."


def written(spec: ListeningSpec, trials: int, practice: int) -> Texts:
    """Returns what a participant reads.

    Args:
        spec: Of the test.
        trials: That the participant answers, practice not counted; 1 or more.
        practice: That the participant tries before; 0 or more.
    """
    own = {name: text for name, text in spec.texts.model_dump().items() if text.strip()}
    following = {
        "consent": _consent(spec, trials, practice),
        "instructions": _INSTRUCTIONS[spec.method],
        "question": _QUESTIONS[spec.method],
        "practice": _practice(spec, practice) if practice else "",
        "thanks": "All your answers have been saved. You can close this page.",
    }
    return Texts(**(following | own))


def planned(spec: ListeningSpec) -> Texts:
    """Returns what the participants of the first group will read.

    Args:
        spec: Of the test.
    """
    trials = sum(not question.practice and question.group == 0 for question in questions(spec))
    return written(spec, trials, spec.practice_trials)


def counted(spec: ListeningSpec, trials: int) -> str:
    """Returns so many trials in words, such as "6 pairs"; participants hear sounds and know of no trials.

    Args:
        spec: Of the test.
        trials: 1 or more.
    """
    noun = {Method.PREFERENCE: "pair", Method.RATING: "series" if spec.playlist > 1 else "sound"}.get(
        spec.method, "set"
    )
    if trials == 1:
        return f"one {noun}"
    return f"{trials} {noun}" if noun == "series" else f"{trials} {noun}s"


def _consent(spec: ListeningSpec, trials: int, practice: int) -> str:
    several, each = trials > 1, len(slots(spec)[0])
    # A playlist is a series of sounds; a slot plays either one.
    heard = f"series of {spec.playlist} sounds" if spec.playlist > 1 else "sounds"
    if spec.method is Method.PREFERENCE:
        tie = ", or that you have no preference" if spec.tie else ""
        said = f"{counted(spec, trials)} of {heard} and say which one {'of each pair ' * several}you prefer{tie}"
    elif spec.method is Method.RATING:
        one = f"one {heard}" if spec.playlist > 1 else "one sound"
        said = f"{trials} {heard}, one at a time, and rate each" if several else f"{one} and rate it"
    else:
        rated = "rate each of them"
        if spec.method is Method.MUSHRA:
            rated = "rate how close each of them is to a reference"
        said = f"{counted(spec, trials)} of {each} {heard} and {rated}"
    before = f" Before that you practise with {counted(spec, practice)}." if practice else ""
    return f"You will hear {said}.{before} {_VOLUNTARY}"


def _practice(spec: ListeningSpec, practice: int) -> str:
    answers = "This answer does" if practice == 1 else "These answers do"
    return f"First you can practise with {counted(spec, practice)}. {answers} not count."
