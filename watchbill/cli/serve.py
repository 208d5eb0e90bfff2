"""`watchbill serve`: one node, or with PostgreSQL several of them that share one port."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn
import uvloop

from watchbill.config import Config
from watchbill.domain.delivery import Message
from watchbill.domain.errors import Invalid
from watchbill.wiring import Node, node

GRACE_SECONDS = 5


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def bound_socket(host: str, port: int) -> socket.socket:
    """Raises Invalid when the address can't be used."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        raise Invalid(f"can't listen on {host} port {port}: {error.strerror or error}", "port") from error
    listener.set_inheritable(True)
    return listener


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Says that it stops as soon as it is told to."""

    def __init__(self, stopping: asyncio.Event, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.set()
        super().handle_exit(sig, frame)


def run_node(
    settings: Config,
    listener: socket.socket,
    started: Callable[[Node], None],
    say: Callable[[Message], None] | None = None,
) -> None:
    """Serves until a signal ends it. `started` is called when requests are about to be answered."""

    async def main() -> None:
        async with node(settings, say) as running:
            server = Server(
                running.stopping,
                uvicorn.Config(
                    running.app,
                    http="httptools",
                    access_log=False,
                    lifespan="off",
                    log_config=None,
                    backlog=4096,
                    server_header=False,
                    timeout_graceful_shutdown=GRACE_SECONDS,
                ),
            )
            started(running)
            await server.serve(sockets=[listener])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def serve(settings: Config, listener: socket.socket, workers: int) -> None:
    """One process, or `workers` of them on one socket (PostgreSQL only); a worker that dies is started again."""
    configure_logs(settings.log_json)
    log = structlog.get_logger()
    if workers == 1:
        run_node(settings, listener, lambda running: log.info("serving", address=settings.url))
        return
    if settings.database.startswith("sqlite:"):
        raise Invalid("several workers need PostgreSQL: a SQLite file has one process", "workers")
    _supervise(listener, [_start(settings, listener) for _ in range(workers)], lambda: _start(settings, listener))


def _start(settings: Config, listener: socket.socket) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "watchbill", "serve", "--fd", str(listener.fileno())]
    command += ["--database", settings.database, "--url", settings.url]
    return subprocess.Popen(command, pass_fds=[listener.fileno()])  # noqa: S603 - our own interpreter and module


def _supervise(
    listener: socket.socket,
    workers: "list[subprocess.Popen[bytes]]",
    start: "Callable[[], subprocess.Popen[bytes]]",
) -> None:
    """Until we are told to end, a worker that ends is replaced."""
    ending = False

    def end(number: int, frame: object) -> None:
        nonlocal ending
        ending = True
        for worker in workers:
            worker.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while workers:
        pid, _ = os.wait()
        gone = [worker for worker in workers if worker.pid == pid]
        for worker in gone:
            workers.remove(worker)
            if not ending:
                workers.append(start())


def inherited_socket(fd: int) -> socket.socket:
    return socket.socket(fileno=fd)
