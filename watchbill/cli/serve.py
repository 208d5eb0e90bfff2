"""`watchbill serve`: one node, or with PostgreSQL several of them that share one port."""

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from types import FrameType
from typing import Any, TextIO

import structlog
import uvicorn
import uvloop

from watchbill.asgi.protocol import Protocol
from watchbill.asgi.room import Room
from watchbill.config import Config
from watchbill.domain.delivery import Message
from watchbill.domain.errors import Invalid
from watchbill.store.lock import only_server
from watchbill.wiring.node import Node, node

GRACE_SECONDS = 5
BACKLOG = 4096
RESTART_SECONDS = 0.5
STILL_SECONDS = 60
# Of the files a process may open, for the database, for mail that comes in, and for sending pages.
HELD_BACK = 1_000
# Who waited for the server to come up is answered first.
LOAD_AFTER = 0.1

Where = tuple[int, Any]
"""A family of addresses, and one of them: host, port and what else that family says."""


class Log:
    """A stream of which what can't be written is lost: on a disk that is full, in a pipe that nobody reads any more.
    A page must not be lost with it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure_logs(as_json: bool) -> None:
    """One line an event on the error stream: for people on a terminal, JSON otherwise or when asked for."""
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty() and not as_json:
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(Log(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )


def bound_socket(host: str, port: int) -> socket.socket:
    """Raises Invalid when the address can't be used."""
    with _refused(host, port):
        family, _, _, _, found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _bound((family, (host, port, *found[2:])))  # what is behind the port says on which link


@contextmanager
def _refused(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Invalid(f"can't listen on {host} port {port}: {reason}", "port") from error


def _bound(where: Where, *options: int) -> socket.socket:
    family, address = where
    listener = socket.socket(family)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            listener.setsockopt(socket.SOL_SOCKET, option, 1)
        listener.bind(address)
    except BaseException:
        listener.close()
        raise
    return listener


def _where(bound: socket.socket) -> Where:
    return bound.family, bound.getsockname()


def _shared(where: Where) -> socket.socket:
    """For one of several workers: the system spreads connections over all that listen on the address. On one socket
    for all, whichever is awake takes what comes at once, and the others have none of it as long as that lasts.

    Raises Invalid."""
    with _refused(*where[1][:2]):
        return _bound(where, socket.SO_REUSEPORT)


def _claimed(where: Where) -> socket.socket:
    """A name for the address that only one on this machine has. Until the first worker listens nothing else would keep
    two servers that start together, maybe with two databases, from sharing the connections. Raises Invalid."""
    host, port = where[1][:2]
    if sys.platform != "linux":  # such a name would be a file
        return socket.socket()
    with _refused(host, port):
        return _bound((socket.AF_UNIX, f"\0watchbill {host} {port}"))


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Says that it stops as soon as it is told to, and leaves it to us when the process ends."""

    def __init__(self, stopping: asyncio.Event, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.set()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Without raising them again at the end, as uvicorn does: that would kill us before the pages under way are
        sent and noted, and they would be sent once more."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run_node(
    settings: Config,
    listener: socket.socket,
    started: Callable[[Node], None],
    say: Callable[[Message], None] | None = None,
) -> None:
    """Serves until a signal ends it. `started` is called when requests are about to be answered. Raises Conflict when
    another server has the SQLite file."""

    async def main() -> None:
        async with node(settings, say) as running:
            server = Server(
                running.stopping,
                uvicorn.Config(
                    running.app,
                    http=partial(Protocol, running.intake, room),  # type: ignore[arg-type]
                    access_log=False,
                    lifespan="off",
                    ws="none",
                    log_config=None,
                    backlog=BACKLOG,
                    server_header=False,
                    proxy_headers=False,
                    timeout_graceful_shutdown=GRACE_SECONDS,
                ),
            )
            gc.freeze()  # what is loaded by now stays: it need not be looked at again
            # From here on nobody is turned away: who comes before the server does is answered by it.
            with _refused(*listener.getsockname()[:2]):
                listener.listen(BACKLOG)
            started(running)
            loading = asyncio.create_task(_load(running, server))
            await server.serve(sockets=[listener])
            await loading

    room = Room(_open_much())
    with only_server(settings.database), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def _open_much() -> int:
    """Opens as many files as we are allowed, of which a process begins with a thousand or fewer; how many of them
    connections may be. Senders that stay connected must not leave the database and the pages without."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(ValueError, OSError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if allowed == resource.RLIM_INFINITY else max(allowed - HELD_BACK, allowed // 2)


def check(settings: Config, workers: int) -> None:
    """Raises Invalid for a number of workers that can't be."""
    if workers < 1:
        raise Invalid("at least one worker is needed", "workers")
    if workers > 1 and settings.database.startswith("sqlite:"):
        raise Invalid("several workers need PostgreSQL: a SQLite file has one process", "workers")


async def _load(running: Node, server: Server) -> None:
    """What the node did not need to begin. A fault in it ends the server, as it would have at the beginning."""
    try:
        await asyncio.sleep(LOAD_AFTER)
        await asyncio.to_thread(running.load)
        gc.freeze()
    except BaseException:
        server.should_exit = True
        raise


def serve(settings: Config, listener: socket.socket, workers: int) -> None:
    """One process, or `workers` of them on one address; a worker that dies is started again."""
    configure_logs(settings.log_json)
    if workers == 1:
        run_node(settings, listener, _log_start(settings))
        return
    where = _where(listener)  # nobody else listens there: that is known by now
    listener.close()
    with _claimed(where) as claim, _shared(where) as kept:
        _supervise(workers, lambda: _start(settings, kept), claim.close)


def work(settings: Config, fd: int, parent: int) -> None:
    """One of several workers, on the address that the process above keeps for them. It ends when that process is gone:
    nobody would replace or stop it any more, and it would keep the port."""
    configure_logs(settings.log_json)

    def started(running: Node) -> None:
        _log_start(settings)(running)
        Thread(target=watch, args=(parent, Pulse()), daemon=True).start()

    with socket.socket(fileno=fd) as kept:
        listener = _shared(_where(kept))
    run_node(settings, listener, started)


def _log_start(settings: Config) -> Callable[[Node], None]:
    return lambda running: structlog.get_logger().info("serving", address=settings.url)


class Pulse:
    """Of the running event loop: a beat a second."""

    def __init__(self) -> None:
        self.beats = 0
        self._loop = asyncio.get_running_loop()
        self._beat()

    def _beat(self) -> None:
        self.beats += 1
        self._loop.call_later(1, self._beat)


def watch(parent: int, pulse: Pulse) -> None:
    """Ends this process with the one above it; and outright when its event loop does nothing any more, for it still has
    its share of the connections. Seconds are counted, not told by a clock: one that jumps is no reason."""
    still, seen = 0, 0
    while os.getppid() == parent:
        time.sleep(1)
        still = still + 1 if pulse.beats == seen else 0
        seen = pulse.beats
        if still >= STILL_SECONDS:
            structlog.get_logger().error("event loop stands still", seconds=still)
            os._exit(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _start(settings: Config, listener: socket.socket) -> "subprocess.Popen[bytes]":
    """What is secret in the database's address travels in the environment: everybody can read command lines."""
    command = [sys.executable, "-m", "watchbill", "serve", "--fd", str(listener.fileno()), "--parent", str(os.getpid())]
    told = {"WATCHBILL_DATABASE": settings.database, "WATCHBILL_URL": settings.url}
    return subprocess.Popen(command, pass_fds=[listener.fileno()], env=os.environ | told)  # noqa: S603 - our own module


def _started(start: "Callable[[], subprocess.Popen[bytes]]") -> "list[subprocess.Popen[bytes]]":
    """Nothing, for a while, when the system has no room for one more process: those that run must go on."""
    try:
        return [start()]
    except OSError as error:
        structlog.get_logger().error("worker can't be started", error=repr(error))
        time.sleep(RESTART_SECONDS)
        return []


def _supervise(count: int, start: "Callable[[], subprocess.Popen[bytes]]", ending: Callable[[], None]) -> None:
    """Until we are told to end, a worker that ends is replaced; one that can't even start is not tried in a rush.
    `ending` is called at the beginning of the end."""
    told_to_end: list[int] = []  # by signals, whose handlers may run anywhere: an Event's lock could be held
    workers: list[subprocess.Popen[bytes]] = []

    def end(number: int, frame: object) -> None:
        told_to_end.append(number)
        ending()
        for worker in workers:
            worker.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while workers or not told_to_end:
        if len(workers) < count and not told_to_end:
            workers += _started(start)
            if told_to_end and workers:  # meanwhile, when the handler did not see this one
                workers[-1].terminate()
            continue
        with suppress(ChildProcessError):  # the handler met the last one dead
            os.wait()
        workers[:] = [worker for worker in workers if worker.poll() is None]
        time.sleep(0 if told_to_end else RESTART_SECONDS)
