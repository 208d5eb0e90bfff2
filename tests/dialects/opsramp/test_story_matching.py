"""Which policies an alert starts: scope, resources, filter rules, precedence (reference, part 9)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import alert, criteria, message, policy, post, rule, staff, user
from tests.dialects.opsramp.ramp import Ramp
from tests.stories.town import step
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR, MINUTE

RESOURCE = {
    "id": "8a1f0000-0000-4000-8000-000000000001",
    "hostName": "db01",
    "ipAddress": "10.0.0.9",
    "resourceType": "Linux",
    "deviceGroups": [{"id": "DGP-1", "name": "Databases"}],
    "serviceGroups": [{"id": "SGP-1"}],
    "location": {"id": "7_AWS", "name": "AWS"},
    "instanceId": "i-0abc",
    "awsInstanceName": "primary",
    "awsAccountId": "123456789012",
}
EVENT: dict[str, Any] = {
    "subject": "Disk /var above 90 percent",
    "description": "Disk is CRITICAL\nSITE ID=42",
    "currentState": "Critical",
    "serviceName": "system.disk",
    "app": "Nagios",
    "alertType": "Monitoring",
    "resource": RESOURCE,
}


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann")
    return client


def matched(world: World, desk: Ramp, **event: Any) -> bool:
    """Whether ann is written to for such an alert."""
    before = len(world.phone("ann").received)
    desk.post("alert", EVENT | event).expect(200)
    return len(world.phone("ann").received) > before


def one(desk: Ramp, **more: Any) -> dict[str, Any]:
    return post(desk, policy(message(user(1), notifyLimitCount=1), **more))


# --- Filter rules


RULES = [
    ("Alert: Subject", "Contains", "disk", True),
    ("Alert: Subject", "Contains", "memory", False),
    ("Alert: Subject", "Not Contains", "memory", True),
    ("Alert: Subject", "NotContains", "DISK", False),
    ("Alert: Subject", "Equals", "disk /VAR above 90 percent", True),
    ("Alert: Subject", "Equals", "disk", False),
    ("Alert: Subject", "Not Equals", "disk", True),
    ("Alert: Subject", "Starts with", "Disk /", True),
    ("Alert: Subject", "STARTSWITH", "var", False),
    ("Alert: Subject", "Ends with", "Percent", True),
    ("Alert: Subject", "Ends with", "9", False),
    ("Alert: Subject", "Regex", r"above \d+", True),
    ("Alert: Subject", "Regex", r"^above", False),
    ("Alert: Subject", "Regex", r"(", False),
    ("Alert  : Description", "CONTAINS", "critical", True),
    ("alert :  description", "contains", "site id=42", True),
    ("Alert: Description", "Regex", r"SITE ID=\d+$", True),
    ("Alert: State", "Is", "Critical", True),
    ("Alert: State", "Equals", "critical", True),
    ("Alert: State", "Is Not", "Critical", False),
    ("Alert: State", "Is", "Warning", False),
    ("Alert: Type", "Equals", "monitoring", True),
    ("Alert: Metric", "Contains", "disk", True),
    ("Alert: Source", "Is", "nagios", True),
    ("Alert: Source", "Is", "OPSRAMP", False),
    ("Alert: Event Type", "Equals", "ALERT", True),
    ("Alert: No of Occurrence", "GREATERTHANOREQUALTO", "1", True),
    ("Alert: No of Occurrence", "GREATERTHAN", 1, False),
    ("Alert: No of Occurrence", "LESSTHANOREQUALTO", 1, True),
    ("Alert: No of Occurrence", "Less Than", "2", True),
    ("Alert: No of Occurrence", "Equals", "1", True),
    ("Alert: No of Occurrence", "Not Equals", "1", False),
    ("Alert: No of Occurrence", "Equals", "some", False),
    ("Alert: Created Date", "GREATERTHANOREQUALTO", "2026-06-01T00:00:00+0000", True),
    ("Alert: Created Date", "GREATERTHAN", "2026-06-01T00:00:00 0000", False),
    ("Alert: Created Date", "LESSTHAN", "2026-06-02", True),
    ("Alert: Update Time", "GREATERTHANOREQUALTO", "2026-06-01T00:00:01Z", False),
    ("Alert: Update Time", "GREATERTHANOREQUALTO", "soon", False),
    ("Alert: Healed Time", "GREATERTHANOREQUALTO", "2020-01-01", False),
    ("Alert: Healed Time", "LESSTHAN", "2040-01-01", False),
    ("Resource: Resource Name", "Contains", "DB", True),
    ("Resource: Resource IP", "Starts with", "10.0.", True),
    ("Resource : Resource Type", "MATCH", "DEVICE", True),
    ("Resource : Resource Type", "MATCH", {"type": "DEVICE"}, True),
    ("Resource: Resource Type", "Is", "linux", True),
    ("Resource: Resource Type", "Is", "Windows", False),
    ("Resource: Resource Type", "Is Not", "Windows", True),
    ("Resource: Resource Type", "Is Not", "DEVICE", False),
    ("Resource: Instance Id", "Equals", "i-0abc", True),
    ("Resource: Aws Instance Name", "Equals", "Primary", True),
    ("Resource: Aws Account Id", "Equals", "123456789012", True),
    ("Alert: Colour", "Equals", "red", False),
    ("Subject", "Contains", "disk", False),
    ("Alert: Subject", "Sounds like", "disk", False),
    ("Alert: Subject", "Contains", None, False),
    ("Alert: Subject", "Contains", ["disk"], False),
    ("Alert: Subject", "Contains", "disk" * 5000, False),
    ("Alert: Occurrence Frequency", "GREATERTHANOREQUALTO", "5", False),
]


@pytest.mark.parametrize(("key", "operator", "value", "fits"), RULES)
def test_a_rule(world: World, desk: Ramp, key: str, operator: str, value: Any, fits: bool) -> None:
    told = one(desk, filterCriteria=criteria(rule(key, operator, value)))
    assert told["filterCriteria"]["rules"] == [rule(key, operator, value)]
    assert matched(world, desk) is fits


@pytest.mark.parametrize(
    ("matching", "keys", "fits"),
    [
        ("ALL", ("disk", "percent"), True),
        ("ALL", ("disk", "memory"), False),
        ("ANY", ("disk", "memory"), True),
        ("ANY", ("cpu", "memory"), False),
        ("ALL", (), True),
        ("ANY", (), True),
    ],
)
def test_all_and_any(world: World, desk: Ramp, matching: str, keys: tuple[str, ...], fits: bool) -> None:
    rules = [rule("Alert: Subject", "Contains", key) for key in keys]
    one(desk, filterCriteria=criteria(*rules, matching=matching))
    assert matched(world, desk) is fits


@pytest.mark.parametrize(("matching", "fits"), [("ALL", False), ("ANY", True)])
def test_an_unknown_rule_fits_nothing(world: World, desk: Ramp, matching: str, fits: bool) -> None:
    rules = rule("Alert: Subject", "Contains", "disk"), rule("Alert: Colour", "Is", "red")
    one(desk, filterCriteria=criteria(*rules, matching=matching))
    assert matched(world, desk) is fits


@pytest.mark.parametrize("query", ["searchQuery", "resourceSearchQuery"])
def test_a_search_query_fits_nothing_rather_than_everything(world: World, desk: Ramp, query: str) -> None:
    body = {**criteria(rule("Alert: Subject", "Contains", "disk")), query: 'subject CONTAINS "disk"'}
    assert one(desk, filterCriteria=body)["filterCriteria"] == body
    assert not matched(world, desk)


@pytest.mark.parametrize("missing", [{}, {"filterCriteria": {}}, {"filterCriteria": None}, {"resources": []}])
def test_no_criteria_match_everything(world: World, desk: Ramp, missing: dict[str, Any]) -> None:
    one(desk, **missing)
    assert matched(world, desk)


def test_a_rule_is_asked_at_each_event(world: World, desk: Ramp) -> None:
    one(desk, filterCriteria=criteria(rule("Alert: No of Occurrence", "GREATERTHANOREQUALTO", "3")))
    assert [matched(world, desk) for _ in range(4)] == [False, False, True, False]


def test_a_change_of_state_is_asked_for(world: World, desk: Ramp) -> None:
    one(desk, filterCriteria=criteria(rule("Alert: State", "Is", "Critical")))
    assert not matched(world, desk, currentState="Warning")
    assert matched(world, desk, currentState="Critical")


def test_an_occurrence_frequency_counts_although_the_alert_is_acknowledged(world: World, desk: Ramp) -> None:
    often = {"occurrences": "3", "frequency": "2", "frequencyType": "hours"}
    one(desk, filterCriteria=criteria(rule("Alert : Occurrence Frequency", "GREATERTHANOREQUALTO", often)))
    assert not matched(world, desk)
    world.pass_(3 * HOUR)
    assert not matched(world, desk)
    desk.post(f"alerts/{1_000_000 + world.org}/actions/acknowledge").expect(200)
    world.pass_(HOUR)
    assert not matched(world, desk)
    world.pass_(30 * MINUTE)
    assert not matched(world, desk)  # it matches, and waits for the acknowledgement to be taken back
    desk.post(f"alerts/{1_000_000 + world.org}/actions/unacknowledge").expect(200)
    world.phone("ann").expects(EVENT["subject"])


def test_events_of_one_body_count(world: World, desk: Ramp) -> None:
    often = {"occurrences": 3, "frequency": 1, "frequencyType": "days"}
    one(desk, filterCriteria=criteria(rule("Alert: Occurrence Frequency", "GREATERTHANOREQUALTO", often)))
    desk.post("alerts", [EVENT] * 2).expect(200)
    world.phone("ann").expects_nothing()
    desk.post("alerts", [EVENT]).expect(200)
    world.phone("ann").expects(EVENT["subject"])


# --- Resources


@pytest.mark.parametrize(
    ("kind", "id", "fits"),
    [
        ("RESOURCE", RESOURCE["id"], True),
        ("DEVICE", RESOURCE["id"], True),
        ("RESOURCE", "other", False),
        ("DEVICEGROUP", "DGP-1", True),
        ("DEVICEGROUP", "DGP-", False),
        ("SERVICEGROUP", "SGP-1", True),
        ("SERVICEGROUP", "DGP-1", False),
        ("LOCATION", "7_AWS", True),
        ("CLIENT", "client_2", True),
        ("CLIENT", "client_3", False),
        ("CLIENT", "nobody", False),
        ("GALAXY", "x", False),
        ("RESOURCE", "", False),
    ],
)
def test_a_resource(world: World, desk: Ramp, kind: str, id: str, fits: bool) -> None:
    one(desk, resources=[{"id": id, "type": kind}])
    assert matched(world, desk) is fits


def test_one_entry_of_several_suffices_and_the_rules_must_hold_too(world: World, desk: Ramp) -> None:
    resources = [{"id": "other", "type": "RESOURCE"}, {"id": "DGP-1", "type": "DEVICEGROUP"}]
    one(desk, resources=resources, filterCriteria=criteria(rule("Alert: State", "Is", "Critical")))
    assert not matched(world, desk, currentState="Warning")
    assert matched(world, desk, currentState="Critical")


def test_a_resource_that_only_a_name_is_known_of_has_an_id_of_its_own(world: World, desk: Ramp) -> None:
    desk.post("alert", EVENT | {"resource": {"hostName": "web01"}}).expect(200)
    id = desk.get(f"alerts/{1_000_000 + world.org}").expect(200)["resource"]["id"]
    one(desk, resources=[{"id": id, "type": "RESOURCE"}])
    assert not matched(world, desk)
    assert matched(world, desk, resource={"hostName": "web01"})


# --- Modes


@pytest.mark.parametrize("mode", ["OFF", "OBSERVED", "RECOMMEND"])
def test_only_what_is_on_acts(world: World, desk: Ramp, mode: str) -> None:
    told = one(desk, enabledMode=mode)
    assert not matched(world, desk)
    desk.post(f"escalations/{told['id']}/enable").expect(200)
    assert matched(world, desk)  # from the alert's next event on


# --- Partners and clients


@pytest.fixture
def msp(world: World, partner: Ramp) -> Ramp:
    """The partner, with somebody to write to; the world is in its client."""
    client, world.org = world.org, 1
    staff(world, "boss")
    world.org = client
    return partner


def boss_got(world: World, speaker: Ramp, **event: Any) -> bool:
    before = len(world.phone("boss").received)
    speaker.post("alert", EVENT | event).expect(200)
    return len(world.phone("boss").received) > before


def test_a_partners_policy_acts_on_its_clients_and_on_itself(world: World, desk: Ramp, msp: Ramp) -> None:
    one(msp)
    assert boss_got(world, desk)
    assert boss_got(world, msp)
    assert boss_got(world, msp, clientUniqueId="client_2", serviceName="other")


def test_a_clients_policy_acts_on_that_client_only(world: World, desk: Ramp, msp: Ramp) -> None:
    one(desk)
    world.write(lambda tx: tx.create_organization("other", "Other", 1, world.now))
    assert not matched(world, msp)
    assert not matched(world, msp, clientUniqueId="client_3")
    assert matched(world, msp, clientUniqueId="client_2")


@pytest.mark.parametrize(
    ("kind", "named", "fits"),
    [
        ("ALL", ["client_3"], True),
        ("INCLUDE", ["client_2"], True),
        ("INCLUDE", ["client_3"], False),
        ("EXCLUDE", ["client_2"], False),
        ("EXCLUDE", ["client_3"], True),
        ("INCLUDE", [], False),
    ],
)
def test_clients_that_are_named(world: World, desk: Ramp, msp: Ramp, kind: str, named: list[str], fits: bool) -> None:
    clients = [{"uniqueId": name} for name in named]
    one(msp, clientMatchingType=kind, includedClients=clients)
    assert boss_got(world, desk) is fits


@pytest.mark.parametrize(("id", "fits"), [("client_2", True), ("client_3", False), ("msp_1", True)])
def test_a_client_as_a_resource(world: World, desk: Ramp, msp: Ramp, id: str, fits: bool) -> None:
    one(msp, resources=[{"id": id, "type": "CLIENT"}])
    assert boss_got(world, desk) is fits


def test_a_partners_policy_writes_to_partner_users_only(world: World, desk: Ramp, msp: Ramp) -> None:
    post(msp, policy(message({"id": "ann", "type": "USER"}, {"id": "boss", "type": "USER"}, notifyLimitCount=1)))
    assert boss_got(world, desk)
    world.phone("ann").expects_nothing()


def test_a_partners_user_answers_for_a_clients_alert(world: World, desk: Ramp, msp: Ramp) -> None:
    post(msp, policy(message(user(1), notifyLimitCount=9)))
    desk.post("alert", EVENT).expect(200)
    world.phone("boss").expects(EVENT["subject"]).replies("ack")
    world.stays_quiet(DAY)
    assert desk.get(f"alerts/{1_000_000 + world.org}").expect(200)["status"] == "Acknowledged"


def test_the_clients_and_the_partners_policies_both_write(world: World, desk: Ramp, msp: Ramp) -> None:
    one(msp)
    one(desk)
    desk.post("alert", EVENT).expect(200)
    world.phone("boss").expects(EVENT["subject"])
    world.phone("ann").expects(EVENT["subject"])


# --- Which policy an alert is told to have


def policy_of(desk: Ramp) -> Any:
    answer = desk.get(f"alerts/{1_000_000 + desk.world.org}/escalations")
    return answer.json["id"] if answer.status == 200 else answer.json["code"]


def test_the_policy_of_an_alert(world: World, desk: Ramp, msp: Ramp) -> None:
    alert(desk)
    assert policy_of(desk) == "0005"
    partners = one(msp)
    assert policy_of(desk) == partners["id"]
    assert desk.get(f"alerts/{1_000_000 + world.org}/escalations").expect(200)["scope"]["uniqueId"] == "msp_1"
    old = one(desk, name="old")
    assert policy_of(desk) == old["id"]
    one(desk, name="younger")
    assert policy_of(desk) == old["id"]
    later = one(desk, name="later", precedence=9)
    assert policy_of(desk) == later["id"]
    first = post(desk, policy(message(user(1)), name="first", precedence=2, escalationType="MANUAL"))
    assert policy_of(desk) == first["id"]
    one(desk, precedence=0, filterCriteria=criteria(rule("Alert: Subject", "Is", "else")))
    one(desk, precedence=0, enabledMode="OFF")
    assert policy_of(desk) == first["id"]
    desk.get("alerts/99000002/escalations").expect(404)
    desk.get("alerts/x/escalations").expect(404)


def test_the_policy_that_a_route_made_elsewhere_started(world: World, desk: Ramp) -> None:
    world.policy("web", step("ann"))
    world.key("default", "web", default=True)
    alert(desk)
    assert policy_of(desk) == "POLICY-web"
