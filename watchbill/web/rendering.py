"""Pages from templates, and the files beside them."""

import hashlib
import json
import os
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from watchbill.web.security import HEADERS, PRIVATE

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_DIGESTS = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in _STATIC.iterdir()}


def static(name: str) -> str:
    return f"/static/{name}?v={_DIGESTS[name]}"


def html(template: str, **context: object) -> str:
    # Loaded only when needed: it costs a start 20 ms.
    rendered: str = import_module("watchbill.web.templating").TEMPLATES.get_template(template).render(context)
    return rendered


def page(template: str, status: int = 200, **context: object) -> Response:
    # An alert's text may hold broken surrogates; they must not turn a page into an error.
    body = html(template, **context).encode("utf-8", "replace")
    return Response(body, status, PRIVATE, "text/html")


def data(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, PRIVATE, "application/json")


class Static(StaticFiles):
    """Style, script and icon. Kept for ever under the address that names just this content; asked for again each time
    under any other, such as that of another node's release.
    """

    def __init__(self) -> None:
        super().__init__(directory=_STATIC)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        exact = asked == _DIGESTS.get(Path(full_path).name)
        response.headers.update(HEADERS)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if exact else "no-cache"
        return response
