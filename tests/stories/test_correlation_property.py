"""Whatever comes, and whatever is done to single alerts: whom grouping would leave unpaged, nobody may find."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stories.town import paged_by, person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import HOUR, MINUTE
from watchbill.domain.errors import Refused
from watchbill.domain.people import Urgency, User
from watchbill.domain.plans import AtEnd, EscalationPolicy, Since, Step, Stop
from watchbill.domain.routes import Alike, Condition, Grouping, Op, Rule, Start
from watchbill.usecases import incidents

PEOPLE = ("ann", "bob", "carl", "dora", "eve")
KEYS = ("a", "b", "c", "d")
POLICIES = ("p", "q")
# Each alone may be answered for, ended, or handed on: the group is left alone.
VERBS = (incidents.acknowledge, incidents.resolve, incidents.heal, incidents.close, incidents.unacknowledge)
ALL = frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED, Stop.SUPPRESSED, Stop.CLOSED, Stop.TICKETED})


@dataclass(frozen=True)
class Event:
    """An alert, or (with a verb) what somebody does to the incident of its key, so long after the one before."""

    after: int
    key: str
    signal: Signal
    policy: str
    host: str
    verb: int | None


def someone(name: str) -> User:
    """Paged differently by urgency, or always alike and only after a while."""
    low = paged_by("low", ring("email", then=30 * MINUTE), urgency=Urgency.LOW)
    high = paged_by("high", ring("pocket", then=7 * MINUTE), ring("sms"), urgency=Urgency.HIGH)
    late = paged_by("late", ring(then=12 * MINUTE), ring("pocket", then=7 * MINUTE), ring("sms"))
    own = (late,) if name in ("dora", "eve") else (low, high)
    return person(name, policies=[replace(one, id=f"{name}-{one.name}") for one in own])


spans = st.sampled_from([0, 1 * MINUTE, 5 * MINUTE, 10 * MINUTE, 45 * MINUTE])
# A step that waits for a state to be left begins anew each time: with those who are paged after a while, it is later.
PROMPT = {"dora": "ann", "eve": "bob"}
steps = st.builds(
    lambda who, wait, since, repeats, left: step(
        *dict.fromkeys(PROMPT.get(name, name) if left else name for name in who),
        wait=wait,
        since=since,
        repeat_every=3 * MINUTE if repeats else None,
        repeat_limit=2 if repeats else 1,
        on_state_left=left,
    ),
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True),
    spans,
    st.sampled_from(Since),
    st.booleans(),
    st.sampled_from([None, None, None, "critical", "warning"]),
)
events = st.builds(
    Event,
    st.sampled_from([0, 0, MINUTE, 4 * MINUTE, 11 * MINUTE]),
    st.sampled_from(KEYS),
    st.sampled_from([Signal.CRITICAL, Signal.CRITICAL, Signal.WARNING, Signal.RECOVERY, Signal.INFO]),
    st.sampled_from(POLICIES),
    st.sampled_from(["web1", "web1", "web2"]),
    st.none() | st.none() | st.integers(0, len(VERBS) - 1),
)


@dataclass(frozen=True)
class Town:
    plans: Mapping[str, Sequence[Step]]
    resumes: bool
    resolves: bool
    lasting: bool
    often: bool


towns = st.builds(
    Town,
    st.fixed_dictionaries({name: st.lists(steps, min_size=1, max_size=3) for name in POLICIES}),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
    st.booleans(),
    st.booleans(),
)


def first_pages(town: Town, course: Sequence[Event], grouped: bool) -> Mapping[str, int]:
    """When each person was first sent something."""
    world = World()
    try:
        _settle(world, town, grouped)
        for event in course:
            world.pass_(event.after)
            _happens(world, town, event)
        world.pass_(4 * HOUR)
        return {
            name: min(one.at for one in world.phone(name).received) for name in PEOPLE if world.phone(name).received
        }
    finally:
        world.close()


def _settle(world: World, town: Town, grouped: bool) -> None:
    world.has(*(someone(name) for name in PEOPLE))
    world.settings(bundle_after=1000)
    for name, plan in town.plans.items():
        named = tuple(replace(one, id=f"{name}/{place}") for place, one in enumerate(plan))
        more: dict[str, Any]
        more = {"resumes": True, "follows": True, "once_each": True} if town.resumes else {"passes": 2}
        more["at_end"] = AtEnd.RESOLVE if town.resolves and not town.often and name == "q" else AtEnd.KEEP
        more["end_wait"] = 5 * MINUTE if town.resolves else 0
        world.has(EscalationPolicy(name, 1, name, name, named, stop_on=ALL, **more))
        world.key(name, name)
    if town.often:
        repeated = Condition(field="incident.alerts", op=Op.AT_LEAST, value="2")
        world.rule("often", condition=repeated, beside=True, starts=(Start("q"),))
    if grouped:
        world.has(Rule("hosts", 9, "hosts", 9, beside=True, grouping=Grouping(20 * MINUTE, (Alike(("host",)),))))


def _happens(world: World, town: Town, event: Event) -> None:
    if event.verb is None:
        more = {"routing_key": event.policy, "host": event.host, "lasting": town.lasting}
        world.alerts(AlertEvent(event.signal, event.key, event.key, **more))  # type: ignore[arg-type]
    elif event.key in world._numbers:
        with contextlib.suppress(Refused):
            world.does(VERBS[event.verb], "eve", event.key)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(towns, st.lists(events, min_size=2, max_size=8))
def test_nobody_is_paged_later_or_never_because_alerts_are_grouped(town: Town, course: list[Event]) -> None:
    alone, grouped = (first_pages(town, course, one) for one in (False, True))
    late = {name: (at, grouped.get(name)) for name, at in alone.items() if grouped.get(name, at + 1) > at}
    assert not late, f"{late}: {grouped}"
