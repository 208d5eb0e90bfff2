"""Whatever bytes arrive at a running server: a clear answer in the words of whoever was asked, and it goes on."""

import json
import random
import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.stories.process import Server, ask, founded, kept, serving

ORGANIZATION = """
watchbill: 1
people:
  ann: {email: ann@example.com, zone: UTC, contacts: [{pocket: ann, verified: true}]}
policies:
  ann: {steps: [{targets: [user: ann]}]}
routing_keys:
  db: {default: true, starts: [policy: ann]}
"""
VICTOROPS = "/integrations/generic/20131114/alert/{key}/db"
DOORS = (VICTOROPS, "/intake/alertmanager/{key}", "/intake/generic/{key}/db")
OTHERS = (
    *("/p/{key}", "/p/{key}/acknowledge", "/pocket/{key}", "/pocket/{key}/events", "/", "/metrics", "/health/ready"),
    *("/static/x", "/intake", "/integrations/", "/%00", "/%ff%fe", "/p/%2e%2e/%2e%2e", "/no/such/thing", "//", "*"),
)
REQUESTS = 400


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, str]]:
    """A server, an ingest key and its database: one for all tests of this file."""
    folder = tmp_path_factory.mktemp("bytes")
    database = f"sqlite:///{folder}/watchbill.db"
    key = founded(database, ORGANIZATION)
    with serving(folder, database) as server:
        yield server, key, database
        assert "Traceback" not in server.log()
        assert server.said("loop fault") == []


def raw(server: Server, sent: bytes, whole: bool = True) -> bytes:
    """Everything that is answered until the server hangs up. To a request that is not `whole` it may wait for more."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=8 if whole else 0.1) as connection:
        said = b""
        try:
            for start in range(0, len(sent), 65536):
                connection.sendall(sent[start : start + 65536])
        except (ConnectionResetError, BrokenPipeError):
            pass  # it may answer, and hang up, before the last byte
        try:
            while part := connection.recv(65536):
                said += part
        except ConnectionResetError:
            pass
        except TimeoutError:
            assert not whole, f"neither answered nor hung up: {sent[:300]!r}"
        return said


def request(method: str, target: str, body: bytes, *headers: bytes) -> bytes:
    head = [f"{method} {target} HTTP/1.1".encode("latin-1", "replace"), b"Host: w", b"Connection: close"]
    return b"\r\n".join([*head, b"Content-Length: %d" % len(body), *headers, b"", body])


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"(?:^|\n)HTTP/1\.1 (\d{3})", said)]


def body_of(said: bytes) -> bytes:
    return said.partition(b"\r\n\r\n")[2]


def in_dialect(target: str, said: bytes) -> bool:
    told = json.loads(body_of(said))
    if target.startswith("/integrations/"):
        return told["result"] == "failure" and bool(told["message"])
    return bool(told["error"])


def test_a_wrong_key_tells_nothing(place: tuple[Server, str, str]) -> None:
    server, key, _ = place
    for door in DOORS:
        wrong = [door.format(key=other) for other in ("x", key[:-1], key + "0", "0" * 32, "%00", "%F0%9F%94%A5")]
        answers = {body_of(raw(server, request("POST", target, b'{"message_type": "CRITICAL"}'))) for target in wrong}
        assert len(answers) == 1
        assert key[:8].encode() not in answers.pop()
        assert {ask(server.url + target, "POST", "{}").status for target in wrong} == {404}


def test_only_posts_are_taken(place: tuple[Server, str, str]) -> None:
    server, key, _ = place
    for door in DOORS:
        target = door.format(key=key)
        for method in ("GET", "PUT", "DELETE", "OPTIONS", "PATCH"):
            reply = ask(server.url + target, method)
            assert (reply.status, reply.headers["allow"]) == (405, "POST")
        assert ask(server.url + target, "HEAD").status == 405
        assert in_dialect(target, raw(server, request("GET", target, b"")))


def test_refusals_are_counted_by_their_status(place: tuple[Server, str, str]) -> None:
    server, key, _ = place

    def counted() -> float:
        text = ask(server.url + "/metrics").body.decode()
        found = re.search(r'^watchbill_alerts_refused_total\{status="400"\} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = counted()
    assert ask(f"{server.url}/intake/generic/{key}", "POST", "[").status == 400
    assert counted() == before + 1


def test_a_body_has_a_bound(place: tuple[Server, str, str]) -> None:
    server, key, database = place
    for door in DOORS:
        target = door.format(key=key)
        long = b'{"message_type": "CRITICAL", "entity_id": "long", "x": "' + b"x" * (9 << 20) + b'"}'
        for sent in (request("POST", target, long), chunked(target, long)):
            assert 413 in statuses(raw(server, sent))
    assert "long" not in {alert.event.key for alert in kept(database).alerts}


def chunked(target: str, body: bytes) -> bytes:
    head = f"POST {target} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    parts = [body[start : start + 100_000] for start in range(0, len(body), 100_000)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_half_a_request_leaves_nothing_behind(place: tuple[Server, str, str]) -> None:
    server, key, database = place
    before = len(kept(database).alerts)
    whole = request("POST", VICTOROPS.format(key=key), b'{"message_type": "CRITICAL", "entity_id": "half"}')
    for length in (*range(1, len(whole) - 1, 7), len(whole) - 1):
        with socket.create_connection(("127.0.0.1", server.port), timeout=8) as connection:
            connection.sendall(whole[:length])
    assert len(kept(database).alerts) == before
    assert statuses(raw(server, whole)) == [200]


def test_any_bytes(place: tuple[Server, str, str]) -> None:
    server, key, database = place
    chance = random.Random(2013)
    for number in range(REQUESTS):
        target = chance.choice(DOORS * 4 + OTHERS).format(key=key)
        sent, whole = fuzzed(chance, target)
        said = raw(server, sent, whole)
        found = statuses(said)
        assert not [status for status in found if status >= 500], (number, sent[:300], said[:300])
        assert found or not whole, (number, sent[:300])
        if found and found[0] in (400, 413) and target.startswith(("/integrations/g", "/intake/")) and b"{" in said:
            assert in_dialect(target, said), (number, sent[:300], said[:300])
    assert server.answers("/health/live")
    assert server.answers("/health/ready")
    assert server.alert(key, "after it all").status == 200
    found_after = kept(database)
    assert found_after.of("after it all").alert_count == 1
    by_incident = {number for number in (alert.incident for alert in found_after.alerts) if number is not None}
    assert by_incident == {incident.number for incident in found_after.incidents}


SEEDS = (
    b'{"message_type": "CRITICAL", "entity_id": "fuzz", "state_start_time": 1234567890, "a": {"b": [1, null, "x"]}}',
    b'{"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "fuzz"}, '
    b'"annotations": {"summary": "s"}, "startsAt": "2026-01-01T00:00:00Z", "fingerprint": "f"}]}',
    b'[{"title": "fuzz", "key": "k"}, {"title": "other"}]',
    b'{"specversion": "1.0", "id": "1", "source": "/x", "type": "com.example.fuzz", "data": {"title": "x"}}',
    b"message_type=CRITICAL&entity_id=fuzz&x=%00%ff",
    b"[" * 5000,
    b'{"a":' * 2000,
    b'{"message_type": "CRITICAL", "entity_id": "\\ud800\\u0000", "n": 1e999, "m": -0, "i": 99999999999999999999999}',
    b"\xff\xfe{\x00}\x00",
    b"",
)
HEADERS = (
    b"Content-Type: application/json",
    b"Content-Type: application/x-www-form-urlencoded",
    b"Content-Type: application/cloudevents+json",
    b"Content-Type: application/cloudevents-batch+json",
    b"Content-Type: \xff\xfe/\x80; charset=nonsense",
    b"Content-Encoding: gzip",
    b"ce-specversion: 1.0\r\nce-id: %00\r\nce-source: \xff\r\nce-type: x",
    b"Expect: 100-continue",
    b"X-Long: " + b"x" * 20_000,
    b"Cookie: a=\x80\xff",
    b"Transfer-Encoding: chunked",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13",
)


def fuzzed(chance: random.Random, target: str) -> tuple[bytes, bool]:
    """A request that is right, wrong in what it says, or wrong in how it says it; and whether it is a whole one."""
    body = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice((0, 0, 1, 3, 20))):
        spot = chance.randrange(len(body) + 1)
        body[spot : spot + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    method = chance.choice(("POST",) * 8 + ("GET", "post", "PRI", "\xff", ""))
    if chance.random() < 0.1:
        target += chance.choice(
            ("?x=%00%ff", "?" + "a=b&" * 2000, "/" * 500, "/%2f%2e", "#x", "\xe9", "?entity_id=%ED%A0%80")
        )
    headers = chance.sample(HEADERS, chance.choice((0, 1, 1, 2)))
    sent = request(method, target, bytes(body), *headers)
    kind = chance.random()
    if kind < 0.08:
        return sent[: chance.randrange(len(sent) + 1)], False
    if kind < 0.12:
        return chance.randbytes(chance.randrange(1, 2000)), False
    if kind < 0.16:
        length = chance.choice((b"Content-Length: -", b"Content-Length: 9", b"content-length: x"))
        return sent.replace(b"Content-Length: ", length), False
    return sent, b"chunked" not in sent


def test_many_who_stay_connected_keep_nobody_out(tmp_path: Path) -> None:
    """However few files a process begins with: it may have more if it asks."""
    database = f"sqlite:///{tmp_path}/watchbill.db"
    key = founded(database, ORGANIZATION)
    server = Server(tmp_path, database)
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
    try:
        server.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
    with ExitStack() as stack:
        stack.callback(server.kill)
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        assert server.alert(key, "disk").status == 200
