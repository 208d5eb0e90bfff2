"""Who calls: an API id and a key, in two headers (reference, part 1.2)."""

from watchbill.api.victorops.bodies import needed
from watchbill.api.victorops.lookups import user_named
from watchbill.asgi.requests import Call, Request
from watchbill.domain.errors import Forbidden, Unauthenticated
from watchbill.domain.incident import Actor
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.usecases.access import Caller, Right, demand
from watchbill.usecases.keys import digest
from watchbill.usecases.ports import Tx

KIND = "victorops"
READS = ("GET", "HEAD", "OPTIONS")


def credential(request: Request) -> str:
    return request.headers.get("x-vo-api-key", "")


def owner(tx: Tx, caller: Caller, request: Request) -> str:
    """The user name of the person whose key it is; the key's own name when there is no such person any more."""
    found = tx.credential(digest(credential(request)))
    user = tx.organization(caller.org).users.get(found.subject_id) if found is not None else None
    return user.username if user is not None else caller.actor.name


def authenticate(tx: Tx, request: Request) -> Caller:
    """Raises Unauthenticated without both headers; Forbidden for an id and a key that don't belong together, and for a
    read-only key that writes, whatever the address."""
    key, id = credential(request), request.headers.get("x-vo-api-id", "")
    if not key or not id:
        raise Unauthenticated("Authentication parameters missing")
    found = tx.credential(digest(key))
    if found is None or found.kind != KIND or found.name != id:
        raise Forbidden("Authentication failed")
    if found.readonly and request.method not in READS:
        raise Forbidden("this key is read-only")
    return Caller(found.org, Actor(f"API {found.name}"), readonly=found.readonly)


def acting_user(org: Organization, call: Call, name: str | None) -> User:
    """The person in whose name something is done to incidents: named in the body, since keys are the organization's.
    Key and person need the right to respond. Raises Forbidden, Invalid and NotFound."""
    demand(org, call.caller, Right.RESPOND)
    user = user_named(org, needed(name, "userName"))
    demand(org, Caller(org.number, Actor(user.username, user.id), user.id), Right.RESPOND)
    return user
