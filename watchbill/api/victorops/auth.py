"""Who calls: an API id and a key, in two headers (reference, part 1.3)."""

from watchbill.asgi.requests import Request
from watchbill.domain.errors import Forbidden, Unauthenticated
from watchbill.domain.incident import Actor
from watchbill.usecases.access import Caller
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
    """Raises Unauthenticated without a pair of id and key that belong together; Forbidden for a read-only key that
    writes, whatever the address."""
    found = tx.credential(digest(credential(request)))
    if found is None or found.kind != KIND or found.name != request.headers.get("x-vo-api-id"):
        raise Unauthenticated("the API id or the API key is wrong")
    if found.readonly and request.method not in READS:
        raise Forbidden("this key is read-only")
    return Caller(found.org, Actor(f"API {found.name}"), readonly=found.readonly)
