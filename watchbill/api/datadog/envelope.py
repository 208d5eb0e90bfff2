"""How this dialect refuses: a list of errors, as JSON:API has it or as plain sentences (reference, part 2)."""

from watchbill.asgi.dialect import NotAllowed
from watchbill.asgi.limits import TooOften
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Conflict, Forbidden, NotFound, Refused, TooLarge, Unauthenticated, Unavailable

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (TooOften, 429),
    (NotAllowed, 405),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (Refused, 400),
    (Unavailable, 503),
)


def refuse(error: Exception, request: Request) -> Reply:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    message = error.message if isinstance(error, Refused) else "Internal error"
    return Reply(status, {"errors": [message]})
