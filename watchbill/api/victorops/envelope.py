"""How this dialect refuses (reference, part 1.4).

Where this dialect has a status of its own for a meaning, the handler raises Told.
"""

from watchbill.asgi.dialect import NotAllowed
from watchbill.asgi.limits import TooOften
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Conflict, Forbidden, NotFound, Refused, TooLarge, Unauthenticated, Unavailable


class Told(Refused):
    """Refused with the very status and text that this dialect has for the case (420, 422, …)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


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
    if isinstance(error, Told):
        return Reply(error.status, {"error": error.message})
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    return Reply(status, {"error": message_of(error, status)})


def message_of(error: Exception, status: int) -> str:
    if isinstance(error, Refused):
        return f"{error.field}: {error.message}" if error.field else error.message
    return "the database can't be reached; try again" if status == 503 else "an error of the server's; it is in its log"
