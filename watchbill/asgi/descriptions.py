"""The published descriptions of the APIs (OpenAPI 3.1). They hold nothing secret, so nobody needs a key."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def routes(descriptions: Mapping[str, bytes]) -> list[Route]:
    """`descriptions`: JSON by the name of its dialect."""
    paths = {f"/openapi/{name}.json": text for name, text in descriptions.items()}

    async def listed(request: Request) -> Response:
        return PlainTextResponse("".join(f"{path}\n" for path in paths))

    async def described(request: Request) -> Response:
        return Response(paths[request.url.path], media_type="application/json")

    return [Route("/openapi/", listed), *(Route(path, described) for path in paths)]
