"""A participant reads one language: the one asked for, or what the browser likes best, among those that a test has."""

import pytest
from listening_lab import Person
from pydantic import ValidationError

from service.listening.languages import LANGUAGES, chosen, words
from service.listening.misfits import misfits
from service.listening.names import names_planned
from service.listening.previews import shortened
from service.listening.spec import ListeningSpec
from service.listening.wording import fields, labels, planned, tags, text_of

OWN = {
    "texts": {"question": "Which is rounder?"},
    "language": "en",
    "translations": {
        "de": {
            "texts": {"question": "Was ist runder?"},
            "labels": ["eckig", "rund"],
            "tags": ["hell", "dunkel"],
            "questionnaire": {"musician": {"text": "Machen Sie Musik?", "options": ["ja", "nein"]}},
        }
    },
    "tags": ["bright", "dark"],
    "scale": {"labels": ["square", "round"]},
    "questionnaire": [{"key": "musician", "text": "Do you make music?", "options": ["yes", "no"]}],
    "method": "rating",
    "sounds": 1,
    "tie": False,
}


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        (None, "", "en"),
        (None, "de", "de"),
        (None, "de-CH, de;q=0.9, en;q=0.8", "de"),
        (None, "pt-BR, es;q=0.5, fr;q=0.7", "fr"),
        (None, "it;q=0.9, en;q=0.1", "en"),
        (None, "*", "en"),
        (None, "fr;q=0, zh-Hant-TW;q=0.3", "zh"),
        (None, "fr;q=nonsense, ja", "ja"),
        (None, ",;,;;q==", "en"),
        ("ja", "de", "ja"),
        ("JA-jp", "de", "ja"),
        ("tlh", "es-419", "es"),
        ("", "es", "es"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_one_liked_best(asked, header, language):
    assert chosen(LANGUAGES, asked, header) == language


def test_what_a_test_does_not_have_is_passed_over():
    assert chosen(("fr", "de"), "en", "ja, de;q=0.2, fr;q=0.1") == "de"
    assert chosen(("fr", "de"), "en", "ja") == "fr"


def spec_of(ab, **changes):
    return ListeningSpec.model_validate(ab | OWN | changes)


def test_own_words_are_in_the_languages_that_they_are_written_in(ab):
    spec = spec_of(ab)
    assert spec.languages == ("en", "de")
    assert planned(spec, "de").question == "Was ist runder?"
    # What the experimenter has not written follows from the plan, in that language.
    assert planned(spec, "de").consent.startswith("Sie hören 2 Klänge, einen nach dem anderen, und bewerten jeden.")
    assert (labels(spec, "en"), labels(spec, "de")) == (("square", "round"), ("eckig", "rund"))
    assert (tags(spec, "en"), tags(spec, "de")) == (("bright", "dark"), ("hell", "dunkel"))
    assert fields(spec, "de") == {"musician": ("Machen Sie Musik?", ("ja", "nein"))}
    german = spec_of(ab, language="de", translations={})
    assert german.languages == ("de",)
    assert planned(german).thanks == words("de").say("thanks")


def test_texts_of_items_are_in_the_languages_that_they_are_written_in(lab, ab):
    items = [{"name": "kick", "text": "Hear the attack."}, {"name": "snare"}]
    own = {"items": items, "translations": {"de": {"items": {"kick": "Achten Sie auf den Anschlag."}}}}
    assert ListeningSpec.model_validate(ab | {"items": items}).languages == ("en",)
    spec = ListeningSpec.model_validate(ab | own)
    assert spec.languages == ("en", "de")
    assert [text_of(spec, key, "de") for key in "01"] == ["Achten Sie auf den Anschlag.", ""]
    person = Person(lab, lab.open(ab | own)[1])
    person.arrive()
    seen = []
    for _ in items:
        english, german = (person.client.get(f"{person.path}?lang={lang}").json()["trial"] for lang in ("en", "de"))
        seen.append((english["text"], german["text"]))
        assert person.answer(english, choice="A").status_code == 200
    assert sorted(seen) == [("", ""), ("Hear the attack.", "Achten Sie auf den Anschlag.")]
    named = ListeningSpec.model_validate(
        ab | {"items": items, "translations": {"de": {"items": {"kick": "Ein drum."}}}}
    )
    assert names_planned(named) == ["drum"]
    twice = [*items, {"name": "kick", "group": 1}]
    for changes, said in (
        ({"translations": {"de": {}}}, "translations.de.items: got none, expected kick, as in the spec"),
        ({"items": twice}, "item 'kick': got texts that differ by group, expected one to be translated"),
    ):
        with pytest.raises(ValidationError) as caught:
            ListeningSpec.model_validate(ab | own | changes)
        assert said in str(caught.value)


def test_words_that_follow_from_the_plan_are_in_all_languages(ab):
    spec = ListeningSpec.model_validate(ab | {"method": "multi-stimulus", "tie": False, "language": "fr"})
    assert spec.languages == ("fr", "en", "de", "es", "ja", "zh")
    assert labels(spec, "ja")[-1] == "非常に良い"
    assert planned(spec).title == "Test d’écoute"
    assert planned(spec, "ja").consent.startswith("2個の音を4セット聴き")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"translations": {"en": {}}}, "translations: got 'en', expected languages other than that of the texts"),
        ({"translations": {"de": {}}}, "translations.de.texts: got none, expected question, as in the spec"),
        (
            {"translations": {"de": OWN["translations"]["de"] | {"tags": ["hell"]}}},
            "translations.de.tags: got 1, expected 2, as in the spec",
        ),
        (
            {"translations": {"de": OWN["translations"]["de"] | {"labels": []}}},
            "translations.de.labels: got 0, expected 2, as in the spec",
        ),
        (
            {"translations": {"de": OWN["translations"]["de"] | {"questionnaire": {"music": {"text": "?"}}}}},
            "translations.de.questionnaire: got music (0 options), expected musician (2 options), as in the spec",
        ),
    ],
)
def test_a_translation_says_all_of_it_and_nothing_else(ab, changes, said):
    with pytest.raises(ValidationError) as caught:
        spec_of(ab, **changes)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("language", "text", "faults"),
    [
        ("de", "Sie hören 64 Paare von Klängen.", ["names 64 trials, and 4 trials are planned"]),
        ("de", "Sie hören 4 Paare, 8 Klänge, je 3 Sekunden. Bewertung und Referenz sagen hier nichts.", []),
        ("fr", "Vous entendrez 12 paires.", ["names 12 trials, and 4 trials are planned"]),
        ("es", "Escuchará 5 sonidos.", ["names 5 sounds, and 4 trials are planned"]),
        ("ja", "64組の音を聴きます。", ["names 64 trials, and 4 trials are planned"]),
        ("zh", "您将听到64对声音。", ["names 64 trials, and 4 trials are planned"]),
        ("zh", "您将听到4对声音，约10分钟。", []),
        # English words contradict in English only.
        ("fr", "Ne dites pas: rate the reference.", []),
        ("en", "Rate the reference.", None),
    ],
)
def test_texts_are_held_to_the_plan_by_the_rules_of_their_language(ab, language, text, faults):
    other = "en" if language != "en" else "de"
    for place, form in (
        ("texts", {"language": language, "texts": {"consent": text}}),
        (
            f"translations.{language}.texts",
            {"language": other, "texts": {"consent": "."}, "translations": {language: {"texts": {"consent": text}}}},
        ),
    ):
        found = misfits(ListeningSpec.model_validate(ab | form))
        if faults is None:
            assert len(found) == 2
        else:
            assert found == [f"{place}.consent: {fault}" for fault in faults]


def test_a_name_is_found_in_a_translation_and_between_characters_without_spaces(ab):
    translation = {"texts": {"question": "drumとdefaultのどちらが好みですか。"}}
    form = {"texts": {"question": "Which?"}, "translations": {"ja": translation}}
    assert names_planned(ListeningSpec.model_validate(ab | form)) == ["default", "drum"]
    form["translations"]["ja"]["texts"]["question"] = "drumsとdefaültのどちらが好みですか。"
    assert names_planned(ListeningSpec.model_validate(ab | form)) == []


def test_a_preview_speaks_the_languages_of_its_plan(ab):
    for spec in (spec_of(ab, sounds=40), ListeningSpec.model_validate(ab | {"sounds": 40})):
        short = shortened(spec)
        assert short.languages == spec.languages
        for language in spec.languages:
            assert planned(short, language) == planned(spec, language)


def test_the_page_and_what_it_is_told_are_in_the_language_of_the_participant(lab, ab):
    _, invite = lab.open(ab | OWN)
    client = lab.client()
    for header, lang, language in (("fr", "", "fr"), ("fr", "?lang=zh", "zh"), ("pt", "", "en")):
        page = client.get(f"/listen/{invite}{lang}", headers={"Accept-Language": header})
        assert f'<html lang="{language}"' in page.text
        assert "Accept-Language" in page.headers["vary"]
    person = Person(lab, invite)
    seen = {}
    for lang in ("de", "ja", "en"):
        said = person.client.get(f"{person.path}?lang={lang}", headers={"Accept-Language": "fr"}).json()
        seen[lang] = (said["language"], said["languages"], said["texts"]["question"])
    both = ["en", "de"]
    assert seen == {
        "de": ("de", both, "Was ist runder?"),
        "ja": ("en", both, "Which is rounder?"),
        "en": ("en", both, "Which is rounder?"),
    }
    assert person.put("stage", {"stage": "consent", "answer": {"language": "de"}}).status_code == 200
    assert person.put("stage", {"stage": "device", "answer": {"device": "other"}}).status_code == 200
    assert person.put("stage", {"stage": "volume"}).status_code == 200
    for _ in range(2):
        trial = person.client.get(f"{person.path}?lang=de").json()["trial"]
        assert (trial["tags"], trial["tag_texts"]) == (["bright", "dark"], ["hell", "dunkel"])
        assert trial["scale"]["labels"] == ["eckig", "rund"]
        assert person.answer(trial, ratings={"A": 5}, tags=["dark"]).status_code == 200
    (field,) = person.client.get(f"{person.path}?lang=de").json()["questionnaire"]
    assert (field["text"], field["options"], field["option_texts"]) == (
        "Machen Sie Musik?",
        ["yes", "no"],
        ["ja", "nein"],
    )
