"""A real browser, listening tests of a few short sounds, and people with keyboard, mouse or finger."""

import json

import pytest
from browsing import PATIENCE_MS, chromium, listen_in
from listening_lab import Person, running

# Of what does not repeat: seconds, so that it still plays when a busy machine looks whether it does.
LONG = 4

SYSTEMS = [{"name": "made by hand", "nebula": "drum"}, {"name": "untouched", "nebula": "default"}]

SPECS = {
    "preference": {
        "version": 1,
        "name": "playlists",
        "method": "preference",
        "sounds": 2,
        "playlist": 2,
        "seconds": LONG,
        "tie": True,
        "systems": SYSTEMS,
    },
    "mushra": {
        "version": 1,
        "name": "mushra",
        "method": "mushra",
        "sounds": 2,
        "seconds": 0.6,
        "systems": SYSTEMS[:1],
        "reference": SYSTEMS[1],
        "anchors_hz": [3500],
    },
    "multi-stimulus": {
        "version": 1,
        "name": "multi-stimulus",
        "method": "multi-stimulus",
        "sounds": 1,
        "seconds": 0.3,
        "scale": {"minimum": 1, "maximum": 5, "labels": ["not at all", "very"]},
        "systems": SYSTEMS,
    },
    "ranking": {
        "version": 1,
        "name": "ranking",
        "method": "ranking",
        "sounds": 2,
        "seconds": 0.6,
        "systems": [*SYSTEMS, {"name": "even", "nebula": "uniform"}],
    },
    "abx": {
        "version": 1,
        "name": "abx",
        "method": "abx",
        "sounds": 2,
        "seconds": 0.6,
        "tie": True,
        "systems": SYSTEMS,
    },
    "same-different": {
        "version": 1,
        "name": "same or different",
        "method": "same-different",
        "sounds": 2,
        "seconds": 0.6,
        "systems": SYSTEMS,
    },
    "bs1116": {
        "version": 1,
        "name": "bs1116",
        "method": "bs1116",
        "sounds": 2,
        "seconds": 0.6,
        "systems": SYSTEMS[:1],
        "reference": SYSTEMS[1],
    },
    "rating": {
        "version": 1,
        "name": "rating",
        "method": "rating",
        "texts": {"title": "Drums & <drones>", "consent": "Read this.\n\nAnd <b>this</b>."},
        "sounds": 1,
        "practice": 1,
        "seconds": LONG,
        "tags": ["percussive", "unpleasant"],
        "systems": SYSTEMS[:1],
        "questionnaire": [
            {"key": "mixing", "text": "Do you mix?", "options": ["yes", "no"]},
            {"key": "tools", "text": "With what?", "kind": "choices", "options": ["ears", "eyes"], "required": False},
            {"key": "remarks", "text": "Anything else?", "kind": "text", "required": False},
        ],
        "completion_url": "https://example.org/done",
    },
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A server on SQLite, for all tests of the page: its tests take longer to be sealed than most take to be used."""
    with running(tmp_path_factory.mktemp("lab") / "home") as lab:
        yield lab


class Invites(dict):
    """Invites of an open test of each method, which is sealed when somebody first asks for it."""

    def __init__(self, lab):
        super().__init__()
        self._lab = lab

    def __missing__(self, method):
        # Its seeds are fresh, and the audit rightly refuses some draws this short.
        for _ in range(5):
            answer = self._lab.experimenter.post(f"/v1/listening-tests/{self._lab.seal(SPECS[method])}/open")
            if answer.status_code == 200:
                self[method] = answer.json()["invite"].removeprefix("/listen/")
                return self[method]
            assert "the audit found leaks: trial" in answer.text
        raise AssertionError(answer.text)


@pytest.fixture(scope="session")
def invites(lab):
    return Invites(lab)


@pytest.fixture
def visit(lab, invites, browser):
    """Opens the page for someone who has come to the test: `page, person = visit("mushra", viewport=...)`."""
    contexts, said = [], []

    def open_page(method, url=None, arrived=True, **options):
        context = browser.new_context(base_url=lab.url, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        person = None
        if arrived:
            person = Person(lab, invites[method])
            person.arrive()
            token = person.path.rsplit("/", 1)[1]
            remembered = {f"listen:{invites[method]}:": token, f"listen:{token}:notes": {"introduced": "test"}}
            context.add_init_script(
                "if (location.protocol === 'http:') "
                f"for (const [key, value] of Object.entries({json.dumps(remembered)})) "
                "if (localStorage.getItem(key) === null) localStorage.setItem(key, JSON.stringify(value));"
            )
        page = context.new_page()
        listen_in(page, said)
        page.goto(url or open_page.address(method))
        return page, person

    open_page.said = said
    open_page.address = lambda method: f"/listen/{invites[method]}"
    yield open_page
    for context in contexts:
        context.close()
