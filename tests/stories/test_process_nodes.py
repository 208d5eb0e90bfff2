"""Several nodes on one PostgreSQL: they share the work, tell nobody twice, and take over from one that dies."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.stories.outside import Sink, sink
from tests.stories.process import Server, eventually, founded, kept, let_leases_run_out, serving
from watchbill.domain.delivery import State
from watchbill.domain.incident import Phase

ORGANIZATION = """
watchbill: 1
endpoints:
  sink: {{kind: webhook, address: "{url}/page"}}
policies:
  once: {{steps: [{{targets: [{{webhook: sink}}]}}]}}
  again:
    steps:
      - {{targets: [{{webhook: sink}}]}}
      - {{after: 2s, targets: [{{webhook: sink}}]}}
routing_keys:
  db: {{default: true, starts: [policy: once]}}
  slow: {{starts: [policy: again]}}
"""


class Site:
    """A database with an organization, and what its pages reach."""

    def __init__(self, database: str, receiver: Sink) -> None:
        self.database = database
        self.receiver = receiver
        self.key = founded(database, ORGANIZATION.format(url=receiver.url))


class Gate:
    """Answers webhooks with 200, once it is open."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()

    def __call__(self, path: str, told: dict[str, Any]) -> int:
        self.open.wait(60)
        return 200


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open.set()


@pytest.fixture
def site(postgres_url: str, gate: Gate) -> Iterator[Site]:
    with sink(gate) as receiver:
        yield Site(postgres_url, receiver)


@contextmanager
def two_nodes(site: Site, folder: Path) -> Iterator[tuple[Server, Server]]:
    with (
        serving(folder, site.database, webhook_allow_private=1) as one,
        serving(folder, site.database, webhook_allow_private=1) as other,
    ):
        yield one, other


def test_two_nodes_page_everything_once(site: Site, tmp_path: Path) -> None:
    with two_nodes(site, tmp_path) as nodes, ThreadPoolExecutor(8) as senders:
        posts = [senders.submit(nodes[n % 2].alert, site.key, f"disk {n}") for n in range(300)]
        assert {post.result().status for post in posts} == {200}
        eventually(lambda: len(site.receiver.sends()) == 300)
        sent = eventually(lambda: [len(node.said("page sent")) for node in nodes if len(node.said("page sent"))])
        found = eventually(lambda: everything_sent(site))
    assert sum(site.receiver.sends().values()) == 300
    assert sorted(site.receiver.titles()) == sorted(f"disk {n} is down" for n in range(300))
    assert len(found) == 300
    assert len(sent) == 2, "both nodes send"


def everything_sent(site: Site) -> list[str] | None:
    deliveries = [one for some in kept(site.database).deliveries.values() for one in some]
    return [one.id for one in deliveries] if all(one.state is State.SENT for one in deliveries) else None


def test_one_key_at_both_nodes_opens_one_incident(site: Site, tmp_path: Path) -> None:
    with two_nodes(site, tmp_path) as nodes, ThreadPoolExecutor(8) as senders:
        posts = [senders.submit(nodes[n % 2].alert, site.key, f"disk {n // 8}") for n in range(160)]
        assert {post.result().status for post in posts} == {200}
        eventually(lambda: len(site.receiver.sends()) == 20)
    found = kept(site.database)
    assert sorted(incident.key for incident in found.incidents) == sorted(f"disk {n}" for n in range(20))
    assert {incident.alert_count for incident in found.incidents} == {8}
    assert sum(site.receiver.sends().values()) == 20


def test_an_acknowledgement_at_one_node_stops_the_pages_of_the_other(site: Site, tmp_path: Path) -> None:
    with two_nodes(site, tmp_path) as (one, other):
        one.alert(site.key, "acked", "slow")
        one.alert(site.key, "forgotten", "slow")
        eventually(lambda: len(site.receiver.sends()) == 2)
        other.alert(site.key, "acked", "slow", "ACKNOWLEDGEMENT", ack_author="Ann")
        eventually(lambda: site.receiver.titles().count("forgotten is down") == 2)
        assert site.receiver.titles().count("acked is down") == 1
    assert kept(site.database).of("acked").phase is Phase.ACKNOWLEDGED


def test_a_dead_nodes_pages_are_taken_over(site: Site, gate: Gate, tmp_path: Path) -> None:
    with two_nodes(site, tmp_path) as (one, other):
        gate.open.clear()
        for n in range(10):
            one.alert(site.key, f"disk {n}")
        eventually(lambda: len(site.receiver.sends()) == 10)
        one.kill()
        held = let_leases_run_out(site.database)
        assert held
        gate.open.set()
        eventually(lambda: everything_sent(site))
        assert len(everything_sent(site) or ()) == len(site.receiver.sends()) == 10
        assert sum(site.receiver.sends().values()) <= 20
        assert other.running()


@pytest.mark.slow
def test_a_dead_nodes_pages_are_taken_over_within_the_lease(site: Site, gate: Gate, tmp_path: Path) -> None:
    """The same by the clock on the wall: nobody helps the lease to run out."""
    with serving(tmp_path, site.database, webhook_allow_private=1) as one:
        gate.open.clear()
        one.alert(site.key, "disk")
        eventually(lambda: site.receiver.sends())
        one.kill()
        gate.open.set()
        died = time.monotonic()
        with serving(tmp_path, site.database, webhook_allow_private=1):
            eventually(lambda: everything_sent(site), 40)
        assert time.monotonic() - died < 35
        assert list(site.receiver.sends().values()) == [2]


def test_a_killed_worker_is_replaced(site: Site, tmp_path: Path) -> None:
    with serving(tmp_path, site.database, "--workers", "2", webhook_allow_private=1) as server:
        first, second = eventually(lambda: two_workers(server))
        os.kill(first, signal.SIGKILL)
        now = eventually(lambda: other_workers(server, first))
        assert second in now
        assert server.alert(site.key, "disk").status == 200
        eventually(site.receiver.sends)
        server.stop()
        assert not any(alive(worker) for worker in now)


def test_workers_share_the_connections(site: Site, tmp_path: Path) -> None:
    """Also those that come all at once, and stay: with one worker only its own end."""
    with serving(tmp_path, site.database, "--workers", "2") as server, ExitStack() as stack:
        first, _ = eventually(lambda: two_workers(server))
        callers = [HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(64)]
        for caller in callers:
            stack.callback(caller.close)
            caller.connect()
        assert all(answered(caller) for caller in callers)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not alive(first))
        assert 8 <= sum(answered(caller) for caller in callers) <= 56


def test_a_second_server_does_not_slip_in_beside_the_workers(site: Site, tmp_path: Path) -> None:
    with serving(tmp_path, site.database, "--workers", "2") as server:
        eventually(lambda: two_workers(server))
        command = [sys.executable, "-m", "watchbill", "serve", "--port", str(server.port), "--database", site.database]
        for workers in ("1", "2"):
            ended = subprocess.run([*command, "--workers", workers], capture_output=True, text=True, timeout=20)
            assert ended.returncode == 2
            assert f"can't listen on 127.0.0.1 port {server.port}: Address already in use" in ended.stderr


def test_of_servers_that_start_together_one_gets_the_port(site: Site, tmp_path: Path) -> None:
    one = Server(tmp_path, site.database, "--workers", "2")
    other = Server(tmp_path, site.database, "--workers", "2")
    other.port = one.port
    try:
        started = [one.start(wait=False).process, other.start(wait=False).process]
        assert eventually(lambda: [each.poll() for each in started if each and each.poll() is not None]) == [2]
    finally:
        one.kill()
        other.kill()
    assert f"can't listen on 127.0.0.1 port {one.port}: Address already in use" in one.log() + other.log()


def test_a_server_whose_workers_died_ends_when_it_is_told_to(site: Site, tmp_path: Path) -> None:
    with serving(tmp_path, site.database, "--workers", "2") as server:
        workers = eventually(lambda: two_workers(server))
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        eventually(lambda: not any(alive(worker) for worker in workers))
        server.stop()
        assert server.process is not None
        assert server.process.returncode == 0, server.log()


def test_workers_end_with_their_supervisor_also_before_they_serve(site: Site, tmp_path: Path) -> None:
    server = Server(tmp_path, site.database, "--workers", "2").start(wait=False)
    try:
        workers = eventually(lambda: children(server))
    finally:
        server.kill()
    eventually(lambda: not any(alive(worker) for worker in workers))


def test_workers_end_with_their_supervisor(site: Site, tmp_path: Path) -> None:
    """However that died: else they would keep the port, and nobody would replace or stop them."""
    with serving(tmp_path, site.database, "--workers", "2") as server:
        workers = eventually(lambda: two_workers(server))
        server.kill()
        eventually(lambda: not any(alive(worker) for worker in workers))


def test_told_to_end_under_load_it_answers_what_it_was_asked(site: Site, tmp_path: Path) -> None:
    with serving(tmp_path, site.database, "--workers", "2", webhook_allow_private=1) as server:
        eventually(lambda: two_workers(server))
        with Load(server, site.key) as load:
            eventually(lambda: len(load.answered) > 50)
            server.stop()
    found = kept(site.database)
    assert set(load.answered) == {alert.event.key for alert in found.alerts}
    assert load.cut_off == []
    states = Counter(one.state for some in found.deliveries.values() for one in some)
    assert states[State.CLAIMED] == 0


def test_told_to_end_it_waits_for_the_page_under_way(site: Site, gate: Gate, tmp_path: Path) -> None:
    with serving(tmp_path, site.database, webhook_allow_private=1) as server:
        gate.open.clear()
        server.alert(site.key, "disk")
        eventually(site.receiver.sends)
        threading.Timer(0.5, gate.open.set).start()
        server.stop()
        assert gate.open.is_set(), "it ended before the page was taken"
    assert everything_sent(site)


class Load:
    """Posts alerts, each on a connection of its own, until nobody takes connections any more."""

    def __init__(self, server: Server, key: str) -> None:
        self.answered: list[str] = []
        self.cut_off: list[str] = []
        self._server = server
        self._path = f"/integrations/generic/20131114/alert/{key}/db"
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(4)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        for count in range(100_000):
            entity = f"sender {number} alert {count}"
            body = json.dumps({"message_type": "CRITICAL", "entity_id": entity}).encode()
            head = f"POST {self._path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            try:
                with socket.create_connection(("127.0.0.1", self._server.port), timeout=10) as connection:
                    connection.sendall(head.encode() + body)
                    said = b"".join(iter(lambda: connection.recv(65536), b""))
            except OSError:
                return  # the door is closed, or closed before anybody stepped up to it
            if said.startswith(b"HTTP/1.1 200") and entity.encode() in said:
                self.answered.append(entity)
            elif said:
                self.cut_off.append(said.decode())


def answered(caller: HTTPConnection) -> bool:
    """Whether anybody is still at the other end."""
    try:
        caller.request("GET", "/health/live")
        return caller.getresponse().read() != b""
    except OSError:
        return False


def two_workers(server: Server) -> list[int] | None:
    """The worker processes, when both of them serve."""
    found = children(server)
    return found if len(found) == 2 and len(server.said("serving")) >= 2 else None


def children(server: Server) -> list[int]:
    assert server.running()
    assert server.process is not None
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def other_workers(server: Server, than: int) -> list[int] | None:
    found = two_workers(server)
    return found if found and than not in found else None


def alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
