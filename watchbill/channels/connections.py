"""Connections to the receivers of webhooks, kept open for a burst of pages.

httpcore's own pool looks through all its connections for every request, and a page that waits in its queue looks again
each time another is done: with a thousand pages under way that alone took seconds. Here a request costs the same
however many there are.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore

KEPT_SECONDS = 15.0
MOST_KEPT = 20


class Connections:
    """There is no bound on how many are open: a hundred that hang must not hold up the next page."""

    def __init__(self, tls: ssl.SSLContext, backend: httpcore.AsyncNetworkBackend) -> None:
        self._tls = tls
        self._backend = backend
        self._idle: list[httpcore.AsyncHTTPConnection] = []

    @asynccontextmanager
    async def one(self, origin: httpcore.Origin) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """A connection for one request; kept for the next when its response was read to the end."""
        connection = await self._kept(origin) or httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._tls, keepalive_expiry=KEPT_SECONDS, network_backend=self._backend
        )
        try:
            yield connection
        finally:
            self._idle.append(connection)
            if not connection.is_idle():
                await self._put_away(connection)
            elif len(self._idle) > MOST_KEPT:
                await self._put_away(self._idle[0])

    async def _kept(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection | None:
        """The one used last; those that the other side closed, or that waited too long, are put away."""
        while connection := next((one for one in reversed(self._idle) if one.can_handle_request(origin)), None):
            self._idle.remove(connection)
            if connection.is_idle() and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def _put_away(self, connection: httpcore.AsyncHTTPConnection) -> None:
        self._idle.remove(connection)
        await connection.aclose()

    async def close(self) -> None:
        while self._idle:
            await self._put_away(self._idle[0])
