"""What would keep a page from getting through is found before it is needed."""

from collections.abc import Container
from dataclasses import replace

from tests.usecases.organizations import (
    DAY,
    HOUR,
    LAYER,
    MINUTE,
    ORG,
    POLICY,
    SAFE,
    SCHEDULE,
    at,
    with_policy,
    with_schedule,
    with_user,
)
from watchbill.domain.civil import Window
from watchbill.domain.delivery import Delivery, Purpose, State
from watchbill.domain.organization import Integration, Organization, Settings
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, Role, Urgency
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.records import Health
from watchbill.domain.routes import Condition, Join, MaintenanceWindow, RoutingKey, Rule, Start
from watchbill.usecases.doctor import channels, examine
from watchbill.usecases.findings import Severity

NOW = at(20)
WELL = Health(0, None, 0, 0, None)


def found(org: Organization, health: Health = WELL, served: Container[str] = ("push",)) -> list[str]:
    return [f"{each.severity}: {each.subject}: {each.message}" for each in examine(org, health, (), NOW, served)]


def test_a_sound_organization_has_no_findings() -> None:
    assert found(ORG) == []


def test_people_who_cannot_be_reached() -> None:
    assert found(with_user("ann", contacts=(), email="ann@example.com")) == [
        "problem: person ann: Ann is named by schedule primary and has no verified, active contact: "
        "only a mail to ann@example.com is left.",
        "warning: person ann: No step of the paging policy Primary of Ann has a usable contact.",
    ]
    assert found(with_user("ann", contacts=(), paging=())) == [
        "problem: person ann: Ann is named by schedule primary and has no verified, active contact: "
        "no page can reach them.",
    ]
    assert found(with_user("bob", active=False))[:1] == [
        "problem: person bob: Bob is named by schedule primary but is not active, so is never paged."
    ]


def test_contacts_that_are_never_paged() -> None:
    phone = ContactMethod("phone", 9, "phone", "+33612345678")
    steps = (PagingStep((PagingRule("sms"),), MINUTE), PagingStep((PagingRule("push"),), MINUTE))
    org = with_user(
        "ann", contacts=(*ORG.users["ann"].contacts, phone), paging=(PagingPolicy("p", 1, "Primary", steps),)
    )
    assert found(org) == [
        "warning: person ann: The phone +33612345678 of Ann is not verified, so it is never paged.",
        "warning: person ann: Step 1 of the paging policy Primary of Ann has no usable contact.",
    ]


def test_channels_without_a_provider() -> None:
    phone = ContactMethod("ann-phone", 9, "phone", "+33123456789", verified=True)
    step = PagingStep((PagingRule("push"), PagingRule("sms")), 5 * MINUTE)
    paging = PagingPolicy("ann-paging", 1, "Primary", (step,))
    org = with_user("ann", contacts=(*ORG.users["ann"].contacts, phone), paging=(paging,))
    assert found(org) == [
        "warning: person ann: Ann asks to be paged over sms, which has no provider, so others are tried."
    ]
    assert (
        "problem: person bob: Bob is named by schedule primary and can be paged over push only, which has no provider."
    ) in found(org, served=("sms",))


def test_gaps_of_schedules_that_are_in_use() -> None:
    weekdays = replace(SCHEDULE, layers=(replace(LAYER, restrictions=(Window(0, 0, 5, 0),)),))
    gap = (
        "warning: schedule primary: Nobody is on call from Sat 24 Jan 00:00 to Mon 26 Jan 00:00 (UTC), and 1 more gap "
        "in the next 14 days."
    )
    assert found(with_schedule(weekdays)) == [gap]
    unused = replace(POLICY, steps=(Step("step-1", (Target(TargetKind.TEAM, "web"),)), *POLICY.steps[1:]))
    assert found(replace(with_schedule(weekdays), policies={"policy": unused})) == []


def test_a_shift_of_somebody_who_is_not_active_is_a_gap() -> None:
    assert found(with_user("bob", active=False))[1:] == [
        "warning: schedule primary: Nobody is on call from Mon 26 Jan 09:00 to Mon 02 Feb 09:00 (UTC) "
        "in the next 14 days."
    ]


def test_policies_and_steps_that_reach_nobody() -> None:
    empty = EscalationPolicy("p2", 2, "empty", "Empty", ())
    assert found(with_policy(empty)) == ["warning: policy empty: The policy has no steps, so it pages nobody."]
    used = replace(with_policy(empty), routing_keys={"key": replace(ORG.routing_keys["key"], starts=(Start("p2"),))})
    assert found(used) == ["problem: policy empty: The policy has no steps, so it pages nobody."]
    assert found(with_policy(replace(POLICY, steps=(*POLICY.steps, Step("step-3", ()))))) == [
        "warning: policy db: Step 3 has no targets."
    ]
    assert (
        "problem: policy db: Step 2 reaches nobody: its people and policies are not active, "
        "its teams and schedules are empty."
    ) in found(with_user("cyd", active=False))


def test_policies_that_lead_back_to_themselves() -> None:
    first = replace(POLICY, steps=(*POLICY.steps, Step("step-3", (Target(TargetKind.POLICY, "p2"),))))
    second = EscalationPolicy("p2", 2, "web", "Web", (Step("step-4", (Target(TargetKind.POLICY, "policy"),)),))
    assert found(replace(ORG, policies={"policy": first, "p2": second})) == [
        "warning: policy db: The policy leads back to itself: db -> web -> db. The loop is stopped when it runs."
    ]


def test_routes_that_lead_nowhere() -> None:
    assert found(replace(ORG, routing_keys={})) == [
        "problem: routing: There is no default route: an alert whose routing key is not known pages nobody."
    ]
    other = RoutingKey("k2", 2, "web")
    assert found(replace(ORG, routing_keys={**ORG.routing_keys, "k2": other})) == [
        "warning: routing key web: The routing key has no policy: the default route is taken."
    ]
    assert found(replace(ORG, routing_keys={"k2": replace(other, is_default=True)})) == [
        "problem: routing key web: The routing key has no policy: it pages nobody."
    ]
    assert found(replace(ORG, integrations={"i": Integration("i", 1, "Checks", "rest", routing_key="disk")})) == [
        "warning: integration Checks: Its alerts get the routing key disk, which there is not."
    ]


def test_routes_that_start_what_is_switched_off() -> None:
    off = with_policy(replace(POLICY, active=False))
    starts = ORG.routing_keys["key"].starts
    key = f"routing key {ORG.routing_keys['key'].name}"
    nobody = f"problem: {key}: It starts what is switched off (policy db), so it pages nobody."
    assert starts == (Start("policy"),)
    assert found(off) == [nobody]

    both = replace(off, routing_keys={"key": replace(ORG.routing_keys["key"], starts=(*starts, Start(user_id="ann")))})
    assert found(both) == [f"warning: {key}: It starts what is switched off (policy db), so only others start."]

    rule = Rule("r1", 1, "Disks", 1, condition=Condition(field="title", value="x"), starts=starts)
    assert "problem: rule Disks: It starts what is switched off (policy db), so it pages nobody." in found(
        replace(off, rules={"r1": rule})
    )
    assert found(replace(off, rules={"r1": replace(rule, active=False)})) == [nobody]


def test_a_step_that_calls_only_what_is_switched_off() -> None:
    calling = EscalationPolicy("p2", 2, "web", "Web", (Step("step-9", (Target(TargetKind.POLICY, "p3"),)),))
    off = EscalationPolicy("p3", 3, "old", "Old", (replace(POLICY.steps[0], id="step-8"),), active=False)
    assert found(replace(ORG, policies={**ORG.policies, "p2": calling, "p3": off})) == [
        "problem: policy web: Step 1 reaches nobody: its people and policies are not active, "
        "its teams and schedules are empty."
    ]


def test_rules_that_never_apply() -> None:
    every = Rule("r1", 1, "Everything", 1, starts=(Start("policy"),))
    late = Rule("r2", 2, "Late", 2, condition=Condition(field="title", value="x"))
    never = Rule("r3", 3, "Never", 0, condition=Condition(join=Join.ANY))
    rules = {rule.id: rule for rule in (every, late, never)}
    assert found(replace(ORG, rules=rules, routing_keys={})) == [
        "warning: rule Late: The rule never applies: Everything comes first and takes every alert.",
        "warning: rule Never: The condition of the rule is never true.",
    ]
    assert found(replace(ORG, rules={"r1": replace(every, go_on=True), "r2": late})) == []


def test_maintenance_that_nobody_ends() -> None:
    window = MaintenanceWindow("w", 1, "move", "Move", NOW - 2 * DAY)
    assert found(replace(ORG, windows={"w": window})) == [
        "warning: maintenance move: Move has kept incidents quiet since Sun 18 Jan 00:00 UTC and has no end."
    ]
    assert found(replace(ORG, windows={"w": replace(window, start=NOW - HOUR)})) == []
    assert found(replace(ORG, windows={"w": replace(window, end=NOW + HOUR)})) == []
    assert found(replace(ORG, windows={"w": replace(window, key_ids=())})) == []  # it keeps nothing quiet


def test_a_safety_net_must_hold() -> None:
    bare = replace(ORG, settings=Settings())
    assert found(bare) == [
        "problem: safety net: The safety net is empty and no global administrator can be reached: when an incident "
        "reaches nobody, nobody learns of it."
    ]
    admin = replace(ORG.users["ann"], role=Role.GLOBAL_ADMIN)
    assert found(replace(bare, users={**ORG.users, "ann": admin})) == []
    gone = replace(with_user("cyd", active=False), settings=SAFE)
    assert any(line.startswith("problem: safety net: The safety net names nobody") for line in found(gone))


def test_work_that_is_not_being_done() -> None:
    assert found(ORG, Health(3, NOW - 3 * HOUR, 2, 4, NOW - 5 * MINUTE)) == [
        "problem: escalation: An incident should have been acted on 3 hours ago.",
        "problem: deliveries: 4 deliveries wait; the oldest was due 5 minutes ago.",
        "problem: incidents: 2 open incidents have steps left but no moment to go on.",
    ]
    assert found(ORG, Health(3, NOW - 1, 0, 4, NOW + HOUR)) == []


def test_an_organization_that_no_check_would_let_through() -> None:
    found = examine(with_user("ann", zone="Nowhere"), WELL, (), NOW, ("push",))
    assert [(each.severity, each.subject) for each in found] == [(Severity.PROBLEM, "user ann: zone")]


def test_a_channel_that_fails() -> None:
    def sent(number: int, channel: str, state: State, verdict: str) -> Delivery:
        return Delivery(
            id=f"d{number}",
            org=1,
            incident=1,
            purpose=Purpose.PAGE,
            channel=channel,
            address="a",
            urgency=Urgency.HIGH,
            reason="",
            created_at=NOW,
            first_due_at=NOW,
            due_at=NOW,
            state=state,
            verdict=verdict,
        )

    newest_first = [
        sent(4, "email", State.FAILED, "550 no such user"),
        sent(3, "email", State.SENT, "accepted"),
        sent(2, "pocket", State.SENT, "accepted"),
        *(sent(9, "webhook", State.SENT, "accepted") for _ in range(9)),
        sent(1, "webhook", State.FAILED, "410 gone"),
        sent(0, "sms", State.DROPPED, "acknowledged by bob"),
    ]
    assert [f"{each.subject}: {each.message}" for each in channels(newest_first)] == [
        "channel email: 1 of its last 2 sends failed for good; the last: 550 no such user"
    ]
