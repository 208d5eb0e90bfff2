"""HTTP on the wire: uvicorn's, with an end to waiting, and a short way in for alerts (docs/adr/0011)."""

import asyncio
from collections.abc import Sized
from typing import Any
from urllib.parse import unquote

import structlog
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from watchbill.asgi.exchange import Answer, Door, Header, Posted
from watchbill.asgi.room import Room

log = structlog.get_logger()

REQUEST_SECONDS = 60.0
# How often a connection looks whether it has waited long enough.
LOOK_SECONDS = 5.0
# In bytes, twice what is read at once: a head is counted by what is read while it lasts.
LARGEST_HEAD = 512 * 1024
FAULT = Answer(500, b'{"error":"a fault of ours; send it again"}')


class Exchange:
    """A post under way: what uvicorn's protocol asks of one (it calls it a cycle), and where it leads."""

    __slots__ = ("body", "disconnected", "keep_alive", "message_event", "more_body", "place", "response_complete")

    def __init__(self, place: object, keep_alive: bool, message_event: asyncio.Event) -> None:
        self.place = place
        self.keep_alive = keep_alive
        self.message_event = message_event
        self.body = bytearray()
        self.more_body = True
        self.disconnected = False
        self.response_complete = False


class Flow(FlowControl):
    """Nothing more is read while requests wait for their turn. Uvicorn reads on with each that it takes up, and of a
    caller that sends without waiting there is no end."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:  # the request under way is not here whole only if it is the last
            super().resume_reading()


class Protocol(HttpToolsProtocol):
    """A request that is not here whole after REQUEST_SECONDS ends its connection, give or take LOOK_SECONDS.

    Without that a caller that is gone after half a request keeps its connection for ever, and with enough of them
    nobody is let in any more: alerts are lost. A head that grows past LARGEST_HEAD ends it too. There are as
    many connections as there is `room` for.

    What is posted to `door` is handed to it as soon as it is here, and answered in one piece. A request that the door
    has no place for, that comes while another is under way, or that is out of the ordinary in how it is sent, takes
    uvicorn's way.
    """

    def __init__(self, door: Door[Any], room: Room, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._door = door
        self._room = room
        self._prefixes = tuple(prefix.encode() for prefix in door.prefixes)
        self._deadline: float | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._event = asyncio.Event()
        self._head: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline)
        if not self._room.has(len(self.connections)):
            transport.abort()
            return
        self._wait(REQUEST_SECONDS)
        self._looking = self.loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        self._wait(REQUEST_SECONDS)

    def on_headers_complete(self) -> None:
        self._head = None
        place = self._place()
        if place is None:
            super().on_headers_complete()
        else:
            self.cycle = Exchange(place, self.parser.should_keep_alive(), self._event)  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        if isinstance(self.cycle, Exchange):
            self.cycle.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._deadline = None
        # A request for a WebSocket leaves the exchange before it in its place.
        if isinstance(self.cycle, Exchange) and self.cycle.more_body:
            self._take(self.cycle)
        else:
            super().on_message_complete()

    def _place(self) -> object | None:
        """Where the request leads whose headers are here, if it is for the door."""
        url, parser = self.url, self.parser
        if not url.startswith(self._prefixes) or parser.get_method() != b"POST" or b"#" in url:
            return None
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        if self.flow.write_paused:  # answers are not fetched: uvicorn waits for that, and reads no further
            return None
        if self.expect_100_continue or parser.should_upgrade() or parser.get_http_version() != "1.1":
            return None
        length = next((value for name, value in self.headers if name == b"content-length"), None)
        if length is None or len(length) > 18 or int(length) > self._door.largest:
            return None
        return self._door.place(unquote(url.partition(b"?")[0].decode("ascii")))

    def _take(self, exchange: Exchange) -> None:
        posted = Posted(self.url.partition(b"?")[2], self.headers, bytes(exchange.body))
        exchange.more_body = False

        def respond(answer: Answer) -> None:
            if not exchange.response_complete:
                exchange.response_complete = True
                self._answer(exchange, answer)

        try:
            self._door.take(exchange.place, posted, respond)
        except Exception as error:
            log.error("intake fault", error=repr(error), exc_info=error)
            respond(FAULT)

    def _answer(self, exchange: Exchange, answer: Answer) -> None:
        if exchange.disconnected or self.transport.is_closing():
            return
        head = answer.head
        if not exchange.keep_alive:
            head.append((b"connection", b"close"))
        parts = [STATUS_LINE[answer.status], *map(_line, self.server_state.default_headers), *map(_line, head)]
        self.transport.write(b"".join([*parts, b"\r\n", answer.body]))
        if not exchange.keep_alive:
            self.transport.close()
        elif self.pipeline:
            self.on_response_complete()
        elif self._head is None:  # else the next request has begun, and has its own time
            self._wait(self.timeout_keep_alive)

    def _wait(self, seconds: float) -> None:
        """For the caller, so long."""
        self._deadline = self.loop.time() + seconds

    def _look(self) -> None:
        """One timer for all that a connection waits for: to set and unset one for each request costs as much as to
        read it."""
        if self._deadline is not None and self.loop.time() >= self._deadline:
            self.transport.close()
        else:
            self._looking = self.loop.call_later(LOOK_SECONDS, self._look)


def _line(header: Header) -> bytes:
    return b"%b: %b\r\n" % header
