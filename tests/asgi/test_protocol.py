"""A connection that never brings its request whole is let go; a post for the door is handed over whole, and answered
in its turn."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from watchbill.asgi.exchange import Answer, Posted, Respond
from watchbill.asgi.protocol import LARGEST_HEAD, LOOK_SECONDS, REQUEST_SECONDS, Protocol
from watchbill.asgi.room import Room

WHOLE = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
ALERT = b"POST /in/a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"
TAKEN = Answer(200, b'{"taken":1}')


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.written: list[bytes] = []

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Time:
    """A loop's clock and timers, moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.waiting: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        return self.at

    def call_later(self, delay: float, callback: Callable[..., None], *args: Any) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(self.at + delay, callback, args, asyncio.get_running_loop())
        self.waiting.append(handle)
        return handle

    def pass_by(self, seconds: float) -> None:
        until = self.at + seconds
        while due := [one for one in self.waiting if one.when() <= until]:
            one = min(due, key=asyncio.TimerHandle.when)
            self.waiting.remove(one)
            self.at = one.when()
            if not one.cancelled():
                one._run()
        self.at = until


class Desk:
    """A door for alerts under /in/ that answers when it is told to."""

    prefixes: tuple[str, ...] = ("/in/",)
    largest = 1_000

    def __init__(self) -> None:
        self.taken: list[tuple[object, Posted, Respond]] = []

    def place(self, path: str) -> object | None:
        return None if path == "/in/not-here" else path

    def take(self, place: object, posted: Posted, respond: Respond) -> None:
        if posted.body == b"!!":
            raise ValueError("a fault")
        self.taken.append((place, posted, respond))

    def answer(self, which: int = 0) -> None:
        self.taken[which][2](TAKEN)


class Line:
    """A connection to a server whose other paths answer with their path."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.wire, self.time, self.desk = Wire(), Time(), Desk()
        monkeypatch.setattr(loop, "call_later", self.time.call_later)
        monkeypatch.setattr(loop, "time", self.time.time)
        settings = uvicorn.Config(answering, lifespan="off", log_config=None)
        settings.load()
        self.state, self.room = ServerState(), Room(2)
        self.protocol = Protocol(self.desk, self.room, settings, self.state, {}, loop)
        self.protocol.connection_made(self.wire)

    def another(self) -> "tuple[Protocol, Wire]":
        """One more connection to the same server."""
        protocol, wire = (
            Protocol(self.desk, self.room, self.protocol.config, self.state, {}, self.protocol.loop),
            Wire(),
        )
        protocol.connection_made(wire)
        return protocol, wire

    def sends(self, data: bytes) -> "Line":
        self.protocol.data_received(data)
        return self

    @property
    def got(self) -> bytes:
        return b"".join(self.wire.written)


async def answering(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/x":
        return
    body = scope["path"].encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(monkeypatch)


async def turns() -> None:
    """Lets all that waits on the loop happen."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("end", [0, 20, len(WHOLE) - 1])
async def test_a_request_that_stays_half_ends_its_connection(end: int, line: Line) -> None:
    line.sends(WHOLE[:end])
    line.time.pass_by(REQUEST_SECONDS - 1)
    assert not line.wire.closed
    line.time.pass_by(1 + LOOK_SECONDS)
    assert line.wire.closed


async def test_a_whole_request_is_left_to_be_answered(line: Line) -> None:
    line.sends(ALERT)
    line.time.pass_by(10 * REQUEST_SECONDS)
    assert not line.wire.closed


async def test_the_next_request_on_a_connection_has_its_own_time(line: Line) -> None:
    line.sends(ALERT + ALERT[:20])
    line.time.pass_by(REQUEST_SECONDS + LOOK_SECONDS)
    assert line.wire.closed


async def test_a_post_for_the_door_is_handed_over_whole(line: Line) -> None:
    line.sends(ALERT[:30]).sends(ALERT[30:-1])
    assert not line.desk.taken
    line.sends(ALERT[-1:])
    [(place, posted, _)] = line.desk.taken
    assert (place, posted.query, posted.body) == ("/in/a b", b"c=d", b"{}")
    assert (b"content-type", b"text/plain") in posted.headers
    assert not line.got


async def test_its_answer_leaves_in_one_piece(line: Line) -> None:
    line.sends(ALERT)
    line.desk.answer()
    [whole] = line.wire.written
    head, _, body = whole.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: application/json" in head
    assert b"content-length: 11" in head
    assert body == TAKEN.body
    assert not line.wire.closed


async def test_a_connection_that_brings_nothing_more_ends_when_uvicorn_would_end_it(line: Line) -> None:
    line.sends(ALERT)
    line.desk.answer()
    line.time.pass_by(line.protocol.timeout_keep_alive + LOOK_SECONDS)
    assert line.wire.closed


async def test_who_asks_to_be_let_go_is_let_go(line: Line) -> None:
    line.sends(ALERT.replace(b"Host: x", b"Host: x\r\nConnection: close"))
    line.desk.answer()
    assert b"\r\nconnection: close\r\n" in line.got
    assert line.wire.closed


async def test_a_server_that_stops_answers_first(line: Line) -> None:
    line.sends(ALERT)
    line.protocol.shutdown()
    assert not line.wire.closed
    line.desk.answer()
    assert TAKEN.body in line.got
    assert line.wire.closed


async def test_an_answer_for_somebody_who_left_goes_nowhere(line: Line) -> None:
    line.sends(ALERT)
    line.protocol.connection_lost(None)
    line.desk.answer()
    assert not line.got


async def test_a_fault_of_the_door_is_answered(line: Line) -> None:
    line.sends(ALERT.replace(b"{}", b"!!"))
    assert line.got.startswith(b"HTTP/1.1 500 ")


async def test_requests_sent_without_waiting_are_answered_in_their_order(line: Line) -> None:
    other = b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n"
    line.sends(ALERT + other + ALERT)
    await turns()
    assert len(line.desk.taken) == 1, "the second post waits behind another request"
    assert not line.got
    line.desk.answer()
    await turns()
    assert line.got.index(TAKEN.body) < line.got.index(b"/other") < line.got.index(b"/in/a b")


@pytest.mark.parametrize(
    "request_",
    [
        ALERT.replace(b"/in/a%20b?c=d", b"/in/not-here"),
        ALERT.replace(b"POST", b"PUT"),
        ALERT.replace(b"HTTP/1.1", b"HTTP/1.0"),
        ALERT.replace(b"Content-Length: 2", b"Content-Length: 1001").replace(b"{}", b"x" * 1001),
        ALERT.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue"),
        ALERT.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked").replace(b"{}", b"2\r\n{}\r\n0\r\n\r\n"),
    ],
)
async def test_what_is_out_of_the_ordinary_takes_the_long_way(request_: bytes, line: Line) -> None:
    line.sends(request_)
    await turns()
    assert not line.desk.taken
    assert b"/in/" in line.got


async def test_who_fetches_no_answers_is_read_no_further(line: Line) -> None:
    line.sends(ALERT)
    line.protocol.pause_writing()
    line.desk.answer()
    line.sends(ALERT).sends(ALERT)
    await turns()
    assert len(line.desk.taken) == 1
    assert line.protocol.flow.read_paused
    line.protocol.resume_writing()
    await turns()
    assert line.got.count(b"/in/a b") == 2
    assert not line.protocol.flow.read_paused


@pytest.mark.parametrize("beginning", [b"POST /", b"POST /in/x HTTP/1.1\r\nx: "])
async def test_a_head_without_end_ends_its_connection(beginning: bytes, line: Line) -> None:
    line.sends(ALERT)
    line.desk.answer()
    line.sends(beginning)
    for _ in range(LARGEST_HEAD // 1024 - 1):
        line.sends(b"x" * 1024)
    assert not line.wire.closed
    line.sends(b"x" * 2048)
    assert b"HTTP/1.1 400 " in line.got
    assert line.wire.closed


async def test_a_large_body_is_no_large_head(line: Line) -> None:
    line.sends(ALERT.replace(b"Content-Length: 2", b"Content-Length: 2000000").replace(b"{}", b""))
    for _ in range(2_000):
        line.sends(b"x" * 1000)
    await turns()
    assert b"/in/a b" in line.got


async def test_what_came_before_the_answer_has_its_own_time(line: Line) -> None:
    line.sends(ALERT + ALERT[:20])
    line.desk.answer()
    line.time.pass_by(line.protocol.timeout_keep_alive + LOOK_SECONDS)
    assert not line.wire.closed
    line.sends(ALERT[20:])
    assert len(line.desk.taken) == 2


async def test_a_request_that_waited_for_its_turn_may_take_long(line: Line) -> None:
    line.sends(ALERT + b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
    line.desk.answer()
    line.time.pass_by(line.protocol.timeout_keep_alive + LOOK_SECONDS)
    await turns()
    assert b"/other" in line.got


async def test_nothing_more_is_read_while_requests_wait(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[int] = []
    monkeypatch.setattr(line.wire, "resume_reading", lambda: waiting.append(len(line.protocol.pipeline)))
    line.sends(ALERT + 3 * b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
    line.desk.answer()
    await turns()
    assert waiting == [0]
    assert line.got.count(b"/other") == 3


async def test_no_post_is_taken_twice_where_websockets_are_spoken(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line.protocol, "ws_protocol_class", object)
    monkeypatch.setattr(line.protocol, "handle_websocket_upgrade", lambda: None)
    line.sends(ALERT)
    line.desk.answer()
    line.sends(b"GET /other HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert len(line.desk.taken) == 1


async def test_who_comes_when_there_is_no_room_is_turned_away(line: Line) -> None:
    second, wire = line.another()
    turned_away = [line.another() for _ in range(3)]
    assert [wire.closed, *(other.closed for _, other in turned_away)] == [False, True, True, True]
    for protocol, _ in turned_away:
        protocol.connection_lost(None)
    line.sends(ALERT)
    assert len(line.desk.taken) == 1
    second.connection_lost(None)
    assert not line.another()[1].closed
