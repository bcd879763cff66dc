"""Every word of the page is in the one file of each language, and every word in there is used."""

import json
import re
from importlib import resources

import pytest

from service.listening.languages import LANGUAGES

LISTENING = resources.files("service.listening")

PAGE = LISTENING / "page"

METHODS = ("preference", "rating", "multi-stimulus", "ranking", "mushra", "abx", "same-different", "bs1116")

DEVICES = ("headphones", "monitors", "speakers", "other")

EDGES = ("begin", "end")


def page_texts(language):
    return json.loads((PAGE / "assets" / f"texts.{language}.json").read_text(encoding="utf-8"))


def plan_texts(language):
    return json.loads((LISTENING / "words" / f"{language}.json").read_text(encoding="utf-8"))


def placeholders(text):
    return sorted(re.findall(r"\{(\w+)\}", text)) if isinstance(text, str) else len(text)


def test_the_words_are_those_that_the_page_says():
    assets = PAGE / "assets"
    scripts = "".join(file.read_text() for file in assets.iterdir() if file.name.endswith(".js"))
    said = set(re.findall(r'say\("([^"]+)"', scripts))
    for pattern, values in (("method", METHODS), ("device", DEVICES), ("edge", EDGES)):
        found = re.findall(rf"say\(`([^`]*)\$\{{{pattern}\}}([^`]*)`", scripts)
        said |= {f"{before}{value}{after}" for before, after in found for value in values}
    said |= set(re.findall(r"\{\{ texts\.(\w+) \}\}", (PAGE / "listen.html").read_text()))
    assert said == set(page_texts("en"))


def test_there_is_a_file_for_each_language_and_no_other():
    assert {file.name for file in (LISTENING / "words").iterdir()} == {f"{each}.json" for each in LANGUAGES}
    found = {file.name for file in (PAGE / "assets").iterdir() if file.name.startswith("texts.")}
    assert found == {f"texts.{each}.json" for each in LANGUAGES} | {"texts.js"}
    names = re.search(r"NAMES = (\{.*\});", (PAGE / "assets" / "texts.js").read_text(encoding="utf-8")).group(1)
    assert tuple(re.findall(r"(\w+):", names)) == LANGUAGES


@pytest.mark.parametrize("read", [page_texts, plan_texts])
@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_language_says_the_same_with_the_same_values(read, language):
    english, texts = read("en"), read(language)
    assert list(texts) == list(english)
    assert {key: placeholders(text) for key, text in texts.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    same = {key for key, text in texts.items() if text == english[key]}
    assert same <= {"pause", "check.round", "rated", "missing.places", "progress", "volume", "series.many"}


@pytest.mark.parametrize("read", [page_texts, plan_texts])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_markup_or_empty(read, language):
    for text in read(language).values():
        for each in [text] if isinstance(text, str) else text:
            assert each.strip()
            assert not re.search("[<>&]", each)


@pytest.mark.parametrize(("language", "pattern"), [("ja", "[\u3040-\u30ff\u4e00-\u9fff]"), ("zh", "[\u4e00-\u9fff]")])
def test_languages_without_latin_letters_have_none(language, pattern):
    for read in (page_texts, plan_texts):
        for key, text in read(language).items():
            said = re.sub(r"\{\w+\}|JavaScript|[ABX]|[\W\d_]", "", text if isinstance(text, str) else "".join(text))
            assert re.fullmatch(f"{pattern}*", said), key
            assert said or key in ("rated", "missing.places"), key
