"""This dialect's permissions and the rights that they stand for (reference, part 3)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from watchbill.asgi.requests import Call
from watchbill.domain.errors import Forbidden
from watchbill.domain.incident import Actor
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.domain.record import replace
from watchbill.usecases import access
from watchbill.usecases.access import Caller, Right


class Permission(StrEnum):
    """The names on the wire."""

    ON_CALL_READ = "on_call_read"
    ON_CALL_WRITE = "on_call_write"
    ON_CALL_PAGE = "on_call_page"
    ON_CALL_RESPOND = "on_call_respond"
    ON_CALL_ADMIN = "on_call_admin"
    USER_ACCESS_READ = "user_access_read"
    USER_ACCESS_INVITE = "user_access_invite"
    USER_ACCESS_MANAGE = "user_access_manage"
    USER_SELF_PROFILE_WRITE = "user_self_profile_write"
    TEAMS_READ = "teams_read"
    TEAMS_MANAGE = "teams_manage"


RIGHTS: Mapping[Permission, Right] = {
    Permission.ON_CALL_READ: Right.SEE,
    Permission.ON_CALL_WRITE: Right.TEAM,
    Permission.ON_CALL_PAGE: Right.RESPOND,
    Permission.ON_CALL_RESPOND: Right.RESPOND,
    Permission.ON_CALL_ADMIN: Right.GOVERN,
    Permission.USER_ACCESS_READ: Right.SEE,
    Permission.USER_ACCESS_INVITE: Right.GOVERN,
    Permission.USER_ACCESS_MANAGE: Right.GOVERN,
    Permission.USER_SELF_PROFILE_WRITE: Right.PERSON,
    Permission.TEAMS_READ: Right.SEE,
    Permission.TEAMS_MANAGE: Right.GOVERN,
}


def demand(org: Organization, call: Call, permission: Permission, teams: Iterable[str | None] = ()) -> None:
    """`teams` own what is written: an administrator of one of them may. Raises Forbidden."""
    _demand(org, call.caller, RIGHTS[permission], teams=teams)


def demand_member_change(org: Organization, call: Call, team_id: str) -> None:
    """Who belongs to a team, and its names, are also for those who lead it. Raises Forbidden."""
    _demand(org, call.caller, Right.TEAM, teams=(team_id,))


def demand_profile(org: Organization, call: Call, user_id: str, writes: bool = False) -> None:
    """A person's channels and rules are for themselves and for on_call_admin, to read as to write; to read, a key that
    only reads will do. Raises Forbidden."""
    caller = call.caller if writes else replace(call.caller, readonly=False)
    _demand(org, caller, Right.PERSON, user_id=user_id)


def held_by(org: Organization, user: User) -> tuple[Permission, ...]:
    """Those that somebody has, as far as their role goes and for themselves."""
    caller = Caller(org.number, Actor(user.username, user.id), user.id)
    return tuple(one for one, right in RIGHTS.items() if access.may(org, caller, right, user_id=user.id))


def _demand(
    org: Organization, caller: Caller, right: Right, teams: Iterable[str | None] = (), user_id: str | None = None
) -> None:
    if not access.may(org, caller, right, teams=teams, user_id=user_id):
        raise Forbidden("Forbidden")
