"""How this dialect refuses (reference, part 1.4).

Where this dialect has a status of its own for a meaning, the handler raises Told.
"""

from watchbill.asgi.dialect import status_of
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Refused

LONGEST_MESSAGE = 2000


class Told(Refused):
    """Refused with the very status and text that this dialect has for the case (420, 422, …)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def refuse(error: Exception, request: Request) -> Reply:
    if isinstance(error, Told):
        return Reply(error.status, {"error": error.message})
    status = status_of(error)
    body = {"error": message_of(error, status)}
    if status == 429:
        body["message"] = "Too Many Requests"  # where clients look for it (part 1.3)
    return Reply(status, body)


def message_of(error: Exception, status: int) -> str:
    """A refusal may repeat what was sent; nobody reads all of that."""
    if isinstance(error, Refused):
        return (f"{error.field}: {error.message}" if error.field else error.message)[:LONGEST_MESSAGE]
    return "the database can't be reached; try again" if status == 503 else "an error of the server's; it is in its log"
