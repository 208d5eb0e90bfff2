"""An open-loop sender: posts leave at their moments, answered or not those before, so that a stall counts."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import cast

import uvloop

LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
CONNECTIONS = 64


class _Line(asyncio.Protocol):
    """One connection, one post at a time."""

    def __init__(self) -> None:
        self._got = b""
        self.answered: asyncio.Future[bytes] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        length = LENGTH.search(self._got[:end])
        size = end + 4 + (int(length[1]) if length else 0)
        if len(self._got) >= size and self.answered is not None:
            status, self._got = self._got[9:12], self._got[size:]
            self.answered.set_result(status)


@dataclass(slots=True)
class Sent:
    """When each key was due to leave, and how long its answer took from that moment."""

    due: dict[str, float] = field(default_factory=dict)
    answer: dict[str, float] = field(default_factory=dict)
    refused: int = 0


def request(host: str, path: str, body: str) -> bytes:
    data = body.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def send(port: int, posts: list[tuple[str, str, str]], rate: float) -> Sent:
    """Posts (key, path, body) at so many a second; a rate of 0 sends all at once."""
    sent = Sent()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_send(port, posts, rate, sent))
    return sent


async def _send(port: int, posts: list[tuple[str, str, str]], rate: float, sent: Sent) -> None:
    loop = asyncio.get_running_loop()
    free: asyncio.Queue[_Line] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        _, line = await loop.create_connection(_Line, "127.0.0.1", port)
        free.put_nowait(line)
    made = [(key, request(f"127.0.0.1:{port}", path, body)) for key, path, body in posts]
    began = time.monotonic() + 0.05
    tasks = []
    for number, (key, data) in enumerate(made):
        due = began + (number / rate if rate else 0)
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(loop.create_task(_post(free, key, data, due, sent)))
    await asyncio.gather(*tasks)
    while not free.empty():
        transport = free.get_nowait().transport
        assert transport is not None
        transport.close()


async def _post(free: asyncio.Queue[_Line], key: str, data: bytes, due: float, sent: Sent) -> None:
    line = await free.get()
    assert line.transport is not None
    line.answered = asyncio.get_running_loop().create_future()
    sent.due[key] = due
    line.transport.write(data)
    status = await line.answered
    sent.answer[key] = time.monotonic() - due
    sent.refused += status[:1] != b"2"
    free.put_nowait(line)


def victorops(key: str, ingest: str, routing_key: str) -> tuple[str, str, str]:
    body = (
        f'{{"message_type":"CRITICAL","entity_id":"{key}","entity_display_name":"{key}","state_message":"Replication'
        ' lag of the primary is above the threshold of 30 s","monitoring_tool":"nagios","host_name":"db-7.example.net",'
        '"service":"postgres","vo_annotate.u.Runbook":"https://runbooks.example.net/replication-lag"}'
    )
    return key, f"/integrations/generic/20131114/alert/{ingest}/{routing_key}", body


def alertmanager(key: str) -> tuple[str, str, str]:
    body = (
        f'[{{"labels":{{"alertname":"Lag","id":"{key}","instance":"db-7.example.net","service":"postgres"}},"annotations"'
        ':{"description":"Replication lag of the primary is above the threshold of 30 s"}}]'
    )
    return key, "/api/v2/alerts", body
