"""People: made, shown, searched (reference, parts 3.1, 3.2). What is done to them later is in `user_changes`."""

from collections.abc import Callable, Mapping
from typing import Any

from watchbill.api.opsramp import people
from watchbill.api.opsramp.bodies import body_of, needed
from watchbill.api.opsramp.kept import created_at, updated_at
from watchbill.api.opsramp.meanings import resolved
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.passwords import ensure_strong, set_password
from watchbill.api.opsramp.query import alternatives, filters, span, within
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.rolebook import keep
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.api.opsramp.user_bodies import memberships, person, reachable
from watchbill.asgi.dialect import get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.people import User
from watchbill.usecases.access import Right, demand
from watchbill.usecases.joining import Invitation, admit
from watchbill.usecases.ports import Tx

KEYS = (
    *("uniqueId", "loginName", "firstName", "lastName", "mailId", "status"),
    *("startCreationDate", "endCreationDate", "startUpdationDate", "endUpdationDate"),
)
NEEDED = ("loginName", "firstName", "lastName", "email")
SORTS: Mapping[str, Callable[[User], Any]] = {
    "id": lambda user: user.number,
    "loginName": lambda user: user.username.lower(),
    "firstName": lambda user: user.first_name.lower(),
    "lastName": lambda user: user.last_name.lower(),
    "email": lambda user: user.email.lower(),
}
FIELDS: Mapping[str, Callable[[User], str]] = {
    "uniqueId": people.user_id,
    "loginName": lambda user: user.username,
    "firstName": lambda user: user.first_name,
    "lastName": lambda user: user.last_name,
    "mailId": lambda user: user.email,
    "status": people.status_of,
}


def create(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.GOVERN)
    body = body_of(call)
    for field in NEEDED:
        needed(body, field, 200)
    ensure_strong(needed(body, "password", 200), "password")
    drawn = person(org, User("", 0, ""), body, call.now)
    invitation = Invitation(call.caller.actor.name, call.request.url, "Default", shared_address=True)
    made = admit(tx, org.number, drawn, invitation, call.now)
    before, org = org, tx.organization(org.number)
    made = reachable(tx, org, made, call.now)
    org = keep(tx, call, org, [*memberships(org, made, body), *resolved(before, org)])
    set_password(tx, call, org, made, str(body["password"]))
    return Reply(body=people.user(org, org.users[made.id]))


def show(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    return Reply(body=people.user_in_full(org, people.user_named(org, call.params["user"])))


def minimal(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    return Reply(body=[{**people.minimal(user), "changePassword": False} for user in org.users.values()])


def search(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    given = filters(call, KEYS)
    any_of = {key: alternatives(given[key]) for key in FIELDS if key in given}
    made = span(given, "startCreationDate", "endCreationDate")
    moved = span(given, "startUpdationDate", "endUpdationDate")
    found = [
        user
        for user in org.users.values()
        if all(FIELDS[key](user).lower() in values for key, values in any_of.items())
        and within(user.created_at, made)
        and within(updated_at(user) or created_at(user), moved)
    ]
    return paged(wanted(call, SORTS), found, SORTS, lambda user: people.user(org, user))


def logins(tx: Tx, call: Call) -> Reply:
    """Nobody logs in over this API."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    sorts: Mapping[str, Callable[[User], Any]] = {"id": lambda user: user.number}
    return paged(wanted(call, sorts), (), sorts, people.minimal)


ROUTES = [
    post(f"{T}/users", create, quota=WRITES),
    get(f"{T}/users/search", search, quota=SEARCHES),
    get(f"{T}/users/minimal", minimal, quota=READS),
    get(f"{T}/users/loginHistory/search", logins, quota=SEARCHES),
    get(f"{T}/users/{{user}}", show, quota=READS),
]
