"""Incidents as they stand, one by one, and made by hand (VictorOps reference, parts 2.1 and 2.2)."""

import json
import re
from typing import Any

import pytest

from tests.dialects.speaking import URL, Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def only(api: Speaker) -> Any:
    [incident] = api.get(f"{V1}/incidents").expect(200)["incidents"]
    return incident


def test_a_fresh_incident(world: World, api: Speaker) -> None:
    world.alert("db", "disk", message="97%", host="eu-3", tool="prometheus")
    incident = only(api)
    assert incident == {
        "incidentNumber": "1",
        "startTime": "2026-06-01T00:00:00Z",
        "currentPhase": "UNACKED",
        "alertCount": 1,
        "lastAlertTime": "2026-06-01T00:00:00Z",
        "lastAlertId": incident["firstAlertUuid"],
        "entityId": "disk",
        "entityDisplayName": "disk",
        "entityState": "CRITICAL",
        "entityType": "HOST",
        "host": "eu-3",
        "service": "disk",
        "routingKey": "db",
        "pagedUsers": ["ann"],
        "pagedTeams": ["dba"],
        "pagedPolicies": [{"policy": {"name": "db-duty", "slug": "db-duty"}, "team": {"name": "dba", "slug": "dba"}}],
        "transitions": [],
        "firstAlertUuid": incident["firstAlertUuid"],
        "monitorName": "prometheus",
        "monitorType": "API",
        "isMultiResponder": False,
    }
    assert api.get(f"{V1}/incidents/1").expect(200) == incident


def test_what_has_no_value_is_left_out(world: World, api: Speaker) -> None:
    world.alert("web", "disk")
    incident = only(api)
    assert "host" not in incident
    assert incident["entityType"] == "SERVICE"
    assert incident["pagedPolicies"] == [{"policy": {"name": "web-duty", "slug": "web-duty"}}]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"monitor": "a@b.example"}, "Email"),
        ({"tool": "New Relic"}, "NewRelic"),
        ({"tool": "x", "monitor": "y"}, "API"),
    ],
)
def test_where_it_came_from(world: World, api: Speaker, told: dict[str, Any], kind: str) -> None:
    world.alert("web", "disk", **told)
    assert only(api)["monitorType"] == kind


@pytest.mark.parametrize("key", [None, "unheard of"])
def test_what_took_the_default_route(world: World, api: Speaker, key: str | None) -> None:
    world.alert(key, "disk")
    assert only(api)["routingKey"] == "routingdefault"


def test_every_transition_but_the_first_is_told(world: World, api: Speaker) -> None:
    world.alert("db", "disk", Signal.WARNING)
    world.pass_(MINUTE)
    world.acknowledges("ann", "disk")
    world.pass_(MINUTE)
    world.alert("db", "disk")
    world.pass_(MINUTE)
    world.alert("db", "disk", Signal.RECOVERY, note="restarted")
    incident = only(api)
    last = incident["lastAlertId"]
    assert incident["transitions"] == [
        {"name": "ACKED", "at": "2026-06-01T00:01:00Z", "by": "ann", "manually": True},
        {"name": "UNACKED", "at": "2026-06-01T00:02:00Z", "message": "a warning became critical", "manually": False},
        {
            "name": "RESOLVED",
            "at": "2026-06-01T00:03:00Z",
            "message": "restarted",
            "manually": False,
            "alertId": last,
            "alertUrl": f"{URL}/api-public/v1/alerts/{last}",
        },
    ]
    assert (incident["currentPhase"], incident["entityState"], incident["alertCount"]) == ("RESOLVED", "RECOVERY", 3)


def test_the_list_holds_what_is_open_and_what_was_resolved_today_the_newest_first(world: World, api: Speaker) -> None:
    for title in ("old", "open", "new"):
        world.alert("web", title)
    world.resolves("dora", "old")
    world.pass_(DAY - HOUR)
    world.resolves("dora", "new")
    world.pass_(HOUR)
    asked = api.get(f"{V1}/incidents", startTime="2026-01-01T00:00:00", nonsense="1").expect(200)["incidents"]
    assert [one["incidentNumber"] for one in asked] == ["3", "2", "1"]
    world.pass_(1)
    assert [one["incidentNumber"] for one in api.get(f"{V1}/incidents").json["incidents"]] == ["3", "2"]
    assert api.get(f"{V1}/incidents/1").expect(200)["currentPhase"] == "RESOLVED"


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 40, "1.0", "%00", "١"])
def test_an_unknown_number(world: World, api: Speaker, number: str) -> None:
    world.alert("web", "disk")
    assert "error" in api.get(f"{V1}/incidents/{number}").expect(404)


# --- One alert


def test_an_alert_is_told_with_all_that_was_posted(world: World, api: Speaker) -> None:
    fields = {"message_type": "critical", "entity_id": "disk", "custom": 7}
    world.alert("db", "disk", message="97%", state_started_at=world.now - HOUR, fields=fields, tool="t")
    alert = api.get(f"{V1}/alerts/{only(api)['firstAlertUuid']}").expect(200)
    raw = json.loads(alert.pop("raw"))
    assert alert == {
        "messageType": "CRITICAL",
        "entityId": "disk",
        "timestamp": 1780272000,
        "stateStartTime": 1780272000 - 3600,
        "stateMessage": "97%",
        "monitoringTool": "t",
        "entityDisplayName": "disk",
    }
    assert raw["message_type"] == "critical"
    assert raw["custom"] == 7
    assert raw["VO_ORGANIZATION_ID"] == "acme"
    assert raw["VO_ALERT_RCV_TIME"] == 1780272000000
    assert raw["routing_key"] == "db"


def test_who_acknowledged_is_told(world: World, api: Speaker) -> None:
    world.alert("web", "disk")
    told = world.alerts(AlertEvent(Signal.ACKNOWLEDGEMENT, "disk", "disk", author="dora", note="on it"))
    alert = api.get(f"{V1}/alerts/{told[0].alert_id}").expect(200)
    assert (alert["ackAuthor"], alert["ackMsg"]) == ("dora", "on it")
    assert only(api)["transitions"][0]["by"] == "dora"


def test_an_unknown_alert(api: Speaker) -> None:
    assert "error" in api.get(f"{V1}/alerts/none").expect(404)


# --- By hand

GIVEN = {
    "summary": "Smoke",
    "details": "in the hall",
    "userName": "Bob",
    "targets": [{"type": "User", "slug": "ANN"}, {"type": "EscalationPolicy", "slug": "web-duty"}],
}


def test_an_incident_by_hand_pages_its_targets(world: World, api: Speaker) -> None:
    answer = api.post(f"{V1}/incidents", GIVEN).expect(200)
    assert re.fullmatch(r"\d+", answer["incidentNumber"])
    assert answer == {"incidentNumber": "1", "entityId": only(api)["entityId"]}
    world.phone("ann").expects("Smoke", at=0)
    world.phone("dora").expects("Smoke", at=0)
    incident = only(api)
    assert incident["routingKey"] == "routingdefault"
    assert (incident["monitorName"], incident["monitorType"]) == ("vouser-bob", "Manual")
    assert (incident["service"], incident["entityType"]) == ("Smoke", "SERVICE")
    assert incident["pagedUsers"] == ["dora", "ann"]
    alert = api.get(f"{V1}/alerts/{incident['firstAlertUuid']}").expect(200)
    raw = json.loads(alert["raw"])
    assert (alert["monitoringTool"], raw["created_by"]) == ("manual", "bob")
    assert raw["alert_type"] == raw["entity_state"] == raw["message_type"] == "CRITICAL"
    assert raw["monitor_name"] == "vouser-bob"


def test_every_target_answers_for_itself_when_asked_so(world: World, api: Speaker) -> None:
    api.post(f"{V1}/incidents", GIVEN | {"isMultiResponder": True}).expect(200)
    ack = {"userName": "ann", "incidentNames": ["1"]}
    [result] = api.patch(f"{V1}/incidents/ack", ack).expect(200)["results"]
    assert result["cmdAccepted"] is True
    assert (only(api)["currentPhase"], only(api)["isMultiResponder"]) == ("UNACKED", True)
    api.patch(f"{V1}/incidents/ack", ack | {"userName": "dora"}).expect(200)
    assert only(api)["currentPhase"] == "ACKED"


def test_a_team_stands_for_its_members_and_a_bridge_is_shown(world: World, api: Speaker) -> None:
    bridge = {"url": "https://meet.example/1", "phone": "+1", "notes": None}
    targets = [{"type": "Team", "slug": "dba"}]
    api.post(f"{V1}/incidents", GIVEN | {"targets": targets, "conferenceBridge": bridge}).expect(200)
    world.remembers([])
    for name in ("ann", "bob"):
        world.phone(name).expects("Smoke", at=0)
    notes = world.write(lambda tx: tx.incident(world.org, 1)).annotations
    assert [(one.kind, one.value) for one in notes] == [("url", "https://meet.example/1"), ("note", "+1")]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"summary": None}, 400),
        ({"summary": ""}, 400),
        ({"details": 7}, 400),
        ({"details": None}, 400),
        ({"userName": "nobody"}, 404),
        ({"userName": None}, 400),
        ({"targets": []}, 400),
        ({"targets": None}, 400),
        ({"targets": [{"type": "User"}]}, 400),
        ({"targets": [{"type": "Planet", "slug": "x"}]}, 400),
        ({"targets": [{"type": "User", "slug": "nobody"}]}, 404),
        ({"targets": [{"type": "EscalationPolicy", "slug": "none"}]}, 404),
        ({"targets": [{"type": "User", "slug": "ann"}] * 101}, 400),
    ],
)
def test_what_can_not_be_made(api: Speaker, change: dict[str, Any], status: int) -> None:
    assert "error" in api.post(f"{V1}/incidents", GIVEN | change).expect(status)
    assert api.get(f"{V1}/incidents").expect(200) == {"incidents": []}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null", b'"x"', b'{"summary":"\\ud800"}'])
def test_any_bytes_are_refused_in_words(api: Speaker, body: bytes) -> None:
    assert "error" in api.post(f"{V1}/incidents", body).expect(400)


def test_details_may_be_empty(world: World, api: Speaker) -> None:
    api.post(f"{V1}/incidents", GIVEN | {"details": ""}).expect(200)
    assert world.write(lambda tx: tx.incident(world.org, 1)).message == ""
    assert api.get(f"{V1}/incidents/1").expect(200)["entityDisplayName"] == GIVEN["summary"]


def test_a_long_text_is_cut(world: World, api: Speaker) -> None:
    api.post(f"{V1}/incidents", GIVEN | {"summary": "é\x00" * 5000, "details": "x" * 30_000}).expect(200)
    assert len(only(api)["entityDisplayName"]) == 1024


def test_a_key_that_only_reads(api: Speaker) -> None:
    api.ask("GET", f"{V1}/incidents", x_vo_api_key="reads-only").expect(200)
    probe = {"userName": "", "incidentNames": []}
    api.ask("POST", f"{V1}/incidents/resolve", probe, x_vo_api_key="reads-only").expect(403)
    api.ask("POST", f"{V1}/incidents/resolve", probe).expect(400)
