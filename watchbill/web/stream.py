"""Server-sent events."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from watchbill.web.security import PRIVATE

# Proxies cut connections that are silent for a minute or less.
HEARTBEAT_SECONDS = 15
# How soon the browser comes back after a lost connection.
_FIRST = b"retry: 2000\n\n"


class EventStream(StreamingResponse):
    """Sends `events` until they end, the reader goes away or `stopping` returns; then closes them."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes], stopping: Callable[[], Awaitable[object]]) -> None:
        super().__init__(events, headers=PRIVATE | {"X-Accel-Buffering": "no"})
        self._events = events
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(chunk: bytes) -> None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})

        async def pump() -> None:
            async for event in self._events:
                await say(event)

        async def beat() -> None:
            while True:
                await anyio.sleep(HEARTBEAT_SECONDS)
                await say(b":\n\n")

        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await say(_FIRST)
        async with aclosing(self._events), anyio.create_task_group() as tasks:

            async def until(end: Callable[[], Awaitable[object]]) -> None:
                await end()
                tasks.cancel_scope.cancel()

            tasks.start_soon(beat)
            tasks.start_soon(until, self._stopping)
            tasks.start_soon(until, lambda: self.listen_for_disconnect(receive))
            await until(pump)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
