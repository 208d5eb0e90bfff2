"""Who may do what: every role against every right."""

from dataclasses import replace

import pytest

from tests.usecases.organizations import ORG, person, with_user
from watchbill.domain.errors import Forbidden
from watchbill.domain.incident import Actor
from watchbill.domain.people import Member, Role
from watchbill.usecases.access import Caller, Right, demand, may

SEE, RESPOND, ALERTS, TEAM, PERSON, GOVERN = Right

MATRIX = {
    Role.GLOBAL_ADMIN: set(Right),
    Role.ALERT_ADMIN: {SEE, RESPOND, ALERTS, PERSON},
    Role.USER: {SEE, RESPOND, PERSON},
    Role.STAKEHOLDER: {SEE, PERSON},
}


def caller(name: str, readonly: bool = False) -> Caller:
    return Caller(ORG.number, Actor(name, name), name, readonly)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_has_its_rights_to_its_own_things(role: Role, right: Right) -> None:
    org = with_user("ann", role=role)
    assert may(org, caller("ann"), right, user_id="ann", teams=("web",)) == (right in MATRIX[role])


@pytest.mark.parametrize("role", [Role.ALERT_ADMIN, Role.USER, Role.STAKEHOLDER])
def test_nobody_but_a_global_administrator_changes_another_person(role: Role) -> None:
    org = with_user("ann", role=role)
    assert not may(org, caller("ann"), PERSON, user_id="bob")


@pytest.mark.parametrize(("role", "leads"), [(Role.USER, True), (Role.ALERT_ADMIN, True), (Role.STAKEHOLDER, False)])
def test_a_team_administrator_leads_their_own_team_only(role: Role, leads: bool) -> None:
    org = with_user("ann", role=role)
    web = replace(org.teams["web"], members=(Member("ann", admin=True), Member("bob")))
    org = replace(org, teams={"web": web, "db": replace(web, id="db", slug="db", members=(Member("ann"),))})
    assert may(org, caller("ann"), TEAM, teams=("web",)) is leads
    assert may(org, caller("ann"), TEAM, teams=("db", "web")) is leads
    assert not may(org, caller("ann"), TEAM, teams=("db",))
    assert not may(org, caller("ann"), TEAM, teams=(None,))


def test_the_organizations_own_key_may_do_everything_unless_it_only_reads() -> None:
    key = Caller(ORG.number, Actor("API"))
    assert all(may(ORG, key, right) for right in Right)
    assert [right for right in Right if may(ORG, replace(key, readonly=True), right)] == [SEE]


def test_somebody_who_left_may_do_nothing() -> None:
    assert not may(with_user("ann", role=Role.GLOBAL_ADMIN, active=False), caller("ann"), SEE)
    assert not may(replace(ORG, users={"bob": person("bob", 2)}), caller("ann"), SEE)


def test_a_refusal_says_who_and_what() -> None:
    with pytest.raises(Forbidden, match="ann lacks the right 'govern'"):
        demand(ORG, caller("ann"), GOVERN)
