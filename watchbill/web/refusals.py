"""What can't be done, as a page or as JSON: the status codes of the web."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from watchbill.domain.errors import Conflict, Forbidden, NotFound, Refused, Unavailable
from watchbill.web.rendering import data, page

Handler = Callable[[Request], Awaitable[Response]]

_HEADINGS: tuple[tuple[type[Refused], int, str], ...] = (
    (NotFound, 404, "This address is not known"),
    (Conflict, 409, "That is not possible now"),
    (Forbidden, 403, "Not from there"),
    (Refused, 400, "That can't be done"),
)


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def told(handler: Handler) -> Handler:
    """The handler, with what it refuses told to the reader."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as error:
            status, heading = next((status, text) for kind, status, text in _HEADINGS if isinstance(error, kind))
            return _refusal(request, status, heading, error.message)
        except Unavailable:
            text = "Watchbill can't reach its database, so nothing was changed. Please try again in a moment."
            response = _refusal(request, 503, "Not just now", text)
            response.headers["Retry-After"] = "5"
            return response

    return answered


def _refusal(request: Request, status: int, heading: str, text: str) -> Response:
    if wants_json(request):
        return data({"error": text}, status)
    sentence = text[:1].upper() + text[1:].removesuffix(".") + "."
    return page("refusal.html", status, heading=heading, text=sentence, unknown=status == 404)
