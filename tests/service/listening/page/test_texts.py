"""Every word of the page is in the one file of its language, and every word in there is used."""

import json
import re
from importlib import resources

PAGE = resources.files("service.listening.page")

METHODS = ("preference", "rating", "multi-stimulus", "mushra")

DEVICES = ("headphones", "monitors", "speakers", "other")

EDGES = ("begin", "end")


def test_the_words_are_those_that_the_page_says():
    assets = PAGE / "assets"
    texts = json.loads((assets / "texts.en.json").read_text())
    scripts = "".join(file.read_text() for file in assets.iterdir() if file.name.endswith(".js"))
    said = set(re.findall(r'say\("([^"]+)"', scripts))
    for pattern, values in (("method", METHODS), ("device", DEVICES), ("edge", EDGES)):
        found = re.findall(rf"say\(`([^`]*)\$\{{{pattern}\}}([^`]*)`", scripts)
        said |= {f"{before}{value}{after}" for before, after in found for value in values}
    said |= set(re.findall(r"\{\{ texts\.(\w+) \}\}", (PAGE / "listen.html").read_text()))
    assert said == set(texts)


def test_no_word_is_markup():
    texts = json.loads((PAGE / "assets" / "texts.en.json").read_text())
    assert not [text for text in texts.values() if re.search("[<>&]", text)]
