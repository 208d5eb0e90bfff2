"""Who may do what: each of the operations, asked with the keys of each role."""

import pytest

from tests.dialects.datadog.every import EVERYBODY, Operation, of_oneself, operations, things
from tests.dialects.datadog.oncall import CYD, WEB, staffed
from tests.dialects.datadog.test_checklist_oncall import OPERATIONS as ON_CALL_OPERATIONS
from tests.dialects.datadog.test_checklist_people import OPERATIONS as PEOPLE_OPERATIONS
from tests.dialects.speaking import Speaker, datadog_keys, keep
from tests.stories.world import World
from watchbill.api.datadog.routes import DIALECT
from watchbill.domain.people import Member, Role
from watchbill.domain.record import replace

ROLES = {
    "global": Role.GLOBAL_ADMIN,
    "alerts": Role.ALERT_ADMIN,
    "lead": Role.USER,
    "user": Role.USER,
    "stakeholder": Role.STAKEHOLDER,
    "reader": Role.GLOBAL_ADMIN,
}


def called(world: World, name: str) -> tuple[Speaker, str]:
    """Somebody of that name with keys, and their id. The lead is an administrator of the team web; the reader's key
    may only read."""
    keys = dict(datadog_keys(world, name, ROLES[name]))
    id = world.organization.users_by_name[name].id
    if name == "lead":
        team = world.organization.teams[WEB]
        world.has(replace(team, members=(*team.members, Member(id, admin=True))))
    if name == "reader":
        keep(world, "reads", "datadog_app", id, readonly=True)
        keys["dd-application-key"] = "reads"
    return Speaker(world, DIALECT, keys), id


def check(world: World, api: Speaker, name: str, one: Operation) -> None:
    version = world.organization.version
    status = one.asked(api).status
    if name in one.may:
        assert 200 <= status < 300, (one.name, status)
    else:
        assert status == 403, (one.name, status)
        assert world.organization.version == version, one.name


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_each_operation_asks_for_its_right(world: World, name: str) -> None:
    admin = staffed(world)
    api, _ = called(world, name)
    of = things(admin, CYD)
    for one in operations(of).values():
        check(world, api, name, one)


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_ones_own_profile_is_ones_own(world: World, name: str) -> None:
    admin = staffed(world)
    api, id = called(world, name)
    for one in of_oneself(things(admin, id), id):
        check(world, api, name, one)


def test_these_are_all_operations(world: World) -> None:
    of = things(staffed(world), CYD)
    names = {*operations(of), *(one.name for one in of_oneself(of, CYD))}
    assert names == {*ON_CALL_OPERATIONS, *PEOPLE_OPERATIONS}
    assert len(names) == len(DIALECT.routes)
