"""The API's own description: what needs a key, and how everything fails."""


def test_every_route_but_those_for_everybody_wants_a_key(service):
    with service.client(None) as client:
        paths = client.get("/v1/openapi.json").json()["paths"]
        for path, operations in paths.items():
            for method, operation in operations.items():
                response = client.request(method, path.replace("{", "").replace("}", ""))
                open_to_all = not operation.get("security")
                assert (response.status_code == 401) <= (not open_to_all), f"{method} {path}"
                assert response.status_code != 200 or open_to_all, f"{method} {path}"


def test_every_operation_declares_its_errors_in_the_one_shape(service):
    with service.client(None) as client:
        paths = client.get("/v1/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation["summary"], f"{method} {path}"
            assert operation["description"], f"{method} {path}"
            failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert "500" in failures or not path.startswith("/v1/"), f"{method} {path}"
            for status, answer in failures.items():
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ProblemAnswer"}, f"{method} {path} {status}"
