"""Many people at once (reference, part 2.13.4). Each is taken in or refused by themselves; the answer is 200."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchbill.api.victorops.bodies import body_of
from watchbill.api.victorops.envelope import Told, message_of
from watchbill.api.victorops.keeping import changed
from watchbill.api.victorops.lookups import self_url, team_named
from watchbill.api.victorops.users import UserBody, create
from watchbill.asgi.dialect import Route, post, status_of
from watchbill.asgi.limits import Quota
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, Refused
from watchbill.domain.organization import Change
from watchbill.domain.people import ContactMethod, Member, Role
from watchbill.domain.phones import number_of
from watchbill.usecases import directory
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx
from watchbill.usecases.verifying import ask

MOST = 50
ROLES = {"admin": Role.GLOBAL_ADMIN, "member": Role.USER}
TEAM_ROLES = {"team_admin": True, "member": False}


class OrganizationRole(msgspec.Struct):
    role: str | None = None


class TeamRole(msgspec.Struct):
    team: str | None = None
    role: str | None = None


class Roles(msgspec.Struct):
    organization: OrganizationRole | None = None
    teams: list[TeamRole] | None = None


class BatchUser(UserBody):
    """With what the onboarding tool sends besides."""

    phone: str | None = None
    roles: Roles | None = None


def created(tx: Tx, call: Call) -> Reply:
    """An array is answered with an array, an object (`users`, one or many) with an object."""
    demand(tx.organization(call.caller.org), call.caller, Right.GOVERN)
    body = body_of(Any, call)
    users = body.get("users") if isinstance(body, dict) else body
    users = [users] if isinstance(users, dict) else users
    if not isinstance(users, list):
        raise Invalid("send an array of users", "users")
    if len(users) > MOST:
        raise Invalid(f"send at most {MOST} users at once", "users")
    answers = [_one(tx, call, user) for user in users]
    if isinstance(body, list):
        return Reply(body=[{"username": name, "errors": errors} for name, errors in answers])
    shown = [{"username": name, "_selfUrl": self_url("user", name), "errors": errors} for name, errors in answers]
    return Reply(body={"users": shown})


def _one(tx: Tx, call: Call, given: object) -> tuple[str, list[dict[str, Any]]]:
    """The user name as it was sent, and why they were refused."""
    name = given.get("username") if isinstance(given, dict) else None
    name = name if isinstance(name, str) else ""
    try:
        _take_in(tx, call, _read(given))
    except Refused as refused:
        status = refused.status if isinstance(refused, Told) else status_of(refused)
        return name, [{"code": status, "message": message_of(refused, status)}]
    return name, []


def _read(given: object) -> BatchUser:
    try:
        return msgspec.convert(given, BatchUser)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from error


def _take_in(tx: Tx, call: Call, wanted: BatchUser) -> None:
    """All that can be wrong is found before anything is kept: who is refused leaves no trace."""
    roles = wanted.roles or Roles()
    role = _known(ROLES, roles.organization.role if roles.organization else None, Role.USER)
    org = tx.organization(call.caller.org)
    places = {
        team_named(org, one.team or "").id: _known(TEAM_ROLES, one.role, default=False) for one in roles.teams or ()
    }
    phone = number_of(wanted.phone, "phone") if wanted.phone else None
    user = create(tx, call, wanted, role)
    org = tx.organization(call.caller.org)
    joined = [(org.teams[id], Member(user.id, leads)) for id, leads in places.items()]
    changes = [
        Change("team", team.id, replace(team, members=(*team.members, member), settings=changed(team.settings)))
        for team, member in joined
    ]
    contact = _phone(tx, call, phone) if phone else None
    if contact:
        changes.append(Change("user", user.id, replace(user, contacts=(*user.contacts, contact))))
    org = directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    if contact:
        ask(tx, org, user, contact, call.now)


def _known(words: Any, given: str | None, default: Any) -> Any:
    if given is None:
        return default
    if given not in words:
        raise Invalid(f"use one of {', '.join(words)}", "role")
    return words[given]


def _phone(tx: Tx, call: Call, number: str) -> ContactMethod:
    return ContactMethod(
        id=tx.new_id(call.now),
        number=tx.next_numbers(call.caller.org, "contact", 1)[0],
        kind="phone",
        address=number,
        label="Phone",
        created_at=call.now,
    )


ROUTES: Sequence[Route] = (post("/api-public/v1/user/batch", created, quota=Quota("user batch", 15, 60)),)
