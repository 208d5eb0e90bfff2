"""The history of incidents (VictorOps reference, parts 2.15.1 and 2.15.2)."""

from typing import Any

import pytest

from tests.dialects.speaking import URL, Speaker, victorops_keys
from tests.dialects.victorops.desk import desk
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT
from watchbill.domain.alert import Signal
from watchbill.domain.civil import HOUR, MINUTE

V2, V1 = "/api-reporting/v2/incidents", "/api-reporting/v1/incidents"


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def numbers(api: Speaker, **query: Any) -> list[int]:
    answer = api.get(V2, **query).expect(200)
    found = [int(one["incidentNumber"]) for one in answer["incidents"]]
    assert answer["total"] == answer["offset"] + len(found) or len(found) == answer["limit"]
    return found


def history(world: World) -> None:
    """1 to 4 are resolved, 5 is acknowledged, 6 triggered; an hour between each."""
    for number, (key, host) in enumerate(
        [("db", "a"), ("web", "b"), ("db", "a"), (None, ""), ("db", "c"), ("db", "a")]
    ):
        world.alert(key, f"disk {number % 3}", host=host, service="shop" if number == 1 else "")
        if number < 4:
            world.resolves("bob", f"disk {number % 3}")
        world.pass_(HOUR)
    world.acknowledges("bob", "disk 1")


def test_it_is_told_in_lower_case_with_the_trigger(world: World, api: Speaker) -> None:
    world.alert("db", "disk", host="eu-3")
    world.pass_(MINUTE)
    world.acknowledges("ann", "disk")
    world.pass_(MINUTE)
    world.alert("db", "disk", Signal.RECOVERY)
    answer = api.get(V2).expect(200)
    [incident] = answer.pop("incidents")
    assert answer == {"offset": 0, "limit": 20, "total": 1}
    first, last = incident["transitions"][0]["alertId"], incident["lastAlertId"]
    assert incident == {
        "incidentNumber": "1",
        "alertCount": 2,
        "currentPhase": "resolved",
        "entityDisplayName": "disk",
        "entityId": "disk",
        "entityState": "recovery",
        "entityType": "host",
        "host": "eu-3",
        "service": "disk",
        "routingKey": "db",
        "startTime": "2026-06-01T00:00:00Z",
        "lastAlertTime": "2026-06-01T00:02:00Z",
        "lastAlertId": last,
        "pagedTeams": ["dba"],
        "pagedUsers": ["ann"],
        "pagedPolicies": [{"policy": {"name": "db-duty", "slug": "db-duty"}, "team": {"name": "dba", "slug": "dba"}}],
        "transitions": [
            {
                "name": "triggered",
                "at": "2026-06-01T00:00:00Z",
                "manually": False,
                "alertId": first,
                "alertUrl": f"{URL}/api-public/v1/alerts/{first}",
            },
            {"name": "acknowledged", "at": "2026-06-01T00:01:00Z", "by": "ann", "manually": True},
            {
                "name": "resolved",
                "at": "2026-06-01T00:02:00Z",
                "manually": False,
                "alertId": last,
                "alertUrl": f"{URL}/api-public/v1/alerts/{last}",
            },
        ],
    }
    [page] = api.get(V1).expect(200)
    [incident] = page.pop("incidents")
    assert page == answer
    assert incident == {
        "incidentNumber": "1",
        "currentPhase": "resolved",
        "startTime": "2026-06-01T00:00:00Z",
        "endTime": "2026-06-01T00:02:00Z",
        "ackTime": "2026-06-01T00:01:00Z",
        "ackUserId": "ann",
        "ackUser": {"email": "ann@example.org"},
        "entityId": "disk",
        "entityDispName": "disk",
        "entityType": "host",
        "host": "eu-3",
        "service": "disk",
        "alertCount": 2,
        "lastAlertID": last,
        "lastAlertTime": "2026-06-01T00:02:00Z",
        "teams": "dba",
    }


def test_without_a_phase_only_what_is_resolved_the_newest_first(world: World, api: Speaker) -> None:
    history(world)
    assert numbers(api) == [4, 3, 2, 1]
    assert numbers(api, currentPhase="") == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"currentPhase": "triggered"}, [6]),
        ({"currentPhase": "UNACKED, Acked"}, [6, 5]),
        ({"currentPhase": "resolved,acknowledged,triggered"}, [6, 5, 4, 3, 2, 1]),
        ({"entityId": "disk 0"}, [4, 1]),
        ({"entityId": "none"}, []),
        ({"incidentNumber": "1,3:9"}, [4, 3, 1]),
        ({"incidentNumber": "9:1"}, []),
        ({"startedAfter": "2026-06-01T01:00:00Z"}, [4, 3, 2]),
        ({"startedAfter": "2026-06-01T01:00:00.000001", "startedBefore": "2026-06-01T03:00:00"}, [3]),
        ({"startedBefore": "1780275600000"}, [1]),
        ({"startedAfter": "2026-06-01T03:00:00 02:00"}, [4, 3, 2]),
        ({"host": "a"}, [3, 1]),
        ({"host": "b,c"}, [2]),
        ({"service": "shop,disk 0"}, [4, 2, 1]),
        ({"routingKey": "DB"}, [3, 1]),
        ({"routingKey": "default"}, [4]),
        ({"routingKey": "routingdefault"}, [4]),
        ({"routingKey": "none"}, []),
        ({"limit": "2"}, [4, 3]),
        ({"limit": "2", "offset": "1"}, [3, 2]),
        ({"limit": "1000", "offset": "3"}, [1]),
        ({"limit": "0"}, [4]),
        ({"unknown": "x"}, [4, 3, 2, 1]),
    ],
)
def test_what_is_asked_for_is_found(world: World, api: Speaker, query: dict[str, str], wanted: list[int]) -> None:
    history(world)
    assert numbers(api, **query) == wanted


def test_all_is_counted_and_pages_join(world: World, api: Speaker) -> None:
    for number in range(30):
        world.alert("web", f"disk {number}")
        world.resolves("dora", f"disk {number}")
    pages = [api.get(V2, offset=offset, limit=8).expect(200) for offset in range(0, 40, 8)]
    assert {page["total"] for page in pages} == {30}
    seen = [int(one["incidentNumber"]) for page in pages for one in page["incidents"]]
    assert seen == list(range(30, 0, -1))


@pytest.mark.parametrize("path", [V1, V2])
@pytest.mark.parametrize(
    "query",
    [
        {"offset": "-1"},
        {"limit": "x"},
        {"currentPhase": "open"},
        {"incidentNumber": "1-2"},
        {"incidentNumber": "9" * 30},
        {"startedAfter": "yesterday"},
        {"entityId": "\0"},
        {"host": ",".join(map(str, range(101)))},
    ],
)
def test_what_can_not_be_asked(api: Speaker, path: str, query: dict[str, str]) -> None:
    assert "error" in api.get(path, **query).expect(400)


def test_it_may_be_asked_once_a_minute_where_the_documented_limits_hold(world: World) -> None:
    api = Speaker(world, DIALECT, victorops_keys(world), documented_limits=True)
    api.get(V2).expect(200)
    refused = api.get(V1)
    assert refused.expect(429)
    assert refused.headers["retry-after"] == "60"
    world.pass_(MINUTE)
    api.get(V1).expect(200)
