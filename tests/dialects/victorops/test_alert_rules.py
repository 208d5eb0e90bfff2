"""Alert rules through the API, and what they do to alerts that come in (VictorOps reference, parts 2.20 and 4.12)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import HOUR
from watchbill.domain.incident import Phase
from watchbill.domain.transforms import AlertRule

RULES = f"{V1}/alertRules"
RULE: Any = {
    "alertField": "entity_id",
    "alertValueMatch": "disk*",
    "matchType": "WILDCARD",
    "stopFlag": True,
    "notes": "disks are Dora's",
    "routeKey": "*",
    "annotations": [
        {"annotationType": "u", "fieldName": "Run book", "fieldValue": "https://wiki.example", "flags": 0},
        {"annotationType": "s", "fieldName": "routing_key", "fieldValue": "web", "flags": 1},
    ],
}


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def sets(field: str, value: str) -> Any:
    return [{"annotationType": "s", "fieldName": field, "fieldValue": value, "flags": 1}]


def make(api: Speaker, **more: Any) -> Any:
    return api.post(RULES, RULE | more).expect(200)


def test_a_rule_is_made_told_changed_and_removed(api: Speaker) -> None:
    made = make(api)
    annotations = [{"id": 1000 + place, **one} for place, one in enumerate(RULE["annotations"])]
    assert made == RULE | {
        "id": 1,
        "rank": 1,
        "lastUpdated": 1780272000000,
        "lastUpdatedBy": "admin",
        "annotations": annotations,
    }
    assert api.get(RULES, routing_key="*").expect(200) == [made]
    assert api.get(f"{RULES}/1").expect(200) == made
    changed = api.put(f"{RULES}/1", {"stopFlag": False, "notes": "", "annotations": None}).expect(200)
    assert changed == made | {"stopFlag": False, "notes": ""}
    assert api.get(RULES).expect(200) == [changed]
    assert api.delete(f"{RULES}/1", {}).expect(200) == {"id": 1}
    assert api.get(RULES).expect(200) == []
    for answer in (api.get(f"{RULES}/1"), api.put(f"{RULES}/1", {}), api.delete(f"{RULES}/x")):
        answer.expect(404)


def test_a_new_rule_comes_on_top_and_pushes_the_others_down(api: Speaker) -> None:
    for _ in range(3):
        make(api)
    make(api, rank=2)
    assert [(one["id"], one["rank"]) for one in api.get(RULES).json] == [(3, 1), (4, 2), (2, 3), (1, 4)]
    api.put(f"{RULES}/1", {"rank": 1}).expect(200)
    assert [one["id"] for one in api.get(RULES).json] == [1, 3, 4, 2]


def test_the_older_spelling_of_the_routing_key(api: Speaker) -> None:
    rule = {name: value for name, value in RULE.items() if name != "routeKey"}
    assert api.post(RULES, rule | {"routingKey": "db"}).expect(200)["routeKey"] == "db"
    make(api)
    assert [one["id"] for one in api.get(RULES, routing_key="DB").json] == [1]
    assert len(api.get(RULES, routing_key="*").json) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"alertField": None},
        {"alertField": " "},
        {"alertValueMatch": None},
        {"matchType": "GLOB"},
        {"matchType": "REGEX", "alertValueMatch": "("},
        {"matchType": "REGEX", "alertValueMatch": "((a{0,100}){0,100}){0,100}"},
        {"matchType": "REGEX", "alertValueMatch": "x" * 129},
        {"rank": "first"},
        {"rank": 1e400},
        {"annotations": [{"fieldName": None}]},
        {"annotations": [{"fieldName": "a", "annotationType": "x"}]},
        {"annotations": {}},
        {"notes": "x" * 5000},
    ],
)
def test_what_is_no_rule(api: Speaker, change: Any) -> None:
    assert "error" in api.post(RULES, RULE | change).expect(400)
    assert api.get(RULES).expect(200) == []
    id = make(api)["id"]
    if None not in change.values() and change != {"alertField": " "}:
        assert "error" in api.put(f"{RULES}/{id}", change).expect(400)


def test_a_key_that_only_reads(api: Speaker) -> None:
    api.ask("GET", RULES, x_vo_api_key="reads-only").expect(200)
    api.ask("POST", RULES, RULE, x_vo_api_key="reads-only").expect(403)


def test_what_this_dialect_has_no_word_for_stays(world: World, api: Speaker) -> None:
    world.has(AlertRule("mine", 7, "entity_id", "disk", active=False, settings={"web": {"color": "red"}}))
    api.put(f"{RULES}/7", {"notes": "new"}).expect(200)
    kept = world.organization.alert_rules["mine"]
    assert (kept.active, kept.settings, kept.notes) == (False, {"web": {"color": "red"}}, "new")


# --- What they do


def test_an_alert_is_routed_and_annotated_by_a_rule_and_says_so(world: World, api: Speaker) -> None:
    make(api)
    world.alert("db", "disk full")
    world.phone("dora").expects("disk full", at=0)
    incident = world.incident("disk full")
    assert [(one.label, one.value) for one in incident.annotations] == [("Run book", "https://wiki.example")]
    world.tells("disk full", "changed by alert rule 1")
    world.alert("db", "cpu")
    world.phone("ann").expects("cpu", at=0)


def test_a_rule_mutes_by_making_it_an_information(world: World, api: Speaker) -> None:
    make(
        api,
        alertField="alert_received_week_time_utc",
        alertValueMatch="*-1T*",
        annotations=sets("message_type", "INFO"),
    )
    assert world.alert("db", "on monday") is None
    world.pass_(24 * HOUR)
    assert world.alert("db", "on tuesday") == 1


def test_rules_merge_alerts_of_one_batch_into_one_incident(world: World, api: Speaker) -> None:
    make(api, annotations=sets("entity_id", "all disks"))
    receipts = world.alerts(
        *(AlertEvent(Signal.CRITICAL, f"disk {number}", f"disk {number}", routing_key="db") for number in range(3))
    )
    assert {receipt.incident for receipt in receipts} == {1}
    assert world.incident("all disks").alert_count == 3
    world.alert("db", "disk 9", Signal.RECOVERY)
    assert world.incident("all disks").phase is Phase.RESOLVED


def test_what_somebody_opens_by_hand_passes_by_the_rules(world: World, api: Speaker) -> None:
    make(api, alertField="message_type", alertValueMatch="*", annotations=sets("message_type", "INFO"))
    targets = [{"type": "User", "slug": "bob"}]
    body = {"summary": "disk", "details": "d", "userName": "ann", "targets": targets}
    api.post(f"{V1}/incidents", body).expect(200)
    world.phone("bob").expects("disk", at=0)


def test_what_would_happen_is_told_with_the_rules(world: World, api: Speaker) -> None:
    make(api)
    would = world.would_happen(AlertEvent(Signal.CRITICAL, "disk", "disk", routing_key="db"), HOUR)
    assert {page.user_id for page in would.pages} == {"dora"}
    assert "alert rule 1" in would.selection.reason
