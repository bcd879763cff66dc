"""What participants read, from the pages of a configuration."""

from typing import Any

from service.listening.texts import DEFAULT_TITLE
from service.listening.webmushra.notes import Notes
from service.listening.webmushra.pages import WrittenPage
from service.listening.webmushra.prose import plain

_LONGEST = 10_000


class Prose:
    """The words of a configuration, by where they are read.

    Pages of words before the first trial become instructions or consent; later ones are read above the trial after
    them, and after the last trial with the thanks.

    Args:
        content: Of the configuration.
        pages: All, in the order in which they are listed.
        trials: Kinds of pages that are trials.
        notes: Where it is noted what cannot be shown.
    """

    def __init__(
        self, content: dict[str, Any], pages: list[WrittenPage], trials: tuple[str, ...], notes: Notes
    ) -> None:
        self._notes = notes
        self._above: dict[WrittenPage, str] = {}
        read: dict[str, list[str]] = {"consent": [], "instructions": [], "thanks": []}
        waiting: list[tuple[WrittenPage, str]] = []
        has_begun = False
        for page in pages:
            if page.kind in trials:
                has_begun = True
                words = [text for _, text in waiting]
                for other, _ in waiting:
                    notes.add("changed", f"The page {other.id!r} is read above the trial after it.")
                self._above[page] = "\n\n".join([*words, *filter(None, [self._words(page, page.form)])])
                waiting = []
                continue
            words_of = self._words(page, page.form)
            if page.kind == "consent":
                read["consent"].append(words_of)
            elif page.kind == "finish":
                read["thanks"] += [words_of, self._text(page, page.form.get("popupContent"))]
            elif page.kind in ("generic", "volume") and words_of:
                if has_begun:
                    waiting.append((page, words_of))
                else:
                    read["instructions"].append(words_of)
        for other, _ in waiting:
            notes.add("changed", f"The page {other.id!r} is read after the last trial, with the thanks.")
        read["thanks"] = [text for _, text in waiting] + read["thanks"]
        title = plain(str(content.get("testname") or DEFAULT_TITLE))[0].replace("\n", " ")[:200]
        #: The texts of every test of the configuration.
        self.texts: dict[str, str] = {"title": title or DEFAULT_TITLE}
        for name, words in read.items():
            if text := "\n\n".join(filter(None, words))[:_LONGEST]:
                self.texts[name] = text

    def of_page(self, page: WrittenPage) -> str:
        """Returns what is read above the trials of a page."""
        return self._above[page][:_LONGEST]

    def _words(self, page: WrittenPage, form: dict[str, Any]) -> str:
        """Returns name and content of a page."""
        return "\n\n".join(filter(None, [self._text(page, form.get("name")), self._text(page, form.get("content"))]))

    def _text(self, page: WrittenPage, html: object) -> str:
        if not isinstance(html, str):
            return ""
        text, left_out, is_styled = plain(html)
        for what in left_out:
            self._notes.add("left out", f"{what[0].upper()}{what[1:]} among the words of a page.", page.id)
        if is_styled:
            self._notes.add("changed", "Words are plain, not bold, coloured or of another size.", page.id)
        return text
