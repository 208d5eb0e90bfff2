"""Who is on call, through what, until when, and who comes next."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.organizations import organizations
from tests.usecases.organizations import (
    DAY,
    HOUR,
    LAYER,
    ORG,
    POLICY,
    SCHEDULE,
    at,
    with_overrides,
    with_policy,
    with_schedule,
    with_user,
)
from watchbill.domain import roster
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Step, Target, TargetKind
from watchbill.domain.rota import Override, Turn
from watchbill.usecases.rotas import Row, who, who_range


def row(org: Organization, kind: str, moment: int) -> Row:
    [found] = [each for each in who(org, moment) if each.kind == kind]
    return found


def test_a_schedule_tells_layer_end_and_next() -> None:
    assert row(ORG, "schedule", at(6)) == Row(
        "schedule",
        "primary",
        "Primary",
        ("Web",),
        ("ann",),
        "layer Week",
        at(5, 9),
        at(12, 9),
        ("bob",),
        at(12, 9),
    )


def test_a_policy_tells_whom_its_first_step_pages() -> None:
    assert row(ORG, "policy", at(6)) == Row(
        "policy", "db", "Database", ("Web",), ("ann",), "Primary: layer Week", at(5, 9), at(12, 9), ("bob",), at(12, 9)
    )


def test_before_the_first_shift_nobody_is_on_call() -> None:
    found = row(ORG, "schedule", at(2))
    assert (found.people, found.by, found.end, found.next_people) == ((), "nobody is on call", at(5, 9), ("ann",))


def test_an_override_of_the_schedule_is_named() -> None:
    org = with_overrides(Override("o", at(6), at(6, 12), 1, "ann", "cyd", schedule_id="rota"))
    found = row(org, "schedule", at(6, 1))
    assert (found.people, found.by, found.end) == (("cyd",), "override for ann, layer Week", at(6, 12))
    assert row(org, "policy", at(6, 1)).people == ("cyd",)


def test_an_override_of_the_policy_counts_in_the_policy_alone() -> None:
    org = with_overrides(Override("o", at(6), at(6, 12), 1, "ann", "cyd", policy_id="policy", taken=True))
    assert row(org, "schedule", at(6, 1)).people == ("ann",)
    found = row(org, "policy", at(6, 1))
    assert (found.people, found.by, found.end) == (("cyd",), "taken for ann, Primary: layer Week", at(6, 12))
    assert row(org, "policy", at(6, 13)).people == ("ann",)


def test_teams_are_their_members_and_who_is_not_active_is_passed_over() -> None:
    org = with_schedule(replace(SCHEDULE, layers=(replace(LAYER, turns=(Turn(("cyd",), ("web",)),)),)))
    assert row(org, "schedule", at(6)).people == ("cyd", "ann", "bob")
    gone = replace(org, users=with_user("ann", active=False).users)
    assert row(gone, "schedule", at(6)).people == ("cyd", "bob")
    assert row(gone, "policy", at(6)).people == ("cyd", "bob")


def test_steps_that_tell_machines_only_are_passed_over() -> None:
    mail = Step("mail", (Target(TargetKind.EMAIL, "ops@example.com"),))
    assert row(with_policy(replace(POLICY, steps=(mail, *POLICY.steps))), "policy", at(6)).people == ("ann",)
    assert row(with_policy(replace(POLICY, steps=(mail,))), "policy", at(6)).by == "no step pages anybody"


def test_a_range_has_every_shift_and_every_gap() -> None:
    found = [(each.people, each.start, each.end) for each in who_range(ORG, at(4), at(14))]
    assert found == [
        ((), at(4), at(5, 9)),
        (("ann",), at(5, 9), at(12, 9)),
        (("bob",), at(12, 9), at(19, 9)),
    ]


def test_a_range_shows_a_policy_where_an_override_of_its_own_changes_it() -> None:
    org = with_overrides(Override("o", at(6), at(7), 1, None, "cyd", policy_id="policy"))
    found = [
        (each.people, each.start, each.end) for each in who_range(org, at(5, 9), at(12, 9)) if each.kind == "policy"
    ]
    assert found == [
        (("ann",), at(5, 9), at(6)),
        (("cyd",), at(6), at(7)),
        (("ann",), at(7), at(12, 9)),
    ]
    assert who_range(org, at(20), at(21)) == who_range(ORG, at(20), at(21))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(organizations(), st.integers(0, 60 * 24))
def test_what_is_told_is_whom_a_page_would_find(org: Organization, hours: int) -> None:
    moment = 1_780_000_000_000_000 + hours * HOUR
    rows = [each for each in who(org, moment) if each.kind == "policy"]
    for policy in org.policies.values():
        kinds = (TargetKind.USER, TargetKind.SCHEDULE, TargetKind.TEAM)
        step = next((one for one in policy.steps if any(target.kind in kinds for target in one.targets)), None)
        called = (
            [each for target in step.targets for each in roster.people(org, policy, target, moment)] if step else []
        )
        told = {name for each in rows if each.slug == policy.slug for name in each.people}
        assert told == {each.user.username for each in called}


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(organizations(), st.integers(0, 60 * 24))
def test_a_range_agrees_with_each_of_its_moments(org: Organization, hours: int) -> None:
    start = 1_780_000_000_000_000 + hours * HOUR
    rows = [each for each in who_range(org, start, start + DAY) if each.kind == "schedule"]
    for moment in (start, start + 7 * HOUR, start + DAY - 1):
        now = {(each.slug, name) for each in who(org, moment) if each.kind == "schedule" for name in each.people}
        then = {
            (each.slug, name)
            for each in rows
            for name in each.people
            if (each.start or 0) <= moment and (each.end is None or moment < each.end)
        }
        assert now == then


def test_two_people_who_swap_everywhere_keep_what_they_took_in_a_policy_too() -> None:
    swap = (Override("a", at(6), at(7), 1, "ann", "bob"), Override("b", at(6), at(7), 1, "bob", "ann"))
    own = Override("c", at(6, 6), at(6, 12), 1, "bob", "cyd", policy_id="policy")
    org = with_overrides(*swap, own)
    assert row(org, "schedule", at(6, 1)).people == row(org, "policy", at(6, 1)).people == ("bob",)
    found = [(each.people, each.start) for each in who_range(org, at(6), at(7)) if each.kind == "policy"]
    assert found == [(("bob",), at(6)), (("cyd",), at(6, 6)), (("bob",), at(6, 12))]


def test_who_stands_in_for_a_member_of_a_team_is_told() -> None:
    schedule = replace(SCHEDULE, layers=(replace(LAYER, turns=(Turn((), ("web",)),)),))
    cover = Override("a", at(6), at(7), 1, "ann", "cyd", schedule_id="rota")
    org = replace(with_schedule(schedule), overrides={"a": cover})
    assert row(org, "schedule", at(6)).people == row(org, "policy", at(6)).people == ("cyd", "bob")
    assert row(org, "schedule", at(7)).people == row(org, "policy", at(7)).people == ("ann", "bob")
    found = [(each.people, each.start) for each in who_range(org, at(5, 9), at(8)) if each.kind == "schedule"]
    assert found == [(("ann", "bob"), at(5, 9)), (("cyd", "bob"), at(6)), (("ann", "bob"), at(7))]
