"""Correlation policies: alerts become children of an inference, and only that escalates (reference, part 13.2)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import alert, criteria, message, policy, post, rule, staff, user
from tests.dialects.opsramp.ramp import Ramp
from tests.dialects.speaking import Speaker, victorops_keys
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT as VICTOROPS
from watchbill.domain.civil import DAY, MINUTE

Body = dict[str, Any]


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann", "bob")
    post(client, policy(message(user(1), notifyLimitCount=1)))
    return client


def same(*properties: str, how: str = "Identical") -> list[Body]:
    return [{"property": one, "matchType": how} for one in properties]


def correlates(desk: Ramp, *conditions: Body, **more: Any) -> str:
    algorithm = {"alertsTimeWindow": 20, "matchingConditions": list(conditions)} | more.pop("algorithm", {})
    body = {"name": "Agents", "type": "ALGORITHM", "algorithmCorrelation": algorithm} | more
    return str(desk.post("policies/alertCorrelation", body).expect(200)["id"])


def raised(desk: Ramp, subject: str, host: str = "db01", state: str = "Critical", **more: Any) -> Body:
    """The alert as it is shown."""
    alert(desk, subject, state, device={"hostName": host}, serviceName=f"metric.{subject}", **more)
    found = desk.get("alerts/search").expect(200)["results"]
    shown: Body = next(one for one in found if one["metric"] == f"metric.{subject}" and one["eventType"] == "ALERT")
    return shown


def inference(desk: Ramp, child: Body) -> Body:
    found: Body = desk.get(f"alerts/{child['inferenceId']}").expect(200)
    return found


def test_alerts_become_children_of_an_inference_and_only_that_escalates(world: World, desk: Ramp) -> None:
    correlates(desk, *same("resource_name"), algorithm={"primaryAlertSubject": "Agent down"})
    first = raised(desk, "agent")
    assert (first["status"], first["inferenceId"], first["eventType"]) == ("New", 0, "ALERT")
    world.phone("ann").expects("agent", at=0)
    world.pass_(MINUTE)
    second = raised(desk, "ping", state="Warning")
    first = desk.get(f"alerts/{first['uniqueId']}").expect(200)
    assert (first["status"], second["status"]) == ("Correlated", "Correlated")
    assert first["inferenceId"] == second["inferenceId"]
    shown = inference(desk, second)
    assert (shown["eventType"], shown["status"], shown["currentState"]) == ("INFERENCE", "New", "Critical")
    assert (shown["subject"], shown["repeatCount"], shown["inferenceId"]) == ("Agent down", "2", 0)
    assert shown["createdDate"] == second["createdDate"]
    world.phone("ann").expects("Agent down", at=MINUTE)
    world.pass_(DAY)
    world.nothing_else_was_sent()
    correlated = desk.ask("GET", "alerts/search", query={"queryString": "actions:correlated"}).expect(200)
    assert {one["uniqueId"] for one in correlated["results"]} == {first["uniqueId"], second["uniqueId"]}


def test_an_inference_over_with_its_children_was_not_healed(desk: Ramp) -> None:
    correlates(desk, *same("resource_name"))
    children = [raised(desk, "agent"), raised(desk, "ping", state="Warning")]
    for one in children:
        desk.post(f"alerts/{one['uniqueId']}/actions/close").expect(200)
    shown = inference(desk, children[1])
    assert (shown["status"], shown["currentState"], shown["oldState"]) == ("Closed", "Warning", "Critical")


def test_every_policy_that_fits_a_child_escalates_the_inference(world: World, desk: Ramp) -> None:
    post(
        desk,
        policy(
            message(user(2), notifyLimitCount=1),
            name="Ping",
            filterCriteria=criteria(rule("Alert: Subject", "Contains", "ping")),
        ),
    )
    correlates(desk, *same("resource_name"))
    raised(desk, "agent")
    raised(desk, "ping")
    world.phone("bob").expects("agent")
    world.phone("ann").ignores_the_rest()


def test_a_policy_for_inferences_only(world: World, desk: Ramp) -> None:
    only = criteria(rule("Alert: Event Type", "Equals", "INFERENCE"))
    post(desk, policy(message(user(2), notifyLimitCount=1), name="Only", filterCriteria=only))
    correlates(desk, *same("resource_name"))
    raised(desk, "agent")
    world.phone("bob").expects_nothing()
    raised(desk, "ping")
    world.phone("bob").expects("agent")
    world.phone("ann").ignores_the_rest()


@pytest.mark.parametrize(
    ("conditions", "more", "grouped"),
    [
        (same("resource_name"), {}, True),
        (same("host_name", "alert_source"), {}, True),
        (same("resource_name", "subject"), {}, False),
        (same("site"), {}, False),  # neither says one
        (same("colour"), {}, False),
        (same("resource_name", how="Exactly"), {}, False),
        (same("alert_metric", how="Nearly Identical"), {}, False),
        ([], {}, False),  # it would group everything
        ([], {"filterCriteria": {"filterBased": True, "rules": [
            {"filterType": "nativeAttributes", "entityName": "resource_name", "operator": "Contains",
             "entityValue": "db"}]}}, True),
        ([], {"filterCriteria": {"filterBased": False, "rules": [{"entityName": "resource_name", "operator": "Contains",
                                                                 "entityValue": "db"}]}}, False),
        (same("resource_name"), {"filterCriteria": {"filterBased": True, "rules": [
            {"entityName": "resource_name", "operator": "Contains", "entityValue": "web"}]}}, False),
        (same("resource_name"), {"type": "DEPENDENCY"}, False),
        (same("resource_name"), {"type": "CO_OCCURRENCE"}, False),
        (same("resource_name"), {"enabledMode": "OFF"}, False),
        (same("resource_name"), {"enabledMode": "OBSERVED"}, False),
    ],
)  # fmt: skip
def test_which_alerts_a_policy_groups(
    world: World, desk: Ramp, conditions: list[Body], more: Body, grouped: bool
) -> None:
    correlates(desk, *conditions, **more)
    raised(desk, "agent")
    second = raised(desk, "ping")
    assert (second["status"] == "Correlated") is grouped
    world.phone("ann").ignores_the_rest()
    texts = [entry.text for entry in world.write(lambda tx: tx.timeline(world.org, 2))]
    watched = "policy Agents would group it with incident 1"
    assert (watched in texts) is (more == {"enabledMode": "OBSERVED"})


@pytest.mark.parametrize(("how", "grouped"), [("Identical", False), ("Nearly Identical", True), ("Somewhat", True)])
def test_numbers_do_not_count_where_alerts_need_not_be_identical(
    world: World, desk: Ramp, how: str, grouped: bool
) -> None:
    correlates(desk, *same("subject", how=how))
    raised(desk, "disk 91 percent", "db01")
    assert (raised(desk, "disk 95 percent", "db02")["status"] == "Correlated") is grouped
    world.phone("ann").ignores_the_rest()


def test_the_window_is_five_minutes_unless_told_otherwise(world: World, desk: Ramp) -> None:
    made = desk.post(
        "policies/alertCorrelation",
        {"name": "A", "type": "ALGORITHM", "algorithmCorrelation": {"matchingConditions": same("resource_name")}},
    )
    made.expect(200)
    raised(desk, "agent")
    world.pass_(5 * MINUTE + 1)
    assert raised(desk, "late")["status"] == "New"
    world.pass_(5 * MINUTE)
    assert raised(desk, "in time")["status"] == "Correlated"
    world.phone("ann").ignores_the_rest()


def test_switching_and_changing_the_type_changes_the_rule(world: World, desk: Ramp) -> None:
    one = f"policies/alertCorrelation/{correlates(desk, *same('resource_name'))}"
    (made,) = [rule for rule in world.organization.rules.values() if rule.grouping is not None]
    assert made.active
    desk.post(f"{one}/disable")
    assert not world.organization.rules[made.id].active
    desk.post(f"{one}/observed")
    watching = world.organization.rules[made.id]
    assert watching.active
    assert watching.grouping is not None
    assert not watching.grouping.acts
    desk.post(one, {"name": "A", "type": "DEPENDENCY"}).expect(200)
    assert made.id not in world.organization.rules
    desk.post(one, {"name": "A", "type": "ALGORITHM", "enabledMode": "ON"}).expect(200)
    assert [rule.active for rule in world.organization.rules.values() if rule.grouping is not None] == [True]


def test_actions_on_the_inference(world: World, desk: Ramp) -> None:
    correlates(desk, *same("resource_name"))
    children = [raised(desk, "agent"), raised(desk, "ping")]
    child = desk.get(f"alerts/{children[1]['uniqueId']}").expect(200)
    one = f"alerts/{child['inferenceId']}"
    desk.post(f"{one}/actions/acknowledge").expect(200)
    assert (inference(desk, child)["status"], desk.get(f"alerts/{child['uniqueId']}").expect(200)["status"]) == (
        "Acknowledged",
        "Correlated",
    )
    desk.post(f"{one}/actions/heal").expect(200)
    assert desk.get(f"alerts/{child['uniqueId']}").expect(200)["currentState"] == "Ok"
    desk.post(f"{one}/actions/close").expect(200)
    assert desk.get(f"alerts/{child['uniqueId']}").expect(200)["status"] == "Closed"
    world.phone("ann").ignores_the_rest()
    again = raised(desk, "ping")
    assert (again["status"], again["uniqueId"] != child["uniqueId"]) == ("New", True)
    world.phone("ann").expects("ping")


def test_the_other_dialects_see_the_group_and_its_members(world: World, desk: Ramp) -> None:
    correlates(desk, *same("resource_name"))
    raised(desk, "agent")
    raised(desk, "ping")
    world.phone("ann").ignores_the_rest()
    victorops = Speaker(world, VICTOROPS, victorops_keys(world))
    found = victorops.get("/api-public/v1/incidents").expect(200)["incidents"]
    assert sorted((one["currentPhase"], one["alertCount"]) for one in found) == [
        ("UNACKED", 1),
        ("UNACKED", 1),
        ("UNACKED", 2),
    ]
    group = next(one for one in found if one["alertCount"] == 2)
    body = {"userName": "ann", "incidentNames": [group["incidentNumber"]]}
    victorops.ask("PATCH", "/api-public/v1/incidents/resolve", body).expect(200)
    left = victorops.get("/api-public/v1/incidents").expect(200)["incidents"]
    assert {one["currentPhase"] for one in left} <= {"RESOLVED"}


def test_a_partners_policy_groups_the_alerts_of_its_clients(world: World, desk: Ramp, partner: Ramp) -> None:
    correlates(partner, *same("resource_name"), organizationMatchingType="INCLUDE", includedClients=["client_2"])
    raised(desk, "agent")
    assert raised(desk, "ping")["status"] == "Correlated"
    world.phone("ann").ignores_the_rest()


@pytest.mark.parametrize(
    "algorithm",
    [
        {"matchingConditions": {}},
        {"matchingConditions": ["subject"]},
        {"matchingConditions": [{"property": 5}]},
        {"matchingConditions": [{"property": "subject", "matchType": ["Identical"]}]},
        {"primaryAlertSubject": 5},
        {"alertsTimeWindow": 121},
        {"alertsTimeWindow": 5.5},
    ],
)
def test_what_is_wrong_is_refused(client: Ramp, algorithm: Body) -> None:
    body = {"name": "A", "type": "ALGORITHM", "algorithmCorrelation": algorithm}
    assert client.post("policies/alertCorrelation", body).expect(400)["fieldName"]
