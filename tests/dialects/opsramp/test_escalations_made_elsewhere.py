"""Escalation policies that another dialect made or changed: shown whole, and nothing of theirs is lost."""

from dataclasses import replace

import pytest

from tests.dialects.opsramp.policies import (
    UNTIL_SUPPRESSED,
    UNTIL_TICKETED,
    alert,
    criteria,
    group,
    incident,
    message,
    policy,
    post,
    rule,
    settle,
    staff,
    team,
    user,
)
from tests.dialects.opsramp.ramp import Ramp
from tests.stories.town import hook, layer, schedule, step
from tests.stories.town import team as team_target
from tests.stories.town import user as user_target
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Assignment, EscalationPolicy, Since, Step
from watchbill.domain.rota import Schedule


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann", "bob", "carl")
    team(world, "ops", "ann", "bob", email="ops@example.org")
    settle(world, Schedule("duty", 1, "duty", "Duty", "UTC", (layer("ann", start=world.now),)))
    return client


def only(world: World) -> EscalationPolicy:
    (found,) = world.organization.policies.values()
    return found


def stored(world: World, **changes: object) -> None:
    """Somebody changes the policy in another dialect, which leaves our settings alone."""
    world.has(replace(only(world), **changes))  # type: ignore[arg-type]


def test_one_made_elsewhere_is_shown_in_the_words_of_this_dialect(world: World, desk: Ramp) -> None:
    world.policy(
        "web",
        step("ann", wait=5 * MINUTE),
        step(team_target("ops"), wait=10 * MINUTE, repeat_every=20 * MINUTE, repeat_limit=3, urgency=Urgency.LOW),
        step(schedule("duty"), wait=MINUTE, since=Since.START, on_state_left="critical"),
        settings={"victorops": {"keep": "me"}},
    )
    told = desk.get("escalations/POLICY-web").expect(200)
    assert (told["name"], told["escalationType"], told["active"]) == ("web", UNTIL_SUPPRESSED, True)
    assert told["escalations"] == [
        {
            "waitMins": 5,
            "notifyLimitCount": 1,
            "action": "NOTIFICATION",
            "recipients": [{**user(1), "name": "ann"}],
        },
        {
            "waitMins": 15,
            "repeatFrequency": 20,
            "notifyLimitCount": 3,
            "action": "NOTIFICATION",
            "priority": "Low",
            "recipients": [{**group("ops"), "name": "Ops"}],
        },
        {
            "waitMins": 1,
            "notifyLimitCount": 1,
            "action": "NOTIFICATION",
            "alertStateTransitionFrom": "CRITICAL",
            "recipients": [{"id": "ES-duty", "name": "Duty", "type": "ROSTER"}],
        },
    ]


def test_posting_it_back_changes_nothing_of_it(world: World, desk: Ramp) -> None:
    world.hook("hook")
    turns = step("ann", "bob", assignment=Assignment.ROUND_ROBIN)
    world.policy("web", turns, step(hook("hook"), wait=MINUTE), passes=3, settings={"victorops": {"keep": "me"}})
    before = only(world)
    told = desk.get("escalations/POLICY-web").expect(200)
    assert desk.post("escalations/POLICY-web", {**told, "description": "Ours"}).expect(200)["description"] == "Ours"
    after = only(world)
    assert replace(after, settings={}) == replace(before, settings={})
    assert after.settings["victorops"] == {"keep": "me"}
    assert not world.organization.rules


def test_what_can_not_be_said_here_is_not_written_anew(world: World, desk: Ramp) -> None:
    world.hook("hook")
    world.policy("web", step("ann"), step(hook("hook"), wait=MINUTE))
    before = only(world)
    told = desk.post("escalations/POLICY-web", {"escalations": [message(user(2))]}).expect(409)
    assert told["fieldName"] == "escalations"
    desk.post("escalations/POLICY-web", {"escalationType": "MANUAL"}).expect(409)
    assert only(world) == before


def test_what_can_be_said_here_is_written_and_stays_as_it_was_otherwise(world: World, desk: Ramp) -> None:
    world.policy("web", step("ann"), step("bob", wait=MINUTE), end_wait=MINUTE, use_primary=True)
    steps = desk.get("escalations/POLICY-web").expect(200)["escalations"]
    told = desk.post("escalations/POLICY-web", {"name": "Web", "escalations": [steps[0], message(user(3), wait=9)]})
    assert told.expect(200)["escalations"][1]["recipients"] == [{**user(3), "name": "carl"}]
    made = only(world)
    assert (made.name, made.end_wait, made.use_primary, made.once_each) == ("Web", MINUTE, True, False)
    assert [one.id for one in made.steps] == ["web/1", "web/2"]
    assert made.steps[1].targets == (user_target("carl"),)
    assert not world.organization.rules


def test_one_made_elsewhere_is_switched_off_and_on(world: World, desk: Ramp) -> None:
    world.policy("web", step("ann"))
    desk.post("escalations/POLICY-web/disable").expect(200)
    assert not only(world).active
    assert desk.get("escalations/POLICY-web").expect(200)["enabledMode"] == "OFF"
    desk.post("escalations/POLICY-web", {"active": True}).expect(200)
    assert only(world).active


def test_a_filter_makes_it_one_of_this_dialect(world: World, desk: Ramp) -> None:
    world.policy("web", step("ann"))
    told = desk.post("escalations/POLICY-web", {"filterCriteria": criteria(rule("Alert: Metric", "Is", "web"))})
    assert told.expect(200)["filterCriteria"]["rules"][0]["value"] == "web"
    (made,) = world.organization.rules.values()
    assert made.starts[0].policy_id == "web"


def test_one_in_use_elsewhere_is_not_removed(world: World, desk: Ramp) -> None:
    world.policy("web", step("ann"))
    world.key("web", "web")
    desk.delete("escalations/POLICY-web").expect(409)


def test_changes_made_elsewhere_are_shown_and_what_is_ours_stays(world: World, desk: Ramp) -> None:
    nobody = {"id": "USR0000000099", "type": "USER", "name": "Gone"}
    first = message(user(1), nobody, user(2), wait=5, priority="VeryLow", colour="red", notifyLimitCount=1)
    told = post(desk, policy(first, incident(30, priority="High")))
    page, ticket = only(world).steps
    page = replace(page, wait=8 * MINUTE, targets=(user_target("bob"), user_target("carl")), repeat_limit=4)
    page = replace(page, repeat_every=10 * MINUTE, urgency=Urgency.HIGH)
    added = Step("added", (user_target("ann"),), 90 * SECOND)
    stored(world, name="Changed", steps=(page, added, ticket), passes=2)
    shown = desk.get(f"escalations/{told['id']}").expect(200)
    assert shown["name"] == "Changed"
    assert shown["escalations"] == [
        {
            **first,
            "waitMins": 8,
            "priority": "High",
            "repeatFrequency": 10,
            "notifyLimitCount": 4,
            "recipients": [nobody, {**user(2), "name": "bob"}, {**user(3), "name": "carl"}],
        },
        {
            "waitMins": 9,
            "notifyLimitCount": 1,
            "action": "NOTIFICATION",
            "recipients": [{**user(1), "name": "ann"}],
        },
        told["escalations"][1],
    ]
    desk.post(f"escalations/{told['id']}", {"description": "x"}).expect(200)
    assert only(world).passes == 2


def test_a_policy_switched_off_elsewhere_is_off(world: World, desk: Ramp) -> None:
    told = post(desk, policy(message(user(1))))
    stored(world, active=False)
    shown = desk.get(f"escalations/{told['id']}").expect(200)
    assert (shown["active"], shown["enabledMode"]) == (False, "OFF")


def test_who_leaves_is_no_recipient_any_more(world: World, desk: Ramp) -> None:
    told = post(desk, policy(message(user(1), user(2))))
    (page,) = only(world).steps
    stored(world, steps=(replace(page, targets=page.targets[1:]),))
    world.loses(world.organization.users["ann"])
    shown = desk.get(f"escalations/{told['id']}").expect(200)
    assert shown["escalations"][0]["recipients"] == [user(1), {**user(2), "name": "bob"}]


def test_the_type_follows_the_stops_of_the_core_only_where_it_was_made_elsewhere(world: World, desk: Ramp) -> None:
    told = post(desk, policy(message(user(1)), escalationType="AUTOMATIC"))
    assert told["escalationType"] == "AUTOMATIC"
    assert post(desk, policy(message(user(1))))["escalationType"] == UNTIL_TICKETED


def test_a_mode_that_older_yaml_took_for_a_truth_value_keeps_paging(world: World, desk: Ramp) -> None:
    """An export that went through a tool that reads ON as true, and was applied again."""
    shown = post(desk, policy(message(user(1), notifyLimitCount=1)))
    own = dict(only(world).settings["opsramp"])  # type: ignore[call-overload]
    stored(world, settings={"opsramp": own | {"document": own["document"] | {"enabledMode": True}}})
    again = desk.get(f"escalations/{shown['id']}").expect(200)
    assert (again["enabledMode"], again["active"]) == ("ON", True)
    desk.post(f"escalations/{shown['id']}", {"description": "edited"}).expect(200)
    alert(desk)
    world.phone("ann").expects("disk full", at=0)
