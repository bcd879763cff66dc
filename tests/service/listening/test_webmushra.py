"""Configurations of webMUSHRA: read as its own parser reads them, with a list of what is not kept."""

import json
import random

import pytest

from service.errors import Unprocessable
from service.listening import webmushra
from service.listening.design import arrange, questions
from service.listening.languages import LANGUAGES, words
from service.listening.previews import shortened
from service.listening.stimuli import count
from service.listening.trying import try_plan
from service.listening.webmushra.prose import plain
from service.listening.webmushra.yaml_reading import content_of
from service.listening.wording import planned

NINE = ", ".join(["*a{0}"] * 9)
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{NINE.format(n - 1)}]\n" for n in range(1, 12)) + "pages: [*a11]\n"

CORPUS = "0" * 16
TWO = {"one": "a.wav", "two": "b.wav"}
TRIAL = {"type": "mushra", "id": "t", "reference": "r.wav", "stimuli": TWO}
POINTS = [{"value": "no", "label": "Not at all"}, {"value": "yes", "label": "Very"}]


def read(*pages, **top):
    """Returns what a configuration of some pages becomes; every test of it can be planned."""
    imported = webmushra.read(json.dumps({"pages": pages, **top}), CORPUS)
    for spec in imported.specs:
        count(spec)
        try_plan(spec)
    return imported


def noted(imported, kind=None):
    """Returns the sentences of an import's notes, with their pages."""
    return {note.text: note.pages for note in imported.notes if kind in (None, note.kind)}


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        (ALIASES, "more than 50000 values, expected fewer; aliases count each time"),
        ("pages: &p [*p]", "nested more than 50 deep"),
        ("[" * 240_000 + "]" * 240_000, "nested more than 50 deep"),
        ("pages: [2001-99-99]", "got no page, expected pages of type mushra, "),
        ("pages: [!!int x]", "got no page, expected pages of type mushra, "),
        ("pages: 5", "got none, expected a mapping with a list under the key 'pages'"),
        ("? [a]\n: b\npages: []", "a key is no text"),
        ("pages: [{type: mushra, stimuli: 5}]", "got 1 of type 'mushra', expected pages of type "),
        ("pages: [{type: spatial, stimuli: {a: a.wav}}]", "got 1 of type 'spatial', expected pages of type "),
        ('pages: ["\\ud800"]', "not YAML ("),
        ("x: \0", "not YAML ("),
    ],
)
def test_what_is_no_configuration_is_refused(configuration, message):
    with pytest.raises(Unprocessable) as caught:
        webmushra.read(configuration, CORPUS)
    assert str(caught.value).startswith(f"configuration: {message}")


def test_plain_values_with_colons_go_to_the_end_of_their_line():
    text = """# A comment
testname: Listening: a test # and another
pages:
  - type: generic
    content: Reminder: it's <b>one: two</b>
    name: "quoted: so"
  - type: mushra
    content: |
      A block: of
      text: as it is
    more: Words that go on
      in the next line: so
    stimuli:
      C1: a.wav
"""
    found = content_of(text)
    assert found["testname"] == "Listening: a test"
    generic, trial = found["pages"]
    assert generic == {"type": "generic", "content": "Reminder: it's <b>one: two</b>", "name": "quoted: so"}
    assert trial["content"] == "A block: of\ntext: as it is\n"
    assert (trial["more"], trial["stimuli"]) == ("Words that go on in the next line: so", {"C1": "a.wav"})


def test_aliases_and_merged_keys_mean_what_they_stand_for():
    text = (
        f"base: &base {json.dumps(TRIAL)}\npages:\n- <<: *base\n  id: first\n  createAnchor35: Yes\n- *base\n- *base\n"
    )
    imported = webmushra.read(text, CORPUS)
    (spec,) = imported.specs
    assert [item.name for item in spec.items] == ["first", "t", "t (2)"]
    assert spec.anchors_hz == (3500,)
    assert "2 pages are called 't': all but the first are numbered." in noted(imported)


def test_a_comparison_with_a_reference_is_abx_and_one_without_a_preference():
    pair = {"type": "paired_comparison", "id": "p", "stimuli": TWO}
    abx, preference = read(pair | {"reference": "r.wav", "unforced": "No idea"}, pair | {"id": "q"}).specs
    assert (abx.method, abx.tie, abx.slots()) == ("abx", True, [("one", "reference"), ("two", "reference")])
    assert abx.items[0].sounds == {"one": ("a.wav",), "two": ("b.wav",), "reference": ("r.wav",)}
    assert (preference.method, preference.tie, preference.reference) == ("preference", False, None)
    assert read(pair | {"reference": "r.wav", "unforced": "No"}).specs[0].tie is False


def test_bs1116_keeps_its_reference_and_its_grades():
    imported = read({**TRIAL, "type": "bs1116", "createAnchor35": True})
    (spec,) = imported.specs
    assert (spec.method, spec.scale.maximum, spec.slots()[0]) == ("bs1116", 5, ("one", "reference"))
    assert noted(imported, "left out") == {"BS.1116 has no anchors.": ("t",)}


def test_likerts_points_are_a_scale_with_a_step_and_each_scale_is_a_test():
    numbers = [{"value": value, "label": f"<b>{value}</b> points"} for value in (5, 4, 3, 2, 1)]
    page = {"type": "likert_single_stimulus", "id": "l", "stimuli": TWO, "mustRate": True}
    imported = read(page | {"response": [numbers, POINTS]})
    graded, counted = imported.specs
    assert (graded.method, graded.scale.minimum, graded.scale.maximum, graded.scale.step) == ("rating", 1, 5, 1)
    assert graded.scale.labels == ("1 points", "2 points", "3 points", "4 points", "5 points")
    assert (counted.scale.labels, counted.scale.maximum) == (("Not at all", "Very"), 2)
    assert noted(imported)["Sounds are rated by 2 scales: each becomes a test of its own."] == ("l",)
    together = read(page | {"type": "likert_multi_stimulus", "response": POINTS})
    assert together.specs[0].method == "multi-stimulus"
    alone = read(page, page | {"id": "m", "response": POINTS})
    assert noted(alone, "left out")["A page that offers fewer than two answers: nothing is rated on it."] == ("l",)


def test_systems_may_differ_by_page_and_have_names_in_any_script():
    other = TRIAL | {"id": "u", "stimuli": {"\u5408\u6210 1": "c.wav", "a/b": "d.wav", "reference": "e.wav"}}
    imported = read(TRIAL, other)
    (spec,) = imported.specs
    assert [system.name for system in spec.systems] == ["one", "two", "\u5408\u6210 1", "a-b", "stimulus reference"]
    assert {question.systems for question in questions(spec)} == {
        ("one", "two", "reference"),
        ("\u5408\u6210 1", "a-b", "stimulus reference", "reference"),
    }
    assert "The stimulus 'a/b' is called 'a-b'." in noted(imported)


def test_a_stimulus_that_participants_would_read_of_is_called_otherwise():
    imported = read(TRIAL | {"content": "Compare one with two."})
    assert [system.name for system in imported.specs[0].systems] == ["stimulus-1-of-2", "stimulus-2-of-2"]
    assert "The stimulus 'one' is called 'stimulus-1-of-2': participants read its name." in noted(imported)


def test_order_and_shuffled_lists_are_kept_at_any_depth():
    names = ["a", "b", "c", "d", "e", "f"]
    a, b, c, d, e, f = (TRIAL | {"id": name} for name in names)
    (spec,) = read(a, ["random", b, [c, d]], e, ["random", f]).specs
    asked = questions(spec)
    items = {question.key: question.item for question in asked}
    seen = set()
    for seed in range(40):
        _, placements = arrange(asked, [0], random.Random(seed))
        seen.add("".join(items[placement.item] for placement in placements))
    assert seen == {"abcdef", "acdbef"}


def test_pages_of_training_are_practice_and_words_stand_where_they_are_read():
    imported = read(
        {"type": "generic", "id": "welcome", "name": "Welcome", "content": "<p>Hear &amp; <b>judge</b>.</p>"},
        {"type": "consent", "id": "consent", "content": "Do you agree?", "mustConsent": True},
        TRIAL | {"id": "training 1"},
        {"type": "generic", "id": "now", "content": "Now it <a href='https://example.org/'>begins</a>."},
        TRIAL | {"name": "Trial", "content": "Which is <i>nearer</i>?"},
        {"type": "finish", "id": "end", "content": "Thanks.", "popupContent": "Goodbye.", "showResults": True},
        testname="A <b>test</b>",
    )
    (spec,) = imported.specs
    assert [(item.name, item.practice) for item in spec.items] == [("training 1", True), ("t", False)]
    assert (spec.texts.title, spec.texts.consent) == ("A test", "Do you agree?")
    assert (spec.texts.instructions, spec.texts.thanks) == ("Welcome\n\nHear & judge.", "Thanks.\n\nGoodbye.")
    assert spec.items[1].text == "Now it begins (https://example.org/).\n\nTrial\n\nWhich is nearer?"
    assert noted(imported)["The page 'now' is read above the trial after it."] == ()
    assert noted(imported, "left out") == {
        "Results are not shown to participants: they would tell which sound was which.": ("end",)
    }


def test_words_are_in_the_language_of_the_file_and_none_are_in_all():
    german = read({"type": "consent", "content": "Machen Sie mit?"}, TRIAL, language="de").specs[0]
    assert german.languages == ("de",)
    assert (planned(german).consent, planned(german).thanks) == ("Machen Sie mit?", words("de").say("thanks"))
    labelled = {"type": "likert_single_stimulus", "stimuli": TWO, "response": POINTS}
    assert read(labelled, language="fr").specs[0].languages == ("fr",)
    wordless = read(TRIAL, language="zh")
    assert set(wordless.specs[0].languages) == set(LANGUAGES)
    assert wordless.specs[0].language == "zh"
    other = read(TRIAL | {"content": "Kumusta"}, language="tl")
    assert other.specs[0].languages == ("en",)
    assert "The page's own words are in English: it does not speak 'tl'." in noted(other, "changed")


def test_a_preview_keeps_the_order_and_the_systems_of_the_trials_that_it_shows():
    pages = [TRIAL | {"id": name, "stimuli": {f"{name} 1": "a.wav", f"{name} 2": "b.wav"}} for name in "abcdef"]
    (spec,) = read(pages[0], ["random", pages[5], [pages[1], pages[4]]], pages[2], pages[3]).specs
    short = shortened(spec)
    assert [item.name for item in short.items] == ["a", "f", "b"]
    assert [system.name for system in short.systems] == ["a 1", "a 2", "f 1", "f 2", "b 1", "b 2"]
    assert list(short.order.names()) == ["a", "f", "b"]
    assert [short.order.shuffled, short.order.parts[1].shuffled] == [False, True]


def test_nothing_of_html_is_left_but_its_words():
    html = "<h2>A</h2>b<br>c<script>alert(1)</script><ul><li>d</li><li>e</li></ul><img src=x onerror=y><audio controls>"
    text, left_out, _ = plain(html)
    assert text == "A\n\nb\nc\n\n- d\n- e"
    assert left_out == ("a script", "a picture", "a player of sounds")


def test_questions_keep_their_kinds_ranges_and_names():
    asked = [
        {"type": "number", "name": "age", "label": "Age", "min": 18, "max": 99, "default": 30},
        {"type": "text", "name": "age", "label": "Again", "optional": True},
        {"type": "likert", "name": "\u6027\u5225", "label": "Gender", "response": POINTS},
        {"type": "date", "name": "day", "label": "When"},
    ]
    imported = read(TRIAL, {"type": "finish", "questionnaire": asked})
    age, again, gender, day = imported.specs[0].questionnaire
    assert (age.kind, age.minimum, age.maximum, age.required) == ("number", 18, 99, True)
    assert (again.key, again.kind, again.required) == ("q_age_2", "text", False)
    assert (gender.kind, gender.options, day.kind) == ("choice", ("Not at all", "Very"), "text")
    assert [age.holds(text) for text in ("18", "99", "17.9", "nan", "x", "")] == [True, True, False, False, False, True]
    assert "The question 'day' of the kind 'date' is answered by text." in noted(imported)
    assert "Fields for numbers begin empty, so that no default is taken for an answer." in noted(imported)


@pytest.mark.parametrize("asked", ["5", [5], [{"name": "q", "response": 5}], [{"name": "q", "response": [[]]}], None])
def test_a_questionnaire_of_another_kind_asks_nothing_but_text(asked):
    (spec,) = read(TRIAL | {"questionnaire": asked}).specs
    assert [question.kind for question in spec.questionnaire] == (["text"] if "name" in str(asked) else [])


def test_more_signals_than_the_recommendation_allows_are_not_strict():
    many = TRIAL | {"stimuli": {f"s{number}": f"{number}.wav" for number in range(12)}}
    allowed = read(many | {"strict": False})
    assert (allowed.specs[0].strict, allowed.specs[0].seconds) == (False, 30)
    assert noted(allowed, "changed") == {}
    assert "13 signals on a page: more than ITU-R BS.1534-3 allows, so it is not strict." in noted(read(many))
    assert read(TRIAL).specs[0].strict is True


def test_texts_that_contradict_the_plan_are_left_out_and_quoted():
    imported = read(
        {"type": "generic", "content": "You will hear 64 pairs."}, TRIAL, {"type": "other", "id": "o"}, extra=1
    )
    assert imported.specs[0].texts.instructions == ""
    left_out = noted(imported, "left out")
    assert (
        "texts.instructions: names 64 trials, and 1 trial is planned: written anew. It was: You will hear 64 pairs."
        in left_out
    )
    assert left_out["A page of the type 'other', which is none of those that are read."] == ("o",)
    assert "'extra', which is nothing that webMUSHRA documents." in left_out


def test_too_many_stimuli_to_compare_are_excerpts_of_one_system():
    stimuli = {f"s{number}": f"{'x' * 300}/{number}.wav" for number in range(70)}
    page = {"type": "likert_single_stimulus", "id": "l", "stimuli": stimuli, "mustRate": True, "response": POINTS}
    (spec,) = read(page).specs
    assert ([system.name for system in spec.systems], len(spec.items)) == (["all stimuli"], 70)
    assert spec.items[7].sounds == {"all stimuli": ("7.wav",)}
