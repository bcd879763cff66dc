"""Requests drawn from the API's own description, in every role: nothing answers otherwise than it says it would."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

pytestmark = pytest.mark.slow

# Schemathesis' check of keys does not know that guesses are throttled; who may do what is said here. And a description
# cannot say everything that is wrong with a value, such as a study without a target, for all to be well if it says so.
EXCLUDED = [ignored_auth, positive_data_acceptance]

#: What only an admin may do.
ADMIN = {("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/{key_id}"), ("GET", "/v1/audit")}

#: What takes an experimenter although it changes nothing.
EXPERIMENTER = {
    ("GET", "/v1/listening-tests/{test_id}/answers"),
    ("GET", "/v1/listening-tests/{test_id}/answers.csv"),
    ("GET", "/v1/listening-tests/{test_id}/audit"),
    ("GET", "/v1/links"),
    ("GET", "/v1/nebulae/{name}/mmd"),
}

#: What a viewer may do although it is no GET: it changes nothing.
VIEWER = {
    ("POST", "/v1/estimates"),
    ("POST", "/v1/nebulae/preview"),
    ("POST", "/v1/nebulae/variations"),
    ("POST", "/v1/nebulae/surroundings"),
}

#: For everybody: logging in and out, what participants of listening tests do, who have an invitation or a token, and
#: what somebody with a link sees.
EVERYBODY = "/v1/listen/", "/v1/shared/", "/v1/session", "/healthz", "/readyz"

RANKS = (None, "viewer", "experimenter", "admin")


def rank(method, path):
    """Returns the least role that may do something, None where nobody needs one."""
    if (method, path) in ADMIN:
        return "admin"
    if path.startswith(EVERYBODY) and (method, path) != ("GET", "/v1/session"):
        return None
    if (method, path) in EXPERIMENTER or (method != "GET" and (method, path) not in VIEWER):
        return "experimenter"
    return "viewer"


@pytest.fixture
def things(admin, percussion):
    """By what a path calls it: the name of something that there is, and that anybody may do anything with."""
    archive = [("files", (path.name, path.read_bytes())) for path in sorted(percussion.iterdir())[:4]]
    systems = [{"name": "a", "nebula": "drum"}, {"name": "b", "nebula": "default"}]
    test = {"version": 1, "name": "t", "method": "preference", "sounds": 2, "seconds": 0.3, "systems": systems}
    search = {"phases": [{"sampler": "random", "trials": 2}]}
    study = {"version": 1, "name": "s", "objective": "match", "target": "drum", "search": search}
    exported = admin.get("/v1/nebulae/drum/export").json()
    posts = {
        "corpus_id": admin.post("/v1/corpora", data={"name": "c"}, files=archive),
        "test_id": admin.post("/v1/listening-tests", json=test),
        "study_id": admin.post("/v1/studies", json=study),
        "key_id": admin.post("/v1/keys", json={"name": "k"}),
        "link_id": admin.post("/v1/links", json={"nebula": "drum"}),
        "name": admin.post("/v1/nebulae", json={"name": "n", "nebula": exported}),
    }
    corpus = posts["corpus_id"].raise_for_status().json()["id"]
    posts["match_id"] = admin.post("/v1/matches", json={"corpus": corpus, "generations": 0})
    return {name: post.raise_for_status().json()["name" if name == "name" else "id"] for name, post in posts.items()}


def test_every_answer_is_as_described_whatever_is_asked_in_whatever_role(service, things):
    schema = schemathesis.openapi.from_url(f"{service.url}/v1/openapi.json", timeout=300)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {f"{{{name}}}" for name in things} <= {part for each in operations for part in each.path.split("/")}
    for operation in operations:
        if not operation.path.endswith("/events"):  # which has no end
            exercise(operation, service.keys, things)


def exercise(operation, keys, things):
    """Asks for one thing in several ways, good and bad, in every role, and has every answer checked."""
    method, path = operation.method.upper(), operation.path

    # Drawing a request takes longer than answering it, so each is sent in all roles, the least first: most of them are
    # refused, and leave what there is to the next.
    @seed(0)
    @settings(max_examples=5, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data(), st.booleans(), st.sampled_from(list(GenerationMode)))
    def ask(data, existing, mode):
        known = {name: value for name, value in things.items() if existing and f"{{{name}}}" in path}
        case = data.draw(operation.as_strategy(mode, path_parameters=known or None))
        for role in RANKS:
            headers = {"Authorization": f"Bearer {keys[role]}"} if role else {}
            response = case.call(headers=headers, timeout=300)
            case.validate_response(response, excluded_checks=EXCLUDED)
            assert_allowed(role, rank(method, path), response)

    ask()


def assert_allowed(role, least, response):
    """Asserts that whoever has not the least role was refused for that, and nobody else was."""
    if "%00" in response.request.url:
        # An address that nobody could mean is refused before it is known what it is the address of.
        return
    asked = f"{role}: {response.request.method} {response.request.url}: {response.text}"
    if RANKS.index(role) < RANKS.index(least):
        # Guesses at sessions are drawn too, which are throttled.
        assert response.status_code in ({403} if role else {401, 429}), asked
    elif least:
        assert response.status_code not in {401, 403}, asked
