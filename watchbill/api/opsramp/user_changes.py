"""What is done to people: changed, activated, deactivated, terminated, given another password (part 3.2).

Terminated is gone: the account leaves the tenant, and whatever names it lets go of it.
"""

from collections.abc import Callable, Mapping

from watchbill.api.opsramp import people
from watchbill.api.opsramp.bodies import Body, body_of, needed, text
from watchbill.api.opsramp.kept import UPDATED, keeping, kept
from watchbill.api.opsramp.passwords import ensure_right, ensure_strong, set_password
from watchbill.api.opsramp.quotas import WRITES
from watchbill.api.opsramp.rolebook import keep
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.api.opsramp.user_bodies import memberships, person, reachable
from watchbill.asgi.dialect import post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import User
from watchbill.domain.record import replace
from watchbill.usecases.access import Right, demand
from watchbill.usecases.keys import rename_password, withdraw_personal_keys
from watchbill.usecases.ports import Tx
from watchbill.usecases.removal import removal


def _found(tx: Tx, call: Call) -> tuple[Organization, User, Body]:
    org = tenant(tx, call)
    demand(org, call.caller, Right.GOVERN)
    return org, people.user_named(org, call.params["user"]), body_of(call)


def change(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    org, user, body = _found(tx, call)
    password = text(body, "password", 200)
    if password is not None:
        ensure_strong(password, "password")
    after = reachable(tx, org, _with_address(user, person(org, user, body, call.now)), call.now)
    org = keep(tx, call, org, memberships(org, after, body))
    rename_password(tx, org.number, user, after)
    if password is not None:
        set_password(tx, call, org, after, password)
    return Reply()


def _with_address(before: User, after: User) -> User:
    """The contact that was their address is their new address."""
    contacts = tuple(
        replace(one, address=after.email)
        if one.kind == "email" and one.address == before.email and after.email
        else one
        for one in after.contacts
    )
    return replace(after, contacts=contacts)


def act(tx: Tx, call: Call) -> Reply:
    action = ACTIONS.get(call.params["action"].lower())
    if action is None:
        raise Invalid(f"There is no action {call.params['action'][:100]}", "action")
    org, user, body = _found(tx, call)
    keep(tx, call, org, action(org, user, body, call.now))
    if action is _terminated:
        withdraw_personal_keys(tx, org.number, user.id)
    return Reply()


def _activated(org: Organization, user: User, body: Body, now: int) -> list[Change]:
    return [Change("user", user.id, replace(keeping(user, {**kept(user), UPDATED: now}), active=True))]


def _deactivated(org: Organization, user: User, body: Body, now: int) -> list[Change]:
    told = {**kept(user), UPDATED: now, "deactivateReason": text(body, "deactivateReason") or ""}
    return [Change("user", user.id, replace(keeping(user, told), active=False))]


def _terminated(org: Organization, user: User, body: Body, now: int) -> list[Change]:
    return removal(org, "user", user.id)


def change_password(tx: Tx, call: Call) -> Reply:
    org, user, body = _found(tx, call)
    ensure_right(tx, call, org, user, needed(body, "currentPassword", 200))
    password = needed(body, "newPassword", 200)
    if password != needed(body, "confirmPassword", 200):
        raise Invalid("The new password and its confirmation differ", "confirmPassword")
    ensure_strong(password, "newPassword")
    set_password(tx, call, org, user, password)
    return Reply()


ACTIONS: Mapping[str, Callable[[Organization, User, Body, int], list[Change]]] = {
    "activate": _activated,
    "deactivate": _deactivated,
    "terminate": _terminated,
}

ROUTES = [
    post(f"{T}/users/{{user}}", change, quota=WRITES),
    post(f"{T}/users/{{user}}/changePassword", change_password, quota=WRITES),
    post(f"{T}/users/{{user}}/{{action}}", act, quota=WRITES),
]
