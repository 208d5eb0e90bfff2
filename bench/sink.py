"""Where webhooks go: a server that remembers when it first saw each key. Paths with /hang are never answered.

It runs in a thread of this process, so that its clock is the sender's.
"""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

KEY = re.compile(rb"k-[0-9a-z]+-\d+")
LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Sink:
    def __init__(self) -> None:
        self.url = ""
        self.seen: dict[str, float] = {}
        self.requests = 0

    def take(self, body: bytes) -> None:
        now = time.monotonic()
        self.requests += 1
        for key in KEY.findall(body):
            self.seen.setdefault(key.decode(), now)


class _Taking(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._got += data
        while True:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._got[:end]
            length = LENGTH.search(head)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._got) < size:
                return
            body, self._got = self._got[end + 4 : size], self._got[size:]
            if b"/hang" not in head[:200]:
                self._sink.take(body)
                self._transport.write(ANSWER)


@contextmanager
def serving() -> Iterator[Sink]:
    sink = Sink()
    ready = threading.Event()
    loop = uvloop.new_event_loop()

    async def listen() -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        await loop.create_server(lambda: _Taking(sink), sock=listener)
        host, port = listener.getsockname()
        sink.url = f"http://{host}:{port}"
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
