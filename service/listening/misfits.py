"""Where an experimenter's own texts contradict the plan, as far as words tell: most in English, numbers in the others.

Looked at in title, consent, instructions, question, thanks, and in the text before the practice where there is any, of
the spec and of its translations, each by the rules of its language. In English:

- a number, in figures or as a word up to ninety-nine, before pairs, comparisons, trials, sets, excerpts, items or
  rounds (with up to two adjectives between): it has to be that of the trials, of the practice, or of both together, and
  in the text before the practice that of the practice. "One pair at a time" counts nothing;
- a number before sounds or stimuli: it may also be those numbers times what a trial plays, or what a trial plays;
- what another method asks: "which ... prefer" where nothing is preferred, "rate the", "rate each" and the like and "a
  rating" where nothing is rated, "a reference" or "the reference" where there is none, "pair" where none are heard;
- "neither", unless "nor" follows, and "no preference" where that cannot be chosen.

In German, French, Spanish, Japanese and Chinese only numbers in figures, right before what those languages call pairs,
comparisons, trials, sets and sounds. What is said in other words is not looked at.
"""

import re
from collections import Counter
from collections.abc import Iterator

from nebula.listening import Method
from service.listening.design import questions
from service.listening.languages import Language
from service.listening.spec import ListeningSpec

# fmt: off
_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {word: value for value, word in enumerate(_ONES, 1)}
_NUMBERS |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_NUMBERS |= {f"{ten}-{one}": _NUMBERS[ten] + _NUMBERS[one] for ten in _TENS for one in _ONES[:9]}

_TRIALS = "pair|comparison|trial|set|excerpt|item|round"
_SOUNDS = "sound|stimul(?:us|i)"

# Adjectives do not end in s; these words begin another thought.
_BETWEEN = r"(?:(?!(?:of|to|and|or|per|for|in|at|out|from|minute|second|hour)\b)[a-z-]*[a-rt-z]\s+){0,2}?"
_COUNTED = re.compile(
    rf"(?<![\w.,:-])(\d{{1,4}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\s+{_BETWEEN}"
    rf"(?:({_TRIALS})|({_SOUNDS}))s?\b(?!\s+(?:at a time|after|by))"
)

# In other languages, as their words for what follows from a plan have them.
_NOUNS: dict[Language, tuple[str, str]] = {
    "de": (r"paare?n?\b|vergleiche?n?\b|durchg(?:ang|änge)n?\b|gruppen?\b", r"kl(?:ang|änge)n?\b"),
    "fr": (r"paires?\b|comparaisons?\b|essais?\b|groupes?\b", r"sons?\b"),
    "es": (r"par(?:es)?\b|comparaci(?:ón|ones)\b|ensayos?\b|grupos?\b", r"sonidos?\b"),
    "ja": ("組|ペア|試行|セット", "(?:個の)?音"),
    "zh": ("对|组", "个声音"),
}
# Japanese and Chinese have no spaces between words.
_COUNTED_IN = {
    language: re.compile(rf"(?<![0-9A-Za-z.,:-])(\d{{1,4}})\s*(?:({trials})|({sounds}))")
    for language, (trials, sounds) in _NOUNS.items()
}
_COUNTED_IN["en"] = _COUNTED

# Prose of consent has such words too: a pair of headphones, the sampling rate, the reference number, neither ... nor.
_PREFERENCE = (r"\bwhich\b[^.?!\n]*\bprefer", "asks for a preference")
_RATING = (r"\brate\s+(?:the|each|every|both|all|how|them|it|its|sounds?)\b|\ba rating\b", "asks for a rating")
_REFERENCE = (r"\b(?:a|the) reference\b(?!\s+(?:number|code))", "speaks of a reference")
_PAIR = (r"\bpairs?\b(?!\s+of\s+(?:[a-z-]+\s+){0,2}?(?:\w*phones|earbuds|\w*speakers|monitors))", "speaks of pairs")
_NEITHER = (r"\bneither\b(?![^.?!\n]*\bnor\b)|\bno preference\b", "offers to choose neither")

_FOREIGN = {
    Method.PREFERENCE: (_RATING, _REFERENCE),
    Method.RATING: (_PREFERENCE, _REFERENCE, _PAIR),
    Method.MULTI_STIMULUS: (_PREFERENCE, _REFERENCE, _PAIR),
    Method.RANKING: (_RATING, _REFERENCE, _PAIR),
    Method.MUSHRA: (_PREFERENCE, _PAIR),
    Method.ABX: (_PREFERENCE, _RATING),
    Method.SAME_DIFFERENT: (_PREFERENCE, _RATING),
    Method.BS1116: (_PREFERENCE,),
}


def misfits(spec: ListeningSpec) -> list[str]:
    """Returns how the texts of a spec contradict it, each in a sentence; nothing, if none does.

    Args:
        spec: Of a test.
    """
    asked = questions(spec)
    practice = sum(question.practice for question in asked)
    trials = set(Counter(question.group for question in asked if not question.practice).values())
    spoken = [("texts", spec.language, spec.texts)]
    spoken += [(f"translations.{other}.texts", other, each.texts) for other, each in spec.translations.items()]
    return [
        f"{place}.{name}: {fault}"
        for place, language, texts in spoken
        for name, text in texts.model_dump().items()
        if name != "practice" or practice
        for fault in _faults(text.casefold(), spec, language, trials, practice, before=name == "practice")
    ]


def _faults(
    text: str, spec: ListeningSpec, language: Language, trials: set[int], practice: int, before: bool
) -> Iterator[str]:
    allowed = {practice} if before else trials | {practice} | {count + practice for count in trials}
    played = {1, len(spec.slots()[0])}
    played |= {count + 1 for count in played} if spec.has_open_reference or spec.method is Method.ABX else set()
    played |= {count * spec.playlist for count in played}
    for number, _, sounds in _COUNTED_IN[language].findall(text):
        count = int(number) if number.isdecimal() else _NUMBERS[number]
        fits = played | {count * each for count in allowed for each in played} if sounds else allowed
        if count not in fits:
            planned = sorted({practice} if before else trials)
            fits_said = "1 trial is" if planned == [1] else f"{', '.join(map(str, planned))} trials are"
            yield f"names {number} {'sounds' if sounds else 'trials'}, and {fits_said} planned"
    if language != "en":
        return
    method = spec.method.value
    for pattern, fault in (*_FOREIGN[spec.method], *(() if spec.tie else (_NEITHER,))):
        if re.search(pattern, text):
            asked = "no preference cannot be chosen" if fault == _NEITHER[1] else f"the method is {method}"
            yield f"{fault}, and {asked}"
