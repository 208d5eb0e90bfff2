"""Somebody leaves, and others take their places (VictorOps reference, part 4.14)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.organizations import organizations
from tests.usecases.organizations import DAY, ORG, at, person, with_overrides
from watchbill.domain.checks import check
from watchbill.domain.errors import Conflict
from watchbill.domain.leaving import By, Departure, NoSuccessor, Succession, leave, leave_team, successor
from watchbill.domain.organization import Organization
from watchbill.domain.people import ContactMethod, Member, Role, User
from watchbill.domain.plans import TargetKind
from watchbill.domain.rota import Override
from watchbill.usecases.directory import changed

NOW = at(20)
PHONE = ContactMethod("phone", 9, "phone", "+14155550123", verified=True)


def bare(name: str, role: Role = Role.USER, **more: Any) -> User:
    """Somebody without a contact, unless told otherwise."""
    return replace(person(name, 9, role), **{"contacts": (), "paging": (), **more})


def people(*users: User, members: tuple[Member, ...] = ()) -> Organization:
    """Ann, who leaves, and these; in the team are Ann and these members."""
    team = replace(ORG.teams["web"], members=(Member("ann"), *members))
    return replace(ORG, users={"ann": ORG.users["ann"]} | {user.id: user for user in users}, teams={"web": team})


def best(org: Organization, by: By = By.BEST) -> str:
    return successor(org, org.users["ann"], ("web",), Succession(by)).id


def left(org: Organization, departure: Departure) -> Organization:
    after = changed(org, departure.changes)
    assert check(after) == []
    return after


# --- Who takes over


def test_the_best_leads_the_team_then_alerts_then_all_then_is_of_the_team() -> None:
    users = [
        bare("a-stranger"),
        bare("b-member"),
        bare("c-global", Role.GLOBAL_ADMIN),
        bare("d-alerts", Role.ALERT_ADMIN),
        bare("e-leader"),
    ]
    org = people(*users, members=(Member("b-member"), Member("e-leader", admin=True)))
    order = []
    while len(org.users) > 1:
        order.append(best(org))
        org = replace(org, users={id: user for id, user in org.users.items() if id != order[-1]})
    assert order == ["e-leader", "d-alerts", "c-global", "b-member", "a-stranger"]


def test_among_equals_come_those_with_a_device_or_a_verified_number_and_then_it_goes_by_name() -> None:
    unverified = replace(PHONE, verified=False)
    users = [bare("Bea"), bare("cyd", contacts=(unverified,)), bare("dan", contacts=(PHONE,)), person("eve", 3)]
    order = []
    while users:
        order.append(best(people(*users)))
        users = [user for user in users if user.id != order[-1]]
    assert order == ["dan", "eve", "Bea", "cyd"]


@pytest.mark.parametrize("user", [bare("bob", Role.STAKEHOLDER), bare("bob", active=False)])
@pytest.mark.parametrize("by", By)
def test_who_may_not_be_on_call_takes_nothing(user: User, by: By) -> None:
    org = people(user, members=(Member("bob", admin=True),))
    with pytest.raises(NoSuccessor, match="ann is on call"):
        successor(org, org.users["ann"], ("web",), Succession(by, "bob"))


def test_administrators_of_a_kind_only() -> None:
    org = people(bare("bob"), bare("cyd", Role.GLOBAL_ADMIN), members=(Member("bob", admin=True),))
    assert best(org, By.GLOBAL_ADMIN) == "cyd"
    assert best(org, By.TEAM_ADMIN) == "bob"
    assert successor(org, org.users["ann"], (), Succession(By.TEAM_ADMIN)).id == "cyd", "what is of no team"
    with pytest.raises(NoSuccessor, match="administrator of Web"):
        best(people(bare("bob"), members=(Member("bob"),)), By.TEAM_ADMIN)


# --- What becomes of the organization


def test_places_go_to_the_successor_who_joins_the_team() -> None:
    departure = leave(ORG, ORG.users["ann"], Succession(By.NAME, "cyd"), NOW)
    after = left(ORG, departure)
    assert "ann" not in after.users
    assert [turn.user_ids for turn in after.schedules["rota"].layers[0].turns] == [("cyd",), ("bob",)]
    assert after.teams["web"].members == (Member("bob"), Member("cyd"))
    [taken] = departure.taken
    assert taken.user_id == "cyd"
    assert taken.what == ("the schedule Primary", "a membership in the team Web")


def test_who_has_no_place_needs_no_successor() -> None:
    org = replace(ORG, users={**ORG.users, "dan": bare("dan")})
    departure = leave(org, org.users["dan"], Succession(By.NAME), NOW)
    assert departure.taken == ()
    assert "dan" not in left(org, departure).users


def test_overrides_that_are_over_go_and_those_that_cover_oneself() -> None:
    def override(id: str, user: str | None, cover: str | None, day: int, **where: Any) -> Override:
        return Override(id, at(day), at(day) + DAY, NOW, user, cover, **where)

    org = with_overrides(
        override("over", "ann", "bob", 18),
        override("self", "ann", "cyd", 21, schedule_id="rota"),
        override("asked", "ann", None, 21),
        override("covers", "bob", "ann", 21),
        override("others", "bob", "cyd", 18),
        override("place", None, "ann", 21, schedule_id="rota"),
    )
    after = left(org, leave(org, org.users["ann"], Succession(By.NAME, "cyd"), NOW))
    assert {id: (one.user_id, one.cover_id) for id, one in after.overrides.items()} == {
        "asked": ("cyd", None),
        "covers": ("bob", "cyd"),
        "others": ("bob", "cyd"),
        "place": (None, "cyd"),
    }


def test_whose_cover_takes_over_joins_no_team_for_an_override_that_ends_with_that() -> None:
    org = with_overrides(Override("self", at(21), at(22), NOW, "dan", "cyd", schedule_id="rota"))
    org = replace(org, users={**org.users, "dan": bare("dan")})
    departure = leave(org, org.users["dan"], Succession(By.NAME, "cyd"), NOW)
    assert departure.taken == ()
    assert left(org, departure).overrides == {}


def test_the_last_global_administrator_stays() -> None:
    org = people(bare("bob", Role.GLOBAL_ADMIN), bare("cyd", Role.GLOBAL_ADMIN, active=False))
    with pytest.raises(Conflict, match="last global administrator"):
        leave(org, org.users["bob"], Succession(By.NAME, "ann"), NOW)


def test_a_team_is_left_with_its_places_only() -> None:
    other = replace(ORG.schedules["rota"], id="other", slug="other", team_ids=())
    shared = replace(ORG.schedules["rota"], id="shared", slug="shared", team_ids=("web", "db"))
    team = replace(ORG.teams["web"], id="db", slug="db", members=(Member("ann"),))
    org = replace(ORG, schedules={**ORG.schedules, "other": other, "shared": shared}, teams={**ORG.teams, "db": team})
    after = left(org, leave_team(org, org.users["ann"], org.teams["web"], Succession(By.NAME, "bob"), NOW))
    assert {id: one.layers[0].turns[0].user_ids for id, one in after.schedules.items()} == {
        "rota": ("bob",),
        "other": ("ann",),
        "shared": ("ann",),
    }
    assert after.teams["web"].members == (Member("bob"),)
    assert after.teams["db"].members == (Member("ann"),)
    assert "ann" in after.users


def names(org: Organization) -> set[str]:
    """Everybody who is named as one to be paged."""
    targets = [target for policy in org.policies.values() for step in policy.steps for target in step.targets]
    return {
        *(id for one in org.schedules.values() for layer in one.layers for turn in layer.turns for id in turn.user_ids),
        *(target.id for target in (*targets, *org.settings.safety_net) if target.kind is TargetKind.USER),
        *(start.user_id or "" for key in org.routing_keys.values() for start in key.starts),
        *(start.user_id or "" for rule in org.rules.values() for start in rule.starts),
    }


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=50)
@given(organizations(), st.sampled_from([By.BEST, By.GLOBAL_ADMIN, By.TEAM_ADMIN]), st.data())
def test_whoever_leaves_nobody_is_named_who_is_not_there(org: Organization, by: By, data: st.DataObject) -> None:
    if not org.users:
        return
    user = org.users[data.draw(st.sampled_from(sorted(org.users)))]
    try:
        departure = leave(org, user, Succession(by), NOW)
    except (NoSuccessor, Conflict):
        return
    after = changed(org, departure.changes)
    assert check(after) == check(org) == []
    assert user.id not in after.users
    assert user.id not in names(after)
    assert len(names(after)) >= len(names(org)) - 1, "nobody else is forgotten"
    gone = {one.id for one in org.overrides.values()} - set(after.overrides)
    assert all(user.id in (org.overrides[id].user_id, org.overrides[id].cover_id) for id in gone)
