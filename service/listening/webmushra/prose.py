"""HTML as plain text: paragraphs, lists and lines stay, links show where they lead, and nothing of it can run."""

import re
from html.parser import HTMLParser

# fmt: off
_PARAGRAPHS = frozenset((
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "section", "article", "blockquote", "pre",
    "center", "form", "fieldset", "header", "footer",
))
# fmt: on
_LINES = frozenset({"br", "li", "tr", "dt", "dd", "hr", "option"})
_UNSPOKEN = frozenset({"script", "style", "head", "title", "iframe", "object", "svg", "noscript", "template"})

#: What cannot be shown, as notes name it.
_MEDIA = {
    "img": "a picture",
    "audio": "a player of sounds",
    "video": "a video",
    "iframe": "a page within the page",
    "object": "an object",
    "svg": "a drawing",
    "script": "a script",
    "style": "a style sheet",
    "input": "a field",
    "button": "a button",
    "select": "a list to choose from",
    "textarea": "a field",
    "canvas": "a drawing",
}

# Those that make words look otherwise, without which they mean the same.
# fmt: off
_LOOKS = frozenset((
    "b", "strong", "i", "em", "u", "s", "font", "span", "small", "big", "sub", "sup", "mark", "code", "tt", "label",
))
# fmt: on


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.left_out: list[str] = []
        self.is_styled = False
        self._unspoken = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _MEDIA and _MEDIA[tag] not in self.left_out:
            self.left_out.append(_MEDIA[tag])
        self.is_styled = self.is_styled or tag in _LOOKS or bool(given.get("style") or given.get("class"))
        self._unspoken += tag in _UNSPOKEN
        if tag == "a":
            self._links.append(str(given.get("href") or ""))
        if tag in _PARAGRAPHS:
            self.words.append("\n\n")
        elif tag in _LINES:
            self.words.append("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSPOKEN:
            self._unspoken = max(0, self._unspoken - 1)
        if tag == "a" and self._links:
            address = self._links.pop()
            if address.startswith(("http://", "https://", "mailto:")) and address not in "".join(self.words[-1:]):
                self.words.append(f" ({address})")
        if tag in _PARAGRAPHS:
            self.words.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unspoken:
            self.words.append(re.sub(r"[^\S\n]+", " ", data))


def plain(html: str) -> tuple[str, tuple[str, ...], bool]:
    """Returns the text of a piece of HTML, what of it cannot be shown, and whether its words looked special.

    Args:
        html: As webMUSHRA puts it into its page.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r" *\n *", "\n", "".join(reader.words))
    return re.sub(r"\n{3,}", "\n\n", text).strip().replace("\0", ""), tuple(reader.left_out), reader.is_styled
