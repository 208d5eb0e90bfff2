"""Real server processes for stories: started, killed and asked from outside, as an operator and a sender would."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

from pwdlib.hashers.argon2 import Argon2Hasher

from watchbill.cli import founding
from watchbill.cli.minting import mint
from watchbill.cli.orgfile import plan, read
from watchbill.cli.session import session
from watchbill.domain.delivery import Delivery, State
from watchbill.domain.incident import Incident
from watchbill.domain.records import Alert, AlertQuery, IncidentQuery
from watchbill.domain.timeline import Entry
from watchbill.store.database import Database, open_database
from watchbill.store.transaction import Transaction
from watchbill.usecases import directory

T = TypeVar("T")
MAKE_DUE = "UPDATE delivery SET due_at = ? WHERE state = ? AND due_at > ?"
ROOT = Path(__file__).parents[2]
# A password's hash that takes no time is known by its parameters, and checked like any other.
QUICK = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
# Below those that the system gives out by itself; processes that run side by side begin far from each other.
PORTS = (10_000 + (os.getpid() * 1_009 + given) % 20_000 for given in count())


def eventually(probe: Callable[[], T | None], seconds: float = 20.0) -> T:
    """What `probe` finds, as soon as that is something. Fails after `seconds`; the last finding is in the failure."""
    end = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds:g} seconds; last seen: {found!r}"
        time.sleep(0.02)


def free_port() -> int:
    """One that the system gives to nobody who doesn't ask for it by its number, and that this process gives out once:
    else somebody might get it before it is used."""
    return next(port for port in PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as trying:
        try:
            trying.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str = "GET", body: bytes | str | None = None, timeout: float = 10.0, **headers: str) -> Reply:
    """One request on a connection of its own. Raises OSError when nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Reply(response.status, response.read(), {name.lower(): value for name, value in response.getheaders()})
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


def environment(**settings: object) -> dict[str, str]:
    """That of a process of ours: this checkout's code, and no settings but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WATCHBILL_")}
    told = {f"WATCHBILL_{name.upper()}": str(value) for name, value in settings.items()}
    return clean | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"} | told


class Server:
    """`watchbill serve` on a port of its own, which it keeps over restarts. `settings` are WATCHBILL_… variables."""

    module = "watchbill"

    def __init__(self, folder: Path, database: str, *options: str, **settings: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / f"server-{self.port}.log"
        self._database = database
        self._options = options
        self._settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, wait: bool = True) -> "Server":
        command = [sys.executable, "-m", self.module, "serve", "--port", str(self.port), *self._options]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment(database=self._database, **self._settings), stdout=log, stderr=log, cwd=ROOT
            )
        if wait:
            eventually(lambda: self.running() and self.answers("/health/ready"))
        return self

    def running(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"
        return True

    def answers(self, path: str, status: int = 200) -> bool:
        try:
            return ask(self.url + path, timeout=5).status == status
        except OSError:
            return False

    def kill(self) -> None:
        """As by the out-of-memory killer or a power cut: no chance to do anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As by the init system."""
        self._end(signal.SIGTERM)

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def said(self, event: str) -> list[dict[str, Any]]:
        """Lines of the log with this event."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def alert(self, key: str, entity: str, routing_key: str = "db", type: str = "CRITICAL", **more: object) -> Reply:
        told = {"message_type": type, "entity_id": entity, "entity_display_name": f"{entity} is down", **more}
        return ask(f"{self.url}/integrations/generic/20131114/alert/{key}/{routing_key}", "POST", json.dumps(told))

    def _end(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
        if self.process is not None:
            self.process.wait(20)


@contextmanager
def serving(folder: Path, database: str, *options: str, **settings: object) -> Iterator[Server]:
    server = Server(folder, database, *options, **settings)
    try:
        yield server.start()
    finally:
        server.kill()


def founded(database: str, organization: str) -> str:
    """Makes the organization of this file in a new database; its ingest key."""
    key: str = founded_with_keys(database, organization)["ingest"]["key"]
    return key


def founded_with_keys(database: str, organization: str) -> dict[str, Any]:
    """The keys are in the shape that `init --json` prints."""
    with session(database, False, new=True) as opened, patch.object(founding, "slow_hash", QUICK.hash):
        keys = founding.init(opened, "Acme", "acme", "http://127.0.0.1")

        def fill(tx: Transaction, now: int) -> None:
            org = tx.organization_by_slug("acme")
            desired = read(organization, "acme.yaml", org, mint(tx, org.number, now))
            directory.apply(tx, org.number, plan(org, desired), "story", now)

        opened.write(fill, opened.clock())
    return keys


@dataclass(frozen=True, slots=True)
class Kept:
    """All that the database holds of the organization."""

    alerts: list[Alert]
    incidents: list[Incident]
    timelines: dict[int, list[Entry]]
    deliveries: dict[int, list[Delivery]]

    def of(self, entity: str) -> Incident:
        (found,) = [incident for incident in self.incidents if incident.key == entity]
        return found


def kept(database: str) -> Kept:
    """Read by another process than the server's, as a backup would."""

    def everything(tx: Transaction) -> Kept:
        org = tx.organization_by_slug("acme").number
        incidents = tx.incidents(IncidentQuery(org, limit=100_000))
        numbers = [incident.number for incident in incidents]
        return Kept(
            tx.alerts(AlertQuery(org, limit=100_000)),
            incidents,
            {number: tx.timeline(org, number) for number in numbers},
            {number: tx.deliveries(org, number) for number in numbers},
        )

    return written(database, everything)


def written(database: str, fn: Callable[[Transaction], T]) -> T:
    """Runs a transaction in this process."""

    async def write(opened: Database) -> T:
        return await opened.write(fn)

    opened = open_database(database)
    try:
        return asyncio.run(write(opened))
    finally:
        opened.close()


def let_leases_run_out(database: str) -> int:
    """As if a dead node's claims were older than their lease; how many there were."""
    return _make_due(database, State.CLAIMED)


def let_retries_come(database: str) -> int:
    """As if the pause before the next try were over."""
    return _make_due(database, State.WAITING)


def _make_due(database: str, state: State) -> int:
    now = time.time_ns() // 1000  # noqa: TID251 - the servers live by the clock on the wall
    return written(database, lambda tx: tx._session.run(MAKE_DUE, (now, state, now)))
