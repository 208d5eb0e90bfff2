"""First response and correlation policies (reference, part 13)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import alert, message, policy, post, staff, user
from tests.dialects.opsramp.ramp import Ramp
from tests.stories.world import World
from watchbill.domain.civil import DAY, MINUTE

FIRST: dict[str, Any] = {
    "name": "firstResponse_1",
    "enabledMode": "ON",
    "filterCriteria": {
        "filterBased": True,
        "matchingType": "ALL",
        "rules": [
            {
                "filterType": "nativeAttributes",
                "entityName": "resource_name",
                "operator": "Starts with",
                "entityValue": "db",
            },
            {
                "filterType": "nativeAttributes",
                "entityName": "ip_address",
                "ipMatchingConditions": {"ipAddressMatchType": "CIDR Match", "cidrNotation": "192.168.1.1/24"},
            },
        ],
    },
    "attributeActions": {
        "continuousLearning": True,
        "suppress": {"learnedConfiguration": True, "suppressDuration": 5},
        "runProcess": {"learnedConfiguration": True, "processIds": ["PROCESS_1"]},
    },
    "patternActions": {"seasonalityTimeFrame": "7D", "suppress": {"seasonalAlerts": True}},
}
SECOND: dict[str, Any] = {
    "name": "Agents",
    "type": "ALGORITHM",
    "precedence": 29,
    "algorithmCorrelation": {
        "alertsTimeWindow": 20,
        "matchingConditions": [{"property": "subject", "matchType": "Identical"}],
        "primaryAlertSubject": "Agent down",
    },
}
KINDS = [("firstResponse", FIRST), ("alertCorrelation", SECOND)]


@pytest.mark.parametrize(("path", "body"), KINDS)
def test_a_policy_is_made_shown_changed_switched_and_removed(
    world: World, client: Ramp, path: str, body: dict[str, Any]
) -> None:
    url = f"policies/{path}"
    made = client.post(url, body).expect(200)
    assert made["id"].startswith("POLICY-AC-")
    assert (made["enabled"], made["updatedTime"], made["createdTime"]) == (True, "", "2026-06-01T00:00:00+0000")
    assert {name: made[name] for name in body} == body
    one = f"{url}/{made['id']}"
    assert client.get(one).expect(200) == made
    world.pass_(MINUTE)
    changed = client.post(one, {**made, "name": "Renamed"}).expect(200)
    assert changed == {**made, "name": "Renamed", "updatedTime": "2026-06-01T00:01:00+0000"}
    for action, mode in (("disable", "OFF"), ("observed", "OBSERVED"), ("enable", "ON")):
        answer = client.post(f"{one}/{action}")
        assert (answer.status, answer.body) == (200, b"")
        shown = client.get(one).expect(200)
        assert (shown["enabledMode"], shown["enabled"]) == (mode, mode != "OFF")
    assert (client.delete(one).status, client.delete(one).status) == (200, 404)
    for missing in (client.get(one), client.post(one, {"name": "x"}), client.post(f"{one}/enable")):
        missing.expect(404)
    assert not world.organization.rules


def test_a_row_and_the_order_of_the_list(client: Ramp) -> None:
    for name, precedence in (("late", 9), ("early", 2)):
        client.post("policies/firstResponse", {"name": name, "precedence": precedence}).expect(200)
    told = client.ask("GET", "policies/firstResponse/?pageNo=1&pageSize=100").expect(200)
    assert (told["orderBy"], told["descendingOrder"]) == ("precedence", False)
    assert [row["name"] for row in told["results"]] == ["early", "late"]
    row = told["results"][0]
    assert row == {
        "id": row["id"],
        "name": "early",
        "enabled": True,
        "precedence": 2,
        "firstResponseType": "SUPPRESSION",
    }
    client.post("policies/alertCorrelation", SECOND).expect(200)
    (row,) = client.get("policies/alertCorrelation").expect(200)["results"]
    assert (row["type"], row["precedence"]) == ("ALGORITHM", 29)


def test_the_kinds_do_not_know_each_others_policies(client: Ramp) -> None:
    made = client.post("policies/firstResponse", FIRST).expect(200)
    client.get(f"policies/alertCorrelation/{made['id']}").expect(404)
    client.get(f"escalations/{made['id']}").expect(404)


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("firstResponse", {"name": ""}, "name"),
        ("firstResponse", {"enabledMode": "MAYBE"}, "enabledMode"),
        ("firstResponse", {"filterCriteria": []}, "filterCriteria"),
        ("firstResponse", {"filterCriteria": {"matchingType": "SOME"}}, "matchingType"),
        ("firstResponse", {"filterCriteria": {"rules": [{"entityName": 5}]}}, "filterCriteria.rules[0].entityName"),
        ("firstResponse", {"attributeActions": {"suppress": {"suppressDuration": -1}}}, "suppressDuration"),
        ("firstResponse", {"attributeActions": {"suppress": []}}, "suppress"),
        ("firstResponse", {"precedence": "first"}, "precedence"),
        ("firstResponse", {"includedClients": "client_2"}, "includedClients"),
        ("alertCorrelation", {"type": "MAGIC"}, "type"),
        ("alertCorrelation", {"enabledMode": "RECOMMEND"}, "enabledMode"),
        ("alertCorrelation", {"algorithmCorrelation": {"alertsTimeWindow": 4}}, "alertsTimeWindow"),
    ],
)
def test_what_is_wrong_is_refused(client: Ramp, path: str, change: dict[str, Any], field: str) -> None:
    told = client.post(f"policies/{path}", dict(KINDS)[path] | change).expect(400)
    assert told["fieldName"] == field
    client.post(f"policies/{path}", "nonsense").expect(400)
    made = client.post(f"policies/{path}", dict(KINDS)[path]).expect(200)
    client.post(f"policies/{path}/{made['id']}/explode").expect(400)


# --- What a first response does


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann")
    post(client, policy(message(user(1), notifyLimitCount=1)))
    return client


def quiet(desk: Ramp, *rules: dict[str, Any], mode: str = "ON", **suppress: Any) -> dict[str, Any]:
    body = {
        "name": "Quiet",
        "enabledMode": mode,
        "filterCriteria": {"filterBased": bool(rules), "matchingType": "ALL", "rules": list(rules)},
        "attributeActions": {"suppress": {"suppressDuration": 5} | suppress},
    }
    made: dict[str, Any] = desk.post("policies/firstResponse", body).expect(200)
    return made


def test_a_new_alert_is_suppressed_for_the_time_and_escalates_then(world: World, desk: Ramp) -> None:
    quiet(desk)
    alert(desk)
    shown = desk.get("alerts/1000002").expect(200)
    assert (shown["status"], shown["suppressed"]) == ("Suppressed", True)
    world.phone("ann").expects_nothing()
    world.pass_(DAY)
    world.phone("ann").expects("disk full", at=5 * MINUTE)


def test_what_heals_meanwhile_reaches_nobody(world: World, desk: Ramp) -> None:
    quiet(desk)
    alert(desk)
    alert(desk, state="OK")
    world.pass_(DAY)
    world.nothing_else_was_sent()


RULES = [
    ({"entityName": "resource_name", "operator": "Starts with", "entityValue": "db"}, True),
    ({"entityName": "host_name", "operator": "Starts  With", "entityValue": "DB"}, True),
    ({"entityName": "resource_name", "operator": "Starts with", "entityValue": "web"}, False),
    ({"entityName": "alert_metric", "operator": "Not Contains", "entityValue": "cpu"}, True),
    ({"entityName": "device_group", "operator": "Is", "entityValue": "Databases"}, True),
    ({"entityName": "device_group", "operator": "Is", "entityValue": "Data"}, False),
    ({"filterType": "customAttributes", "entityName": "rack", "operator": "Equals", "entityValue": "r7"}, True),
    ({"filterType": "customAttributes", "entityName": "rack", "operator": "Equals", "entityValue": "r8"}, False),
    ({"entityName": "colour", "operator": "Is", "entityValue": "red"}, False),
    ({"entityName": "resource_name", "operator": "Sounds like", "entityValue": "db"}, False),
    ({"entityName": "resource_name", "operator": "Contains"}, False),
]
NETWORKS = [
    ({"ipAddressMatchType": "CIDR Match", "cidrNotation": "10.1.2.9/24"}, True),
    ({"ipAddressMatchType": "CIDR Match", "cidrNotation": "10.1.20.0/24"}, False),
    ({"ipAddressMatchType": "CIDR Match", "cidrNotation": "10.1.2.3/32"}, True),
    ({"ipAddressMatchType": "CIDR Match", "cidrNotation": "0.0.0.0/0"}, True),
    ({"ipAddressMatchType": "CIDR Match", "cidrNotation": "10.1.2.0/23"}, False),
    ({"ipAddressMatchType": "Within Range", "ipAddress": "10.1.2.9", "netmask": "255.255.0.0"}, True),
    ({"ipAddressMatchType": "Equals", "ipAddress": "10.1.2.3"}, True),
    ({"ipAddressMatchType": "CIDR Match", "cidrNotation": "nonsense"}, False),
]


@pytest.mark.parametrize(
    ("rule", "fits"),
    [*RULES, *(({"entityName": "ip_address", "ipMatchingConditions": network}, fits) for network, fits in NETWORKS)],
)
def test_a_rule(world: World, desk: Ramp, rule: dict[str, Any], fits: bool) -> None:
    quiet(desk, {"filterType": "nativeAttributes"} | rule)
    resource = {"hostName": "db01", "ipAddress": "10.1.2.3", "deviceGroups": [{"id": "DGP-1", "name": "Databases"}]}
    alert(desk, resource=resource, tags=[{"name": "rack", "value": "R7"}])
    if not fits:
        world.phone("ann").expects("disk full", at=0)
    else:
        world.phone("ann").expects_nothing()


@pytest.mark.parametrize(
    "how", [{"mode": "OFF"}, {"mode": "OBSERVED"}, {"learnedConfiguration": True}, {"suppressDuration": 0}]
)
def test_what_does_not_suppress(world: World, desk: Ramp, how: dict[str, Any]) -> None:
    quiet(desk, **how)
    alert(desk)
    world.phone("ann").expects("disk full", at=0)
    watched = "policy Quiet would suppress it for 5 minutes"
    texts = [entry.text for entry in world.write(lambda tx: tx.timeline(world.org, 1))]
    assert (watched in texts) is (how == {"mode": "OBSERVED"})


@pytest.mark.parametrize(("clients", "fits"), [(["client_2"], True), (["client_9"], False)])
def test_a_partners_policy_acts_on_the_clients_that_it_names(
    world: World, desk: Ramp, partner: Ramp, clients: list[str], fits: bool
) -> None:
    body = {
        "name": "Partner",
        "organizationMatchingType": "INCLUDE",
        "includedClients": clients,
        "attributeActions": {"suppress": {"suppressDuration": 5}},
    }
    assert partner.post("policies/firstResponse", body).expect(200)["includedClients"] == clients
    alert(desk)
    if not fits:
        world.phone("ann").expects("disk full", at=0)
    else:
        world.phone("ann").expects_nothing()
