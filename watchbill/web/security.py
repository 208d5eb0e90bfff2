"""What every answer of the web forbids the browser, and the refusal of requests that other sites make.

There are no cookies and no sessions here: the code or token in the address is the whole permission (signed and
unguessable), so a foreign site has nothing to ride on. Its POSTs are refused all the same, so that this stays true
when sessions come.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

from watchbill.domain.errors import Forbidden

# Codes and tokens are in addresses: no referrer may carry them out, no cache may keep them.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PRIVATE = HEADERS | {"Cache-Control": "no-store"}


def refuse_other_sites(request: Request) -> None:
    """Raises Forbidden when a browser says that another site sent this.

    Without Sec-Fetch-Site (old browsers, plain HTTP) the Origin must be ours. "null" passes: it is what our own forms
    send under the no-referrer policy.
    """
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        ours = fetched in ("same-origin", "none")
    else:
        origin = request.headers.get("origin", "null")
        ours = origin == "null" or urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise Forbidden("this request came from another site, so nothing was done")
