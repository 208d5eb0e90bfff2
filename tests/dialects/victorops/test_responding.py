"""Acknowledging, resolving, rerouting (VictorOps reference, parts 2.2.4 to 2.2.8)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.world import World
from watchbill.domain.civil import HOUR, MINUTE, WEEK
from watchbill.domain.incident import Phase


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def does(api: Speaker, verb: str, who: str, *names: Any, **more: Any) -> Any:
    body = {"userName": who, "incidentNames": list(names), **more}
    return api.patch(f"{V1}/incidents/{verb}", body).expect(200)["results"]


def test_an_acknowledgement_stops_the_paging(world: World, api: Speaker) -> None:
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    assert does(api, "ack", "BOB", "1", message="on it") == [
        {"incidentNumber": "1", "entityId": "disk", "cmdAccepted": True, "message": ""}
    ]
    incident = api.get(f"{V1}/incidents/1").expect(200)
    assert incident["currentPhase"] == "ACKED"
    assert incident["transitions"] == [
        {"name": "ACKED", "at": "2026-06-01T00:00:00Z", "by": "bob", "message": "on it", "manually": True}
    ]
    world.stays_quiet(WEEK)


def test_one_result_for_each_number_in_order(world: World, api: Speaker) -> None:
    world.alert("web", "disk")
    world.alert("web", "over")
    world.resolves("dora", "over")
    results = does(api, "ack", "dora", "9999", 1, "2", "1", "x", "9" * 30)
    assert [(one["incidentNumber"], one["entityId"], one["cmdAccepted"]) for one in results] == [
        ("9999", "", False),
        ("1", "disk", True),
        ("2", "over", False),
        ("x", "", False),
        ("9" * 30, "", False),
    ]
    assert results[0]["message"] == "Incident 9999 not found"
    assert "resolved" in results[2]["message"]


def test_acknowledging_again_is_accepted_and_the_last_one_owns_it(world: World, api: Speaker) -> None:
    world.alert("web", "disk")
    for who in ("dora", "dora", "bob"):
        assert does(api, "ack", who, "1")[0]["cmdAccepted"] is True
    told = api.get(f"{V1}/incidents/1").expect(200)["transitions"]
    assert [(one["name"], one["by"]) for one in told] == [("ACKED", "dora"), ("ACKED", "bob")]


@pytest.mark.parametrize("acked", [True, False])
def test_resolving_needs_no_acknowledgement(world: World, api: Speaker, acked: bool) -> None:
    world.alert("web", "disk")
    if acked:
        does(api, "ack", "dora", "1")
    assert does(api, "resolve", "dora", "1")[0]["cmdAccepted"] is True
    assert does(api, "resolve", "dora", "1")[0]["cmdAccepted"] is False
    assert does(api, "ack", "dora", "1")[0]["cmdAccepted"] is False
    assert api.get(f"{V1}/incidents/1").expect(200)["currentPhase"] == "RESOLVED"


def test_resolving_ends_a_snooze(world: World, api: Speaker) -> None:
    world.alert("web", "disk")
    world.phone("dora").expects("disk")
    world.snoozes("dora", "disk", HOUR)
    does(api, "resolve", "bob", "1")
    world.stays_quiet(WEEK)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"userName": "nobody", "incidentNames": ["1"]}, 404),
        ({"incidentNames": ["1"]}, 400),
        ({"userName": "ann"}, 400),
        ({"userName": "ann", "incidentNames": None}, 400),
        ({"userName": "ann", "incidentNames": "1"}, 400),
        ({"userName": "ann", "incidentNames": [1.5]}, 400),
        ({"userName": "ann", "incidentNames": [str(n) for n in range(10_001)]}, 400),
    ],
)
@pytest.mark.parametrize("verb", ["ack", "resolve"])
def test_what_is_refused_whole(api: Speaker, verb: str, body: Any, status: int) -> None:
    assert "error" in api.patch(f"{V1}/incidents/{verb}", body).expect(status)


# --- Whatever somebody was paged for


def test_by_user_acts_on_what_they_were_paged_for_and_nothing_else(world: World, api: Speaker) -> None:
    for title in ("first", "second"):
        world.alert("db", title)
    world.alert("web", "other")
    world.pass_(10 * MINUTE)
    assert api.patch(f"{V1}/incidents/byUser/ack", {"userName": "bob"}).expect(200)["results"] == [
        {"incidentNumber": "2", "entityId": "second", "cmdAccepted": True, "message": ""},
        {"incidentNumber": "1", "entityId": "first", "cmdAccepted": True, "message": ""},
    ]
    assert [world.incident(title).phase for title in ("first", "second", "other")] == [
        Phase.ACKNOWLEDGED,
        Phase.ACKNOWLEDGED,
        Phase.TRIGGERED,
    ]
    assert api.patch(f"{V1}/incidents/byUser/ack", {"userName": "bob"}).expect(200) == {"results": []}
    resolved = api.patch(f"{V1}/incidents/byUser/resolve", {"userName": "ann", "message": "done"}).expect(200)
    assert [one["incidentNumber"] for one in resolved["results"]] == ["2", "1"]
    assert world.incident("other").phase is Phase.TRIGGERED


def test_by_user_finds_more_than_one_page_of_them(world: World, api: Speaker) -> None:
    for number in range(520):
        world.alert("web", f"disk {number}")
    results = api.patch(f"{V1}/incidents/byUser/ack", {"userName": "dora"}).expect(200)["results"]
    assert [one["incidentNumber"] for one in results] == [str(number) for number in range(520, 0, -1)]


@pytest.mark.parametrize("verb", ["ack", "resolve"])
def test_by_an_unknown_user(api: Speaker, verb: str) -> None:
    api.patch(f"{V1}/incidents/byUser/{verb}", {"userName": "nobody"}).expect(404)
    api.patch(f"{V1}/incidents/byUser/{verb}", {}).expect(400)


# --- Rerouting


def reroutes(api: Speaker, *reroutes: Any) -> Any:
    body = {"userName": "ann", "reroutes": list(reroutes)}
    return api.post(f"{V1}/incidents/reroute", body).expect(200)["statuses"]


def to(number: Any, *slugs: str, kind: str = "User", **more: Any) -> Any:
    return {"incidentNumber": number, "targets": [{"type": kind, "slug": slug} for slug in slugs], **more}


def test_a_reroute_replaces_the_paging(world: World, api: Speaker) -> None:
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    does(api, "ack", "ann", "1")
    assert reroutes(api, to("1", "dora")) == [
        {
            "incidentNumber": "1",
            "success": True,
            "message": "",
            "targetStatus": [{"slug": "dora", "success": True, "message": ""}],
        }
    ]
    world.phone("dora").expects("disk", at=0)
    assert api.get(f"{V1}/incidents/1").expect(200)["currentPhase"] == "UNACKED"
    world.stays_quiet(WEEK)
    reroutes(api, to(1, "db-duty", kind="EscalationPolicy"))
    world.phone("ann").expects("disk", at=WEEK)


def test_targets_may_be_added(world: World, api: Speaker) -> None:
    world.alert("web", "disk")
    world.phone("dora").expects("disk", at=0).replies("ack")
    reroutes(api, to("1", "bob", addTargets=True))
    world.phone("bob").expects("disk", at=0)
    incident = api.get(f"{V1}/incidents/1").expect(200)
    assert (incident["isMultiResponder"], incident["currentPhase"]) == (True, "UNACKED")
    does(api, "ack", "bob", "1")
    assert world.incident("disk").phase is Phase.ACKNOWLEDGED


def test_each_reroute_says_what_became_of_it(world: World, api: Speaker) -> None:
    for title in ("disk", "over", "left"):
        world.alert("web", title)
    world.phone("dora").ignores_the_rest()
    world.resolves("dora", "over")
    statuses = reroutes(api, to("1", "bob", "nobody"), to("2", "bob"), to("77", "bob"), to("3", "none", kind="Planet"))
    assert [(one["incidentNumber"], one["success"]) for one in statuses] == [
        ("1", False),
        ("2", False),
        ("77", False),
        ("3", False),
    ]
    assert [[target["success"] for target in one["targetStatus"]] for one in statuses] == [
        [True, False],
        [False],
        [False],
        [False],
    ]
    assert statuses[0]["message"] == "User not found"
    assert statuses[1]["message"] == "Incident is resolved"
    assert statuses[2]["message"] == "Incident 77 not found"
    assert statuses[3]["message"] == statuses[3]["targetStatus"][0]["message"] != "no target to page"
    world.phone("bob").expects("disk", at=0)
    assert not world.incident("left").course.starts[0].user_id


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"userName": "nobody", "reroutes": []}, 404),
        ({"userName": "ann"}, 400),
        ({"userName": "ann", "reroutes": [{"targets": []}]}, 400),
        ({"userName": "ann", "reroutes": [{"incidentNumber": "1"}]}, 400),
        ({"userName": "ann", "reroutes": [7]}, 400),
    ],
)
def test_reroutes_that_are_refused_whole(world: World, api: Speaker, body: Any, status: int) -> None:
    world.alert("web", "disk")
    assert "error" in api.post(f"{V1}/incidents/reroute", body).expect(status)
