"""Who calls: an API key of the organization and an application key of a person, in two headers (reference, part 2)."""

from watchbill.asgi.requests import Request
from watchbill.domain.errors import Forbidden
from watchbill.domain.incident import Actor
from watchbill.usecases.access import Caller
from watchbill.usecases.keys import digest
from watchbill.usecases.ports import Tx

API_KEY = "datadog_api"
APPLICATION_KEY = "datadog_app"


def credential(request: Request) -> str:
    return request.headers.get("dd-application-key", "") or request.headers.get("dd-api-key", "")


def authenticate(tx: Tx, request: Request) -> Caller:
    """Raises Forbidden unless both keys are of one organization and the person is active."""
    api = tx.credential(digest(request.headers.get("dd-api-key", "")))
    app = tx.credential(digest(request.headers.get("dd-application-key", "")))
    if api is None or app is None or (api.kind, app.kind, api.org) != (API_KEY, APPLICATION_KEY, app.org):
        raise Forbidden("Forbidden")
    user = tx.organization(app.org).users.get(app.subject_id)
    if user is None or not user.active:
        raise Forbidden("Forbidden")
    return Caller(app.org, Actor(user.username, user.id), user.id)
