"""How this dialect refuses (reference, part 1.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.opsramp.auth import Expired
from watchbill.asgi.dialect import status_of
from watchbill.asgi.limits import TooOften
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unauthenticated
from watchbill.usecases.directory import Unfit

FAULT, INVALID, MISSING = "0001", "0002", "0005"


class WrongGrant(Refused):
    """The token call knows one way to get a token only."""


class BadCredentials(Unauthenticated):
    """The API key or its secret is wrong."""


class Gone(Refused):
    """The tenant is deactivated."""


def no_resource(public: str) -> NotFound:
    """What the service desk says of an id that nothing has."""
    return NotFound(f"No resource found with UUID : {public[:100]}")


# The errors that have the shape of OAuth: their code in words.
OAUTH: tuple[tuple[type[Refused], str], ...] = (
    (WrongGrant, "unsupported_grant_type"),
    (BadCredentials, "unauthorized"),
    (Unauthenticated, "invalid_token"),
    (Forbidden, "access_denied"),
)


def refuse(error: Exception, request: Request) -> Reply:
    if isinstance(error, TooOften):
        return Reply(429, {"error": "throttled", "error_description": "Too Many Requests"})
    for kind, code in OAUTH:
        if isinstance(error, kind):
            return Reply(_status(error, request), {"error": code, "error_description": str(error)})
    return Reply(_status(error, request), _body(error))


def _status(error: Exception, request: Request) -> int:
    """A client repeats a GET, PUT or DELETE for a minute when the answer is 400: what is in use can't be deleted is a
    conflict there."""
    if isinstance(error, Expired):
        return 407
    if isinstance(error, Gone):
        return 410
    return 409 if isinstance(error, Unfit) and request.method != "POST" else status_of(error)


def _body(error: Exception) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
    if isinstance(error, Unfit):
        found = [_field(INVALID, problem.path, problem.message) for problem in error.problems]
        return found[0] if len(found) == 1 else found
    if isinstance(error, NotFound):
        return {"code": MISSING, "message": error.message}
    if isinstance(error, Invalid | Conflict):
        return told(error)
    message = error.message if isinstance(error, Refused) else "An error of the server's; it is in its log"
    return {
        "code": FAULT,
        "message": message if status_of(error) != 503 else "The database can't be reached; try again",
    }


def told(error: Invalid | Conflict) -> Mapping[str, Any]:
    return _field(INVALID, error.field, error.message)


def _field(code: str, field: str | None, message: str) -> Mapping[str, Any]:
    return {"code": code, "fieldName": field, "message": message} if field else {"code": code, "message": message}
