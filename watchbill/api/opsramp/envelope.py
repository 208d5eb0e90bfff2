"""How this dialect refuses (reference, part 1.3)."""

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
    return Reply(status, {"message": message_of(error, status)})


def message_of(error: Exception, status: int) -> str:
    if isinstance(error, Refused):
        return f"{error.field}: {error.message}" if error.field else error.message
    return "the database can't be reached; try again" if status == 503 else "an error of the server's; it is in its log"
