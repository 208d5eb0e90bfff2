"""Who may call (reference, part 1.2)."""

import pytest

from tests.dialects.speaking import Speaker, keep

TEAMS = "/api-public/v1/team"


@pytest.mark.parametrize("headers", [{}, {"x-vo-api-id": "api-id"}, {"x-vo-api-key": "writes"}])
@pytest.mark.parametrize("path", [TEAMS, "/api-public/v1/nothing"])
def test_without_both_headers(api: Speaker, headers: dict[str, str], path: str) -> None:
    api.headers = headers
    assert api.get(path).expect(401) == {"error": "Authentication parameters missing"}


@pytest.mark.parametrize(("id", "key"), [("api-id", "wrong"), ("wrong", "writes"), ("api-id", "elsewhere")])
def test_an_id_and_a_key_that_do_not_belong_together(api: Speaker, id: str, key: str) -> None:
    keep(api.world, "elsewhere", "datadog_api", name="api-id")
    api.headers = {"x-vo-api-id": id, "x-vo-api-key": key}
    assert api.get(TEAMS).expect(403) == {"error": "Authentication failed"}


@pytest.mark.parametrize("path", ["/api-public/v1/incidents/resolve", "/api-public/v1/nothing", TEAMS])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_key_that_only_reads_is_told_before_anything_else(api: Speaker, path: str, method: str) -> None:
    api.headers["x-vo-api-key"] = "reads-only"
    assert api.ask(method, path, "no json").expect(403) == {"error": "this key is read-only"}
    api.get(TEAMS).expect(200)
