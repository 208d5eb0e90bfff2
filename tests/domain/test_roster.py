"""Who a target means, where a schedule alone does not know."""

from dataclasses import replace

import pytest

from watchbill.domain.civil import DAY
from watchbill.domain.organization import Organization
from watchbill.domain.people import Member, Team, User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.roster import people
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn

NOW = 1_800_000_000_000_000
POLICY = EscalationPolicy("p", 1, "p", "Policy", ())
LAYER = Layer("l", "Group", NOW - DAY, NOW - DAY, Interval(days=7), (Turn(team_ids=("t",)),))
ORG = Organization(
    1,
    "o",
    "o",
    "O",
    users={name: User(name, 1, name) for name in ("ann", "bob", "cyd")},
    teams={"t": Team("t", 1, "t", "Team", members=(Member("ann"), Member("bob")))},
    schedules={"s": Schedule("s", 1, "s", "Schedule", "UTC", (LAYER,))},
)
COVER = Override("x", NOW - 1, NOW + DAY, NOW - 1, user_id="bob", cover_id="cyd")


def on_call(org: Organization) -> list[str]:
    return [called.user.username for called in people(org, POLICY, Target(TargetKind.SCHEDULE, "s"), NOW)]


@pytest.mark.parametrize("place", [{}, {"schedule_id": "s"}, {"policy_id": "p"}])
def test_one_of_a_team_on_call_is_covered(place: dict[str, str]) -> None:
    assert on_call(ORG) == ["ann", "bob"]
    assert on_call(replace(ORG, overrides={"x": replace(COVER, **place)})) == ["ann", "cyd"]  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [{"schedule_id": "other"}, {"policy_id": "other"}])
def test_an_override_of_another_place_covers_nobody_here(place: dict[str, str]) -> None:
    assert on_call(replace(ORG, overrides={"x": replace(COVER, **place)})) == ["ann", "bob"]  # type: ignore[arg-type]
