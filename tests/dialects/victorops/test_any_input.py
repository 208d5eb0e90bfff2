"""Whatever is sent to whichever call, it is answered in this dialect's words and changes nothing by halves (reference,
part 1.4)."""

import json
import re
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import desk
from tests.stories.world import World
from watchbill.api.victorops.routes import ROUTES
from watchbill.asgi.dialect import Route
from watchbill.domain.checks import check

BODIES: list[Any] = [
    b"",
    b"\x00\xff",
    b"[]",
    b"null",
    b"7",
    b'{"a":' * 3000,
    b'{"userName":1e999}',
    {},
    [[]],
]
VALUES: list[Any] = [None, 10**40, -1, 0.5, "", "\0", "x" * 5000, "é\u2028", [], [None], {}, {"type": 7}, True]
PARTS = ["1", "0", "ann", "db-duty", "dba", "none", "%00", "%ff", "é", "..", "x" * 5000, "9" * 400, "a%2Fb", "+", "'"]
QUERIES = [
    "limit=x&limit=1",
    "offset=%00",
    "daysForward=1e9",
    "incidentId=%ff",
    "start=never",
    "host=" + "a," * 300,
    "=",
]
WORDS = [
    *("userName", "username", "incidentNames", "message", "targets", "summary", "details"),
    *("reroutes", "name", "names", "displayName", "json_value", "text", "incidentId"),
    *("tags", "title", "recipients", "recipientTeams", "purpose", "type", "endDate"),
    *("alertField", "alertValueMatch", "matchType", "rank", "annotations", "routeKey", "replacement"),
    *("steps", "teamSlug", "label", "shifts", "start", "end", "timezone"),
    *("fromUser", "toUser", "email", "phone", "rules", "timeout", "contact"),
    *("policy", "routingKey", "users", "userList", "firstName", "lastName", "admin"),
]


@pytest.fixture
def api(world: World) -> Speaker:
    made = desk(world)
    world.alert("web", "disk")
    return made


def ask(api: Speaker, route: Route, part: str, body: Any = None, query: str = "") -> None:
    path = re.sub(r"\{\w+\}", part, route.path)
    answer = api.ask(route.method, f"{path}?{query}", body)
    assert answer.status < 500, (route.method, path[:200], body, answer.body[:500])
    if answer.status >= 400:
        assert set(json.loads(answer.body)) <= {"error", "message"}
        assert len(answer.body) < 10_000


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_any_input_is_answered_in_words(world: World, api: Speaker, route: Route) -> None:
    for part in PARTS:
        ask(api, route, part, {})
    for query in QUERIES:
        ask(api, route, "1", None, query)
    if route.method != "GET":
        for body in BODIES:
            ask(api, route, "ann", body)
        for value in VALUES:
            ask(api, route, "ann", dict.fromkeys(WORDS, value))
            ask(api, route, "dba", dict.fromkeys(WORDS[::2], value) | {"userName": "ann", "username": "ann"})
    problems = [problem for problem in check(world.organization) if problem.path != "id"]
    assert problems == []
