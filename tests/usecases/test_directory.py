"""Configuration is kept whole and sound, or not at all."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings

from tests.cli.organizations import organizations
from tests.stories.town import person, step
from tests.stories.world import World
from tests.usecases.organizations import ORG, at
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.organization import MAPS, Change, Organization
from watchbill.domain.people import User
from watchbill.domain.routes import Start
from watchbill.store.database import Database, open_database
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx

T = TypeVar("T")
NOW = at(20)


@pytest.fixture
def database() -> Iterator[Database]:
    opened = open_database("sqlite:///:memory:")
    yield opened
    opened.close()


def write(database: Database, fn: Callable[..., T], *args: Any) -> T:
    return asyncio.run(database.write(fn, *args))


def made(tx: Tx) -> int:
    return tx.create_organization("org", "Organization", None, NOW).number


def changes_of(org: Organization) -> list[Change]:
    """What makes an empty organization this one."""
    return [Change(kind, id, entity) for kind, name in MAPS.items() for id, entity in getattr(org, name).items()] + [
        Change("settings", "settings", org.settings)
    ]


def organization(tx: Tx, number: int) -> Organization:
    return tx.organization(number)


def test_changes_are_kept(database: Database) -> None:
    number = write(database, made)

    after = write(database, directory.apply, number, changes_of(ORG), "ann", NOW)

    assert after == write(database, organization, number)
    assert (after.users, after.policies, after.settings) == (ORG.users, ORG.policies, ORG.settings)
    assert directory.changed(replace(after, users={}), changes_of(ORG)).users == ORG.users


def test_what_would_be_unsound_is_refused_and_nothing_is_kept(database: Database) -> None:
    number = write(database, made)
    changes = [
        Change("user", "ann", User("ann", 1, "ann", zone="Nowhere")),
        Change("user", "bob", User("bob", 2, "ANN")),
    ]

    with pytest.raises(directory.Unfit) as refusal:
        write(database, directory.apply, number, changes, "ann", NOW)

    assert refusal.value.message.splitlines() == [
        "user ann: zone: 'Nowhere' is not a time zone. Use a name of the IANA database, such as 'Europe/Paris'.",
        "user ANN: username: 'ANN' is taken (capitals don't count). Choose another name.",
    ]
    assert write(database, organization, number).users == {}


def test_removing_what_is_still_named_is_refused(database: Database) -> None:
    number = write(database, made)
    write(database, directory.apply, number, changes_of(ORG), "ann", NOW)

    with pytest.raises(directory.Unfit) as refusal:
        write(database, directory.apply, number, [Change("schedule", "rota", None)], "ann", NOW)

    assert refusal.value.message == (
        "policy db: steps[0].targets[0].id: There is no schedule 'rota' in the organization. "
        "Name one that exists, or leave it out."
    )


def test_no_changes_make_no_new_version(database: Database) -> None:
    number = write(database, made)
    before = write(database, organization, number)
    assert write(database, directory.apply, number, [], "ann", NOW).version == before.version


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(organizations())
def test_any_sound_organization_is_kept_as_it_is(org: Organization) -> None:
    database = open_database("sqlite:///:memory:")
    number = write(database, made)

    write(database, directory.apply, number, changes_of(org), "ann", NOW)

    kept = write(database, organization, number)
    database.close()
    for name in (*MAPS.values(), "settings"):
        assert getattr(kept, name) == getattr(org, name)


@pytest.mark.parametrize("removed", [False, True])
def test_what_waits_for_somebody_who_is_no_user_any_more_goes_on_at_once(world: World, removed: bool) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=DAY))
    world.key("key", "db")
    world.alert("key", "disk")
    world.phone("ann").expects("disk", at=0)
    world.policy("db", step("bob"))
    change = Change("user", "ann", None if removed else replace(world.organization.users["ann"], active=False))
    world.write(directory.apply, world.org, [change], "file", world.now)
    world.pass_(0)
    world.phone("bob").expects("disk", at=0)
    world.tells("disk", "ann left the organization" if removed else "ann is no longer an active user")


def test_a_partners_people_are_not_waited_for_by_its_clients_either(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=DAY))
    world.rule("clients", starts=(Start("db"),), beside=True, clients=True)
    partner = world.org
    world.org = world.write(lambda tx: tx.create_organization("client", "Client", partner, world.now)).number
    world.alert("key", "disk")
    world.phone("ann").expects("disk", at=0)
    gone = User("ann", 1, "ann", active=False)
    world.write(directory.apply, partner, [Change("user", "ann", gone)], "file", world.now)
    world.pass_(0)
    world.phone("bob").expects("disk", at=0)
    world.tells("disk", "ann is no longer an active user")


@pytest.mark.parametrize("of_partner", [True, False])
def test_what_follows_a_policy_acts_sooner_when_that_says_so(world: World, of_partner: bool) -> None:
    partner = world.org
    world.has(person("ann"))
    world.policy("db", step("ann", wait=DAY), follows=True)
    world.rule("all", starts=(Start("db"),), beside=True, clients=True)
    renamed = replace(world.organization.policies["db"], name="Databases")
    sooner = replace(renamed, steps=(step("ann", wait=HOUR, id="db/1"),))
    if of_partner:
        world.org = world.write(lambda tx: tx.create_organization("client", "Client", partner, world.now)).number
    world.alert("key", "disk")
    world.pass_(MINUTE)
    waits = world.write(lambda tx: tx.next_wake_at())
    world.write(directory.apply, partner, [Change("policy", "db", renamed)], "file", world.now)
    assert world.write(lambda tx: tx.next_wake_at()) == waits, "nobody is woken for a name"
    world.write(directory.apply, partner, [Change("policy", "db", sooner)], "file", world.now)
    world.pass_(DAY)
    world.phone("ann").expects("disk", at=HOUR)
