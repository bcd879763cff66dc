"""A server, Chromium, and people with a key who open its pages; a page that says an error fails its test."""

import pytest
from browsing import PATIENCE_MS, chromium, listen_in, overflow, violations
from listening_lab import running


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server on SQLite, without a manager, for all tests of a module."""
    with running(tmp_path_factory.mktemp("lab") / "home") as lab:
        yield lab


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser, lab):
    """Opens a page for someone with a key: `page = visit("/studies", role="viewer", viewport=...)`.

    The errors that pages say are in `visit.said`, which has to be empty in the end: a test that makes requests fail
    clears it.
    """
    contexts, said = [], []

    def open_page(path, role="experimenter", url=lab.url, **options):
        context = browser.new_context(base_url=url, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if role is not None:
            assert context.request.post("/v1/session", data={"token": lab.keys[role]}).status == 201
        page = context.new_page()
        listen_in(page, said)
        page.goto(path)
        return page

    open_page.said = said
    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(scope="session")
def looks_right():
    """Asserts that axe-core has nothing against a page in light and dark, and that it fits a screen of 320 pixels."""

    def check(page):
        assert violations(page) == {}
        assert overflow(page) is None

    return check
