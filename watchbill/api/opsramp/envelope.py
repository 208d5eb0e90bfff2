"""How this dialect refuses (reference, part 1.3)."""

from watchbill.asgi.dialect import status_of
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Refused


def refuse(error: Exception, request: Request) -> Reply:
    status = status_of(error)
    return Reply(status, {"message": message_of(error, status)})


def message_of(error: Exception, status: int) -> str:
    if isinstance(error, Refused):
        return f"{error.field}: {error.message}" if error.field else error.message
    return "the database can't be reached; try again" if status == 503 else "an error of the server's; it is in its log"
