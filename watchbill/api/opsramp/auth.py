"""Who calls: a bearer token that the token call gave out (reference, part 1.2)."""

from watchbill.asgi.requests import Request
from watchbill.domain.errors import Unauthenticated
from watchbill.usecases.access import Caller
from watchbill.usecases.ports import Tx


def credential(request: Request) -> str:
    return request.headers.get("authorization", "")


def authenticate(tx: Tx, request: Request) -> Caller:
    raise Unauthenticated("a bearer token is needed")
