"""Who may do what: the rights of the five roles, asked for by every dialect and by the web.

right     global admin   alert admin   team admin       user     stakeholder
see       yes            yes           yes              yes      yes
respond   yes            yes           yes              yes      -
alerts    yes            yes           -                -        -
team      yes            -             of their teams   -        -
person    yes            themselves    themselves       themselves, all of them
govern    yes            -             -                -        -
"""

from collections.abc import Iterable
from enum import StrEnum

from watchbill.domain.errors import Forbidden, NotFound
from watchbill.domain.incident import Actor
from watchbill.domain.organization import Organization
from watchbill.domain.people import Role, User
from watchbill.domain.record import record
from watchbill.usecases.ports import Tx


class Right(StrEnum):
    """SEE: everything of the organization. RESPOND: act on incidents, page people, write notes, take on-call, ask for
    cover. ALERTS: integrations, routing keys, rules, outgoing webhooks, maintenance. TEAM: the people, schedules,
    policies and overrides of a team. PERSON: one person's names, contacts and paging. GOVERN: who is in the
    organization, their roles, teams as such, keys, settings."""

    SEE = "see"
    RESPOND = "respond"
    ALERTS = "alerts"
    TEAM = "team"
    PERSON = "person"
    GOVERN = "govern"


@record
class Caller:
    """Who asks. `user_id` None: a key of the organization itself, which may do everything there unless `readonly`.

    `org` is the organization that the key belongs to; a partner's key works in its clients too (see `tenant`).
    """

    org: int
    actor: Actor
    user_id: str | None = None
    readonly: bool = False


# What a role may do to anything. TEAM and PERSON besides depend on whose thing it is.
RIGHTS = {
    Role.GLOBAL_ADMIN: frozenset(Right),
    Role.ALERT_ADMIN: frozenset({Right.SEE, Right.RESPOND, Right.ALERTS}),
    Role.USER: frozenset({Right.SEE, Right.RESPOND}),
    Role.STAKEHOLDER: frozenset({Right.SEE}),
}


def may(
    org: Organization, caller: Caller, right: Right, *, teams: Iterable[str | None] = (), user_id: str | None = None
) -> bool:
    """`teams` own the thing that TEAM is asked for, one of them suffices; `user_id` is whom PERSON is asked for."""
    if caller.readonly and right is not Right.SEE:
        return False
    if caller.user_id is None or caller.org != org.number:
        return True  # the organization's own key, or its partner's
    user = org.users.get(caller.user_id)
    if user is None or not user.active:
        return False
    if right in RIGHTS[user.role]:
        return True
    if right is Right.TEAM and user.role is not Role.STAKEHOLDER:
        return any(leads(org, user, team_id) for team_id in teams if team_id is not None)
    return right is Right.PERSON and user_id == user.id


def demand(
    org: Organization, caller: Caller, right: Right, *, teams: Iterable[str | None] = (), user_id: str | None = None
) -> None:
    """Raises Forbidden when the caller may not."""
    if not may(org, caller, right, teams=teams, user_id=user_id):
        raise Forbidden(f"{caller.actor.name} lacks the right '{right}' for this")


def leads(org: Organization, user: User, team_id: str) -> bool:
    """Whether somebody is an administrator of this team."""
    team = org.teams.get(team_id)
    return team is not None and any(member.user_id == user.id and member.admin for member in team.members)


def tenant(tx: Tx, caller: Caller, number: int) -> Organization:
    """The caller's own organization, or a client of it. Raises NotFound for any other: whether there is such a one is
    nobody's business."""
    org = tx.organization(number)
    if caller.org not in (org.number, org.parent):
        raise NotFound(f"there is no organization {number}")
    return org
