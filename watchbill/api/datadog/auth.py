"""Who calls: an API key of the organization and an application key of a person, in two headers; or that person's key
alone as a bearer token (reference, part 2.2)."""

from watchbill.asgi.requests import Request
from watchbill.domain.errors import Forbidden, Unauthenticated
from watchbill.domain.incident import Actor
from watchbill.domain.records import Credential
from watchbill.usecases.access import Caller
from watchbill.usecases.keys import digest
from watchbill.usecases.ports import Tx

API_KEY = "datadog_api"
APPLICATION_KEY = "datadog_app"


def credential(request: Request) -> str:
    return _bearer(request) or request.headers.get("dd-application-key", "") or request.headers.get("dd-api-key", "")


def authenticate(tx: Tx, request: Request) -> Caller:
    """Raises Forbidden unless both keys are of one organization and the person is active; Unauthenticated for a bearer
    token that is nobody's."""
    token = _bearer(request)
    app = tx.credential(digest(token or request.headers.get("dd-application-key", "")))
    known = app is not None and app.kind == APPLICATION_KEY
    if token and not known:
        raise Unauthenticated("Unauthorized")
    if app is None or not known or not (token or _api_key_of(tx, request, app.org)):
        raise Forbidden("Forbidden")
    return _person(tx, app)


def check_api_key(tx: Tx, request: Request) -> None:
    """What `validate` asks: whether the API key is anybody's; a person's bearer token will do too. Raises Forbidden, in
    the recorded words when there is no key at all."""
    if _bearer(request):
        authenticate(tx, request)
    elif "dd-api-key" not in request.headers:
        raise Forbidden("API key required")
    elif not _api_key_of(tx, request, None):
        raise Forbidden("Forbidden")


def _api_key_of(tx: Tx, request: Request, org: int | None) -> bool:
    """Whether the request has an API key, of this organization where one is named."""
    found = tx.credential(digest(request.headers.get("dd-api-key", "")))
    return found is not None and found.kind == API_KEY and org in (None, found.org)


def _person(tx: Tx, app: Credential) -> Caller:
    user = tx.organization(app.org).users.get(app.subject_id)
    if user is None or not user.active:
        raise Forbidden("Forbidden")
    return Caller(app.org, Actor(user.username, user.id), user.id, app.readonly)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
