"""Checking again after a change finds what checking the whole finds."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.organizations import organizations
from tests.domain.test_checks import ANN, HOOK, NOW, ORG
from watchbill.domain import changes
from watchbill.domain.changes import problems
from watchbill.domain.checks import NAMES, check
from watchbill.domain.organization import KIND_OF, MAPS, Change, Endpoint, Entity, Memory, Organization, Settings
from watchbill.domain.people import Member, Team, User
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule, Start
from watchbill.usecases.directory import changed

FIELDS = {kind: field for kind, field in NAMES if field != "handle"}


@st.composite
def a_change(draw: st.DrawFn, org: Organization, other: Organization) -> Change:
    """Of any kind: something of the other organization comes, under its own id or under one that is there; something
    goes, is kept under another id, or takes the name of its neighbour."""
    kind = draw(st.sampled_from([*MAPS, "settings"]))
    if kind == "settings":
        return Change(kind, kind, draw(st.sampled_from([other.settings, org.settings, Settings()])))
    ours, theirs = dict(getattr(org, MAPS[kind])), dict(getattr(other, MAPS[kind]))
    ids = st.sampled_from([*ours, *theirs, *org.users, "id-new"])
    entity = draw(st.sampled_from([None, *ours.values(), *theirs.values()]))
    if entity is not None and draw(st.booleans()):
        entity = replace(entity, id=draw(ids))
    if entity is not None and kind in FIELDS and ours and draw(st.integers(0, 3)) == 0:
        neighbour = draw(st.sampled_from(list(ours.values())))
        entity = replace(entity, **{FIELDS[kind]: getattr(neighbour, FIELDS[kind]).upper()})
    id = draw(ids) if entity is None or draw(st.integers(0, 9)) == 0 else entity.id
    return Change(kind, id, entity)


@settings(max_examples=100)
@given(organizations(), organizations(), st.data())
def test_a_change_is_refused_exactly_when_the_whole_is_unfit(
    org: Organization, other: Organization, data: st.DataObject
) -> None:
    assert problems(org) == check(org) == []
    for _ in range(4):
        wanted = changed(org, data.draw(st.lists(a_change(org, other), min_size=1, max_size=3)))
        expected = check(wanted)
        assert problems(wanted) == expected
        if not expected:
            org = wanted


def after(org: Organization, *given: Change) -> Organization:
    assert problems(org) == []
    return changed(org, given)


def test_what_is_fine_is_not_looked_for_in_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    org = replace(ORG, memory=Memory())
    assert problems(org) == []
    monkeypatch.setattr(changes, "check", None)
    bob = User("u2", 2, "bob")
    key = replace(ORG.routing_keys["k1"], is_default=False)
    for change in (
        Change("user", "u2", bob),
        Change("user", "u2", replace(bob, username="rob")),
        Change("user", "u2", None),
        Change("endpoint", "e1", replace(HOOK, kind="chat")),  # nobody names it
        Change("routing_key", "k1", key),
        Change("routing_key", "k2", RoutingKey("k2", 2, "other", is_default=True)),
        Change("settings", "settings", Settings(safety_net=(Target(TargetKind.USER, "u1"),))),
    ):
        org = changed(org, [change])
        assert problems(org) == []


@pytest.mark.parametrize(
    "change",
    [
        Change("user", "u1", None),
        Change("user", "u2", User("u2", 2, "ANN")),
        Change("user", "u2", User("u2", 2, "bob", contacts=ANN.contacts)),
        Change("user", "p1", User("p1", 2, "bob")),
        Change("user", "u2", User("u3", 2, "bob")),
        Change("policy", "p2", EscalationPolicy("p2", 2, "b", "B", (Step("s1", ()),))),
        Change("schedule", "r1", None),
        Change("routing_key", "k2", RoutingKey("k2", 2, "other", is_default=True)),
    ],
)
def test_what_others_have_or_name(change: Change) -> None:
    wanted = after(ORG, change)
    assert check(wanted)
    assert problems(wanted) == check(wanted)


def test_an_endpoint_that_is_told_stays_of_its_kind() -> None:
    told = EscalationPolicy("p2", 2, "told", "Told", (Step("s2", (Target(TargetKind.WEBHOOK, "e1"),)),))
    org = after(ORG, Change("policy", "p2", told))
    wanted = after(org, Change("endpoint", "e1", replace(HOOK, kind="chat")))
    assert [problem.id for problem in problems(wanted)] == ["p2"]


def test_things_may_change_places() -> None:
    """One gives its name up, the other takes it, in one change."""
    org = after(ORG, Change("user", "u2", User("u2", 2, "bob")))
    swapped: list[Any] = [
        Change("user", "u1", replace(ANN, username="bob")),
        Change("user", "u2", User("u2", 2, "ann")),
    ]
    assert problems(after(org, *swapped)) == []


BOB, OPS, LATE = User("u2", 2, "bob"), Team("t2", 2, "ops", "Ops"), Schedule("r2", 2, "late", "Late", "UTC", ())
EMPTY = EscalationPolicy("p2", 2, "empty", "Empty", ())
ROOM = Endpoint("e2", 2, "room", "Room", "chat", "https://example.com/room")
OTHER = RoutingKey("k2", 2, "other")
KINDS = (TargetKind.USER, TargetKind.TEAM, TargetKind.SCHEDULE, TargetKind.POLICY, TargetKind.CHAT)
TARGETS = {target.kind: target for target in map(Target, KINDS, ("u2", "t2", "r2", "p2", "e2"))}


def turning(turn: Turn) -> Schedule:
    return Schedule("r9", 9, "nine", "Nine", "UTC", (Layer("l9", "L", NOW, NOW, Interval(days=7), (turn,)),))


def stepping(target: Target) -> EscalationPolicy:
    return EscalationPolicy("p9", 9, "nine", "Nine", (Step("s9", (target,)),))


@pytest.mark.parametrize(
    ("holder", "thing"),
    [
        (Team("t9", 9, "nine", "Nine", members=(Member("u2"),)), BOB),
        (Schedule("r9", 9, "nine", "Nine", "UTC", (), team_ids=("t2",)), OPS),
        (turning(Turn(("u2",))), BOB),
        (turning(Turn((), team_ids=("t2",))), OPS),
        (Override("o9", NOW, NOW + 1, NOW, user_id="u2"), BOB),
        (Override("o9", NOW, NOW + 1, NOW, user_id="u1", cover_id="u2"), BOB),
        (Override("o9", NOW, NOW + 1, NOW, schedule_id="r2"), LATE),
        (Override("o9", NOW, NOW + 1, NOW, policy_id="p2"), EMPTY),
        (EscalationPolicy("p9", 9, "nine", "Nine", (), team_id="t2"), OPS),
        (EscalationPolicy("p9", 9, "nine", "Nine", (), team_ids=("t2",)), OPS),
        (stepping(TARGETS[TargetKind.USER]), BOB),
        (stepping(TARGETS[TargetKind.TEAM]), OPS),
        (stepping(TARGETS[TargetKind.SCHEDULE]), LATE),
        (stepping(TARGETS[TargetKind.POLICY]), EMPTY),
        (stepping(TARGETS[TargetKind.CHAT]), ROOM),
        (RoutingKey("k9", 9, "nine", (Start(policy_id="p2"),)), EMPTY),
        (RoutingKey("k9", 9, "nine", (Start(user_id="u2"),)), BOB),
        (Rule("x9", 9, "nine", 1, team_id="t2"), OPS),
        (Rule("x9", 9, "nine", 1, reroute_team_id="t2"), OPS),
        (Rule("x9", 9, "nine", 1, starts=(Start(policy_id="p2"),)), EMPTY),
        (Rule("x9", 9, "nine", 1, notify=(TARGETS[TargetKind.CHAT],)), ROOM),
        (MaintenanceWindow("w9", 9, "nine", "Nine", NOW, key_ids=("k2",)), OTHER),
        (Settings(safety_net=(TARGETS[TargetKind.SCHEDULE],)), LATE),
    ],
)
def test_what_is_named_can_not_go_before_it_is_let_go(holder: Entity, thing: Entity) -> None:
    there = [change_of(one) for one in (BOB, OPS, LATE, EMPTY, ROOM, OTHER)]
    org = after(after(ORG, *there), change_of(holder))
    gone = Change(change_of(thing).kind, change_of(thing).id, None)
    unfit = after(org, gone)
    assert {problem.id for problem in problems(unfit)} == {change_of(holder).id}
    let_go = Change("settings", "settings", Settings()) if isinstance(holder, Settings) else without(holder)
    assert problems(after(org, gone, let_go)) == []
    assert problems(after(after(org, let_go), gone)) == []


def change_of(entity: Entity) -> Change:
    return Change(KIND_OF[type(entity)], getattr(entity, "id", "settings"), entity)


def without(entity: Entity) -> Change:
    return replace(change_of(entity), entity=None)
