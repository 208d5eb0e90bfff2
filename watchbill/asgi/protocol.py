"""HTTP on the wire."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 60


class Protocol(HttpToolsProtocol):
    """uvicorn's, with an end to waiting: a request that is not here whole after REQUEST_SECONDS ends its connection.

    Without it a caller that is gone after half a request keeps its connection for ever, and with enough of them
    nobody is let in any more: alerts are lost.
    """

    _lateness: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._arrived()

    def _expect(self) -> None:
        if self._lateness is None:
            self._lateness = self.loop.call_later(REQUEST_SECONDS, self._too_late)

    def _arrived(self) -> None:
        if self._lateness is not None:
            self._lateness.cancel()
            self._lateness = None

    def _too_late(self) -> None:
        self._lateness = None
        self.transport.close()
