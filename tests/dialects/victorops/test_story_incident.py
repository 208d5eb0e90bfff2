"""A day with this dialect, from the alert to the report: everything as its clients see it, over virtual time."""

import json
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.town import hook, policy, step
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent
from watchbill.domain.civil import HOUR, MINUTE, WEEK
from watchbill.domain.organization import Endpoint
from watchbill.intake import victorops_rest


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def posts(world: World, key: str | None, **fields: Any) -> int | None:
    """What a sender posts to the REST endpoint."""
    body = json.dumps(fields).encode()
    event: AlertEvent = victorops_rest.parse(body, {}, key, lambda: "made up", "application/json")
    return world.alerts(event)[0].incident


def phases(api: Speaker, number: int) -> list[tuple[str, str]]:
    told = api.get(f"{V1}/incidents/{number}").expect(200)
    assert (told["transitions"][-1]["name"] if told["transitions"] else "UNACKED") == told["currentPhase"]
    return [(one["name"], one.get("by", "")) for one in told["transitions"]]


def ack(api: Speaker, who: str, *numbers: int) -> Any:
    body = {"userName": who, "incidentNames": [str(number) for number in numbers]}
    return api.patch(f"{V1}/incidents/ack", body).expect(200)["results"]


def test_from_the_alert_to_the_report(world: World, api: Speaker) -> None:
    api.post(
        f"{V1}/alertRules",
        {
            "alertField": "host_name",
            "alertValueMatch": r"(?i)(\w+)-\d+\.prod",
            "matchType": "REGEX",
            "annotations": [{"annotationType": "u", "fieldName": "Wiki", "fieldValue": "https://wiki.example/${{1}}"}],
        },
    ).expect(200)
    number = posts(
        world,
        "DB",
        message_type="critical",
        entity_id="db/eu-3/disk",
        entity_display_name="eu-3 disk nearly full",
        state_message="97% of /var used",
        host_name="EU-3.prod",
        monitoring_tool="prometheus",
    )
    assert number == 1
    page = world.phone("ann").expects("eu-3 disk nearly full", at=0)
    assert page.message.subjects[0].annotations == (("url", "Wiki", "https://wiki.example/EU"),)
    world.pass_(10 * MINUTE)
    world.phone("bob").expects("eu-3 disk nearly full", at=10 * MINUTE)
    assert api.get(f"{V1}/incidents/1").json["pagedUsers"] == ["ann", "bob"]
    assert ack(api, "bob", 1)[0]["cmdAccepted"] is True
    world.phone("ann").ignores_the_rest()
    api.post(f"{V1}/chat", {"username": "bob", "text": "deleting logs", "incidentId": 1}).expect(200)
    api.post(f"{V1}/incidents/1/notes", {"name": "cause", "json_value": {"text": "logs"}}).expect(200)
    world.stays_quiet(HOUR)
    posts(world, "db", message_type="RECOVERY", entity_id="db/eu-3/disk", state_message="20%")
    assert phases(api, 1) == [("ACKED", "bob"), ("RESOLVED", "")]
    world.stays_quiet(WEEK)
    assert api.get(f"{V1}/incidents").json == {"incidents": []}
    [reported] = api.get("/api-reporting/v2/incidents", host="EU-3.prod").json["incidents"]
    times = {one["name"]: one["at"] for one in reported["transitions"]}
    assert times == {
        "triggered": "2026-06-01T00:00:00Z",
        "acknowledged": "2026-06-01T00:10:00Z",
        "resolved": "2026-06-01T01:10:00Z",
    }
    assert (reported["alertCount"], reported["entityState"]) == (2, "recovery")
    assert posts(world, "db", message_type="CRITICAL", entity_id="db/eu-3/disk") == 2


def test_a_waiting_room_that_a_rule_leads_to_pages_nobody_when_it_recovers_in_time(world: World, api: Speaker) -> None:
    world.policy("room", step(policy("web-duty"), wait=15 * MINUTE))
    world.key("flapping", "room")
    rule = {
        "alertField": "state_message",
        "alertValueMatch": "*timeout*",
        "matchType": "WILDCARD",
        "annotations": [{"annotationType": "s", "fieldName": "routing_key", "fieldValue": "flapping", "flags": 1}],
    }
    api.post(f"{V1}/alertRules", rule).expect(200)
    posts(world, "web", message_type="CRITICAL", entity_id="shop", state_message="a timeout again")
    assert api.get(f"{V1}/incidents/1").json["routingKey"] == "flapping"
    world.stays_quiet(14 * MINUTE)
    posts(world, "web", message_type="RECOVERY", entity_id="shop")
    world.stays_quiet(WEEK)
    posts(world, "web", message_type="CRITICAL", entity_id="shop", state_message="a timeout again")
    world.pass_(15 * MINUTE)
    world.phone("dora").expects("shop", at=WEEK + 29 * MINUTE)
    paged = api.get(f"{V1}/incidents/2").json["pagedPolicies"]
    assert [one["policy"]["name"] for one in paged] == ["room", "web-duty"]


def test_an_acknowledged_warning_that_becomes_critical_pops_back(world: World, api: Speaker) -> None:
    posts(world, "web", message_type="WARNING", entity_id="disk")
    world.phone("dora").expects("disk", at=0)
    ack(api, "dora", 1)
    posts(world, "web", message_type="WARNING", entity_id="disk")
    world.stays_quiet(HOUR)
    posts(world, "web", message_type="CRITICAL", entity_id="disk")
    world.phone("dora").expects("disk", at=HOUR)
    assert phases(api, 1) == [("ACKED", "dora"), ("UNACKED", "")]
    assert api.get(f"{V1}/incidents/1").json["entityState"] == "CRITICAL"


def test_an_alert_acknowledges_in_its_authors_name(world: World, api: Speaker) -> None:
    posts(world, "web", message_type="CRITICAL", entity_id="call-1")
    world.phone("dora").expects("call-1", at=0)
    posts(world, "web", message_type="acknowledgement", entity_id="call-1", ack_author="Dora", ack_msg="picked up")
    assert phases(api, 1) == [("ACKED", "dora")]
    world.stays_quiet(WEEK)


def test_pop_out_of_ack_and_auto_resolve(world: World, api: Speaker) -> None:
    world.settings(ack_timeout=HOUR, auto_resolve=3 * HOUR)
    posts(world, "web", message_type="CRITICAL", entity_id="disk")
    world.phone("dora").expects("disk", at=0)
    ack(api, "dora", 1)
    world.pass_(HOUR)
    world.phone("dora").expects("disk", at=HOUR)
    assert phases(api, 1) == [("ACKED", "dora"), ("UNACKED", "")]
    ack(api, "dora", 1)
    world.pass_(HOUR)
    world.phone("dora").expects("disk", at=2 * HOUR)
    world.pass_(HOUR)
    assert phases(api, 1)[-1][0] == "RESOLVED"
    world.stays_quiet(WEEK)


def test_a_snooze_is_an_acknowledgement_until_its_end(world: World, api: Speaker) -> None:
    posts(world, "web", message_type="CRITICAL", entity_id="disk")
    world.phone("dora").expects("disk", at=0)
    world.snoozes("dora", "disk", HOUR)
    assert phases(api, 1) == [("ACKED", "dora")]
    assert ack(api, "bob", 1)[0]["cmdAccepted"] is True
    assert phases(api, 1) == [("ACKED", "dora")]
    world.pass_(HOUR)
    world.phone("dora").expects("disk", at=HOUR)
    assert phases(api, 1)[-1][0] == "UNACKED"


# --- Several who answer


def test_each_policy_of_a_multi_responder_key_answers_for_itself(world: World, api: Speaker) -> None:
    world.key("both", "db-duty", "web-duty", multi=True)
    posts(world, "both", message_type="CRITICAL", entity_id="disk")
    world.phone("ann").expects("disk", at=0)
    world.phone("dora").expects("disk", at=0)
    assert ack(api, "ann", 1)[0]["cmdAccepted"] is True
    shown = api.get(f"{V1}/incidents/1").json
    assert (shown["currentPhase"], shown["isMultiResponder"]) == ("UNACKED", True)
    world.stays_quiet(HOUR)
    results = api.patch(f"{V1}/incidents/byUser/ack", {"userName": "dora"}).expect(200)["results"]
    assert [one["incidentNumber"] for one in results] == ["1"]
    assert phases(api, 1) == [("ACKED", "dora")]


def test_one_acknowledgement_stops_all_policies_of_a_plain_key(world: World, api: Speaker) -> None:
    world.key("both", "db-duty", "web-duty")
    posts(world, "both", message_type="CRITICAL", entity_id="disk")
    world.phone("ann").expects("disk", at=0)
    world.phone("dora").expects("disk", at=0)
    ack(api, "ann", 1)
    world.stays_quiet(WEEK)


def test_an_added_responder_brings_it_back_until_they_answer(world: World, api: Speaker) -> None:
    posts(world, "web", message_type="CRITICAL", entity_id="disk")
    world.phone("dora").expects("disk", at=0)
    ack(api, "dora", 1)
    targets = [{"type": "EscalationPolicy", "slug": "db-duty"}]
    body = {"userName": "dora", "reroutes": [{"incidentNumber": "1", "addTargets": True, "targets": targets}]}
    assert api.post(f"{V1}/incidents/reroute", body).expect(200)["statuses"][0]["success"] is True
    world.phone("ann").expects("disk", at=0)
    assert phases(api, 1) == [("ACKED", "dora"), ("UNACKED", "dora")]
    world.pass_(10 * MINUTE)
    world.phone("ann").ignores_the_rest()
    world.phone("bob").expects("disk", at=10 * MINUTE).replies("ack")
    assert phases(api, 1)[-1] == ("ACKED", "bob")
    world.stays_quiet(WEEK)


def test_a_step_that_tells_a_webhook_and_a_manual_incident_share_one_policy(world: World, api: Speaker) -> None:
    world.has(Endpoint("hook", 1, "wh-1", "hook", "webhook", "https://hook.example", settings={"format": "victorops"}))
    world.policy("web-duty", step(hook("hook"), "dora"))
    targets = [{"type": "EscalationPolicy", "slug": "web-duty"}]
    body = {"summary": "Smoke", "details": "hall", "userName": "ann", "targets": targets}
    number = api.post(f"{V1}/incidents", body).expect(200)["incidentNumber"]
    world.phone("dora").expects("Smoke", at=0)
    told = world.phone("hook").expects("Smoke", at=0).message.subjects[0]
    assert (str(told.number), told.fields["created_by"]) == (number, "ann")
