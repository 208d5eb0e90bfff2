"""How this dialect refuses: a list of errors, as JSON:API has it or as plain sentences (reference, part 2)."""

from watchbill.asgi.dialect import status_of
from watchbill.asgi.requests import Reply, Request
from watchbill.domain.errors import Refused


def refuse(error: Exception, request: Request) -> Reply:
    status = status_of(error)
    message = error.message if isinstance(error, Refused) else "Internal error"
    return Reply(status, {"errors": [message]})
