"""What is said of a range is what is said at each instant of it."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usecases.organizations import LAYER, ORG, POLICY, SCHEDULE, at
from watchbill.domain import roster
from watchbill.domain.civil import DAY, HOUR, Window
from watchbill.domain.plans import Step, Target, TargetKind
from watchbill.domain.rota import Interval, Mode, Override, Position, Turn
from watchbill.domain.stints import Stint, meant, stints

START, END = at(5), at(12)
PEOPLE = st.sampled_from(["ann", "bob", "cyd"])
HOURS = st.integers(-24, 8 * 24).map(lambda hours: START + hours * HOUR)


@st.composite
def overrides(draw: st.DrawFn) -> Override:
    start = draw(HOURS)
    place = draw(st.sampled_from(["schedule_id", "policy_id", ""]))
    user_id = draw(st.none() | PEOPLE) if place == "schedule_id" else draw(PEOPLE)
    end = start + draw(st.integers(1, 60)) * HOUR
    made = Override(str(draw(st.uuids())), start, end, draw(st.integers(0, 9)), user_id, draw(PEOPLE))
    return replace(
        made,
        schedule_id="rota" if place == "schedule_id" else None,
        policy_id="policy" if place == "policy_id" else None,
        taken=draw(st.booleans()),
    )


TARGETS = (
    Target(TargetKind.SCHEDULE, "rota"),
    Target(TargetKind.SCHEDULE, "rota", Position.NEXT),
    Target(TargetKind.USER, "ann"),
    Target(TargetKind.TEAM, "web"),
)
TEAM_LAYER = replace(
    LAYER,
    id="team",
    interval=Interval(2),
    turns=(Turn((), ("web",)), Turn(("cyd", "bob"))),
    restrictions=tuple(Window(day, 8 * 3600, day, 20 * 3600) for day in range(6)),
)


@given(
    given=st.lists(overrides(), max_size=4),
    target=st.sampled_from(TARGETS),
    mode=st.sampled_from(Mode),
    moments=st.lists(st.integers(START, END - 1), min_size=5, max_size=9),
)
@settings(max_examples=150)
def test_a_range_tells_what_every_instant_of_it_tells(
    given: list[Override], target: Target, mode: Mode, moments: list[int]
) -> None:
    schedule = replace(SCHEDULE, mode=mode, layers=(replace(LAYER, interval=Interval(1)), TEAM_LAYER))
    policy = replace(POLICY, steps=(Step("step-1", (target,)),))
    org = replace(
        ORG,
        schedules={"rota": schedule},
        policies={"policy": policy},
        overrides={one.id: one for one in given},
    )
    found = stints(org, policy, target, START, END)
    for moment in moments:
        called = {each.user.id for each in roster.people(org, policy, target, moment)}
        assert {one.user_id for one in found if one.start <= moment < one.end} == called


def test_a_shift_has_its_true_bounds() -> None:
    [one] = stints(ORG, POLICY, POLICY.steps[0].targets[0], at(6), at(7))
    assert one == Stint("ann", at(5, 9), at(12, 9), "rota", "layer", 0)


def test_who_can_be_meant() -> None:
    rota, _, user, team = TARGETS
    assert meant(ORG, rota) == {"ann", "bob"}
    assert meant(ORG, user) == {"ann"}
    assert meant(ORG, team) == {"ann", "bob"}
    assert meant(ORG, Target(TargetKind.EMAIL, "ann")) == set()
    both = replace(SCHEDULE, layers=(LAYER, TEAM_LAYER))
    assert meant(replace(ORG, schedules={"rota": both}), rota) == {"ann", "bob", "cyd"}


def test_overrides_of_long_ago_cost_nothing() -> None:
    old = {str(n): Override(str(n), n * DAY, n * DAY + 1, 0, "ann", "bob", "rota") for n in range(2000)}
    [one] = stints(replace(ORG, overrides=old), POLICY, POLICY.steps[0].targets[0], at(6), at(7))
    assert one.user_id == "ann"
