"""A connection that never brings its request whole is let go; one that does is not."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from watchbill.asgi.protocol import REQUEST_SECONDS, Protocol

WHOLE = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Wire(asyncio.Transport):
    closed = False

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: Any) -> None:
        pass


class Waits:
    """A loop's timers, called by hand."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None], asyncio.TimerHandle]] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(delay, callback, (), asyncio.get_running_loop())
        self.waiting.append((delay, callback, handle))
        return handle

    def pass_by(self, seconds: float) -> None:
        due, self.waiting = self.waiting, []
        for delay, callback, handle in due:
            if delay <= seconds and not handle.cancelled():
                callback()


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answers nothing: what is looked at is how requests come in."""


@pytest.mark.parametrize("end", [0, 20, len(WHOLE) - 1])
async def test_a_request_that_stays_half_ends_its_connection(end: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wire, waits = connected(WHOLE[:end], monkeypatch)
    waits.pass_by(REQUEST_SECONDS)
    assert wire.closed


async def test_a_whole_request_is_left_to_be_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    wire, waits = connected(WHOLE, monkeypatch)
    waits.pass_by(REQUEST_SECONDS)
    assert not wire.closed


async def test_the_next_request_on_a_connection_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    wire, waits = connected(WHOLE + WHOLE[:20], monkeypatch)
    waits.pass_by(REQUEST_SECONDS)
    assert wire.closed


def connected(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Wire, Waits]:
    loop, waits, wire = asyncio.get_running_loop(), Waits(), Wire()
    monkeypatch.setattr(loop, "call_later", waits.call_later)
    settings = uvicorn.Config(answering, http=Protocol, lifespan="off", log_config=None)
    settings.load()
    protocol = Protocol(settings, ServerState(), {}, loop)
    protocol.connection_made(wire)
    protocol.data_received(data)
    return wire, waits
