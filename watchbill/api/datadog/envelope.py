"""How this dialect refuses (reference, part 6): On-Call with error objects, everything else with plain sentences.

What is said before an operation is reached (keys, rights, limits) is plain everywhere.
"""

from collections.abc import Mapping

from watchbill.asgi.dialect import status_of
from watchbill.asgi.limits import Standing, TooOften
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unauthenticated
from watchbill.usecases.directory import Unfit

JSON = "application/json"
JSON_API = "application/vnd.api+json"
ON_CALL = "/api/v2/on-call/"


class InvalidParameter(Invalid):
    """A part of the path or of the query string is not of its type."""

    def __init__(self, name: str, place: str, kind: str) -> None:
        super().__init__(f'invalid parameter "{name}" in "{place}"; expected type "{kind}"')


class Told(Refused):
    """Refused with the very status and text that this dialect has for the case, as an error object when it has a
    `title`."""

    def __init__(self, status: int, message: str, title: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.title = title


def refuse(error: Exception, request: Request) -> Reply:
    status = error.status if isinstance(error, Told) else status_of(error)
    headers = counted(error.standing) if isinstance(error, TooOften) else {}
    if isinstance(error, Unauthenticated | Forbidden | TooOften) or not _as_objects(error, request):
        return Reply(status, {"errors": _sentences(error, status)}, headers)
    errors = [_object(error, status, sentence) for sentence in _sentences(error, status)]
    return Reply(status, {"errors": errors}, headers, JSON_API)


def counted(standing: Standing) -> Mapping[str, str]:
    """Where a caller stands, as headers (reference, part 2.7). Clients wait for the reset after a 429."""
    return {
        "x-ratelimit-limit": str(standing.quota.limit),
        "x-ratelimit-period": str(standing.quota.seconds),
        "x-ratelimit-remaining": str(standing.remaining),
        "x-ratelimit-reset": str(standing.reset),
        "x-ratelimit-name": standing.quota.name,
    }


def _as_objects(error: Exception, request: Request) -> bool:
    if isinstance(error, Told):
        return bool(error.title)
    return request.path.startswith(ON_CALL)


def _object(error: Exception, status: int, detail: str) -> dict[str, str]:
    """A thing not found comes without a status (recorded)."""
    if isinstance(error, NotFound):
        return {"title": "Generic Error", "detail": detail}
    return {"status": str(status), "title": _title(error), "detail": detail}


def _title(error: Exception) -> str:
    if isinstance(error, Told):
        return error.title
    if isinstance(error, InvalidParameter):
        return "Invalid Parameter"
    if isinstance(error, Conflict):
        return "Conflict"
    return "Bad Request" if isinstance(error, Invalid) else "Generic Error"


def _sentences(error: Exception, status: int) -> list[str]:
    if isinstance(error, Unfit):
        return [f'attribute "{problem.path}" {problem.message}' for problem in error.problems]
    if isinstance(error, Refused):
        return [f'attribute "{error.field}" {error.message}' if error.field else error.message]
    return ["the database can't be reached; try again" if status == 503 else "internal server error"]
