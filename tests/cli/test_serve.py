"""Where a server listens, and how a worker ends."""

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from watchbill import config
from watchbill.cli import serve
from watchbill.cli.serve import STILL_SECONDS, Pulse, bound_socket, run_node, watch
from watchbill.domain.errors import Invalid


class Process:
    """Its event loop turns for so many seconds, its supervisor lives for so many."""

    def __init__(self, turns: int, lives: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0
        self.turns, self.lives = turns, lives
        self.ended: list[Any] = []
        monkeypatch.setattr("watchbill.cli.serve.time.sleep", self._sleep)
        monkeypatch.setattr("watchbill.cli.serve.os.getppid", lambda: 7 if self.seconds < self.lives else 1)
        monkeypatch.setattr("watchbill.cli.serve.os.kill", lambda pid, number: self.ended.append((pid, number)))
        monkeypatch.setattr("watchbill.cli.serve.os._exit", self._exit)

    @property
    def beats(self) -> int:
        return min(self.seconds, self.turns) + 1

    def _sleep(self, seconds: float) -> None:
        self.seconds += 1

    def _exit(self, code: int) -> None:
        self.ended.append(code)
        self.lives = 0


def test_a_worker_whose_event_loop_stands_still_ends_outright(monkeypatch: pytest.MonkeyPatch) -> None:
    process: Any = Process(100, 1_000, monkeypatch)
    watch(7, process)
    assert process.ended[0] == 1
    assert process.seconds == 100 + STILL_SECONDS


def test_a_worker_whose_event_loop_turns_ends_with_its_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    process: Any = Process(1_000, 500, monkeypatch)
    watch(7, process)
    assert process.ended == [(os.getpid(), signal.SIGTERM)]


async def test_the_event_loop_beats() -> None:
    pulse = Pulse()
    await asyncio.sleep(0)
    assert pulse.beats == 1


def test_a_port_that_was_taken_while_the_server_came_up_is_told(sqlite_url: str) -> None:
    with bound_socket("127.0.0.1", 0) as late:
        port = late.getsockname()[1]
        with bound_socket("127.0.0.1", port) as quicker:
            quicker.listen()
            with pytest.raises(Invalid, match="Address already in use"):
                run_node(config.read({}, sqlite_url), late, lambda running: None)


def test_a_worker_that_can_not_be_started_ends_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "RESTART_SECONDS", 0)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    tries: list[int] = []

    def start() -> "subprocess.Popen[bytes]":
        tries.append(1)
        if len(tries) == 1:
            raise BlockingIOError("no room")
        os.kill(os.getpid(), signal.SIGTERM)
        return subprocess.Popen([sys.executable, "-c", ""])

    try:
        serve._supervise(1, start, lambda: None)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(tries) == 2
