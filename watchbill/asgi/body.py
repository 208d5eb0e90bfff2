"""Reading a request's body within a bound."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from watchbill.domain.errors import TooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Disconnected(Exception):
    """The caller went away before the body was complete."""


async def body_of(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooLarge past `limit` bytes, and Disconnected when the caller leaves midway."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > limit:
            raise TooLarge(f"a body has at most {limit:,} bytes")
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(f"a body has at most {limit:,} bytes")
        parts.append(part)
    return b"".join(parts)
