"""A report as its reader's browser has it: elements, tables, figures and sounds."""

import base64
import io
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import numpy as np
import soundfile
from small_study import RATE


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Every element of a page in the order of the text, each with all the text inside it."""

    void = frozenset({"meta", "br", "img", "link", "input", "polyline"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), inside=[outer.tag for outer in self._open])
        self.elements.append(element)
        if tag not in self.void:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), inside=[outer.tag for outer in self._open]))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def with_id(self, identity: str) -> Element:
        (element,) = (element for element in self.elements if element.attributes.get("id") == identity)
        return element

    def cells(self, table: str) -> list[list[str]]:
        """The rows of a table in its bodies, as text."""
        start = self.elements.index(self.with_id(table))
        rows: list[list[str]] = []
        for element in self.elements[start + 1 :]:
            if "table" not in element.inside:
                break
            if "tbody" in element.inside:
                if element.tag == "tr":
                    rows.append([])
                elif element.tag in ("td", "th"):
                    rows[-1].append(element.text)
        return rows

    @property
    def figures(self) -> dict[str, Any]:
        figures = json.loads(self.with_id("figures").text)
        assert isinstance(figures, dict)
        return figures

    @property
    def sounds(self) -> list[tuple[str, np.ndarray]]:
        """The role of each playable sound, and what it decodes to."""
        found = []
        for audio in self.all("audio"):
            head, _, body = (audio.attributes["src"] or "").partition(",")
            assert head == "data:audio/flac;base64"
            samples, rate = soundfile.read(io.BytesIO(base64.b64decode(body)), dtype="float64")
            assert rate == RATE
            assert soundfile.info(io.BytesIO(base64.b64decode(body))).subtype == "PCM_16"
            found.append(((audio.attributes["aria-labelledby"] or "").split()[0].removeprefix("listen-"), samples))
        return found
