"""Fake providers on loopback: a real SMTP server and a small HTTP one, told how to answer."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope

HANG = "hang"


@dataclass
class Relay:
    """`answers`: what is said to a command (MAIL, RCPT, DATA) instead of taking it; `mails` are those taken.

    `once`: the first of these answers is the last. `asked`: a command hangs.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    connections: list[SMTP] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    password: str = ""
    once: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    server: asyncio.Server | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if told := await self._told("MAIL"):
            return told
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if told := await self._told("RCPT"):
            return told
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        if told := await self._told("DATA"):
            return told
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        return "250 queued"

    async def _told(self, command: str) -> str | None:
        answer = self.answers.get(command)
        if answer == HANG:
            self.asked.set()
            await self.released.wait()
        if answer and self.once:
            self.answers.clear()
        return answer

    def read(self, index: int = -1) -> EmailMessage:
        mail = message_from_bytes(self.mails[index], policy=default)
        assert isinstance(mail, EmailMessage)
        return mail

    def text(self, index: int) -> str:
        part = self.read(index).get_body(("plain",))
        assert isinstance(part, EmailMessage)
        return str(part.get_content())

    def hang_up(self) -> None:
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.close()

    def _check_login(self, server: SMTP, session: Any, envelope: Any, method: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    def connect(self, tls: ssl.SSLContext | None) -> SMTP:
        connection = SMTP(
            self,
            hostname="relay.example.test",
            authenticator=self._check_login,
            auth_require_tls=False,
            tls_context=tls,
            ident="test",
            loop=asyncio.get_running_loop(),
        )
        self.connections.append(connection)
        return connection


@asynccontextmanager
async def relay(tls: ssl.SSLContext | None = None) -> AsyncIterator[Relay]:
    fake = Relay()
    fake.server = await asyncio.get_running_loop().create_server(lambda: fake.connect(tls), "127.0.0.1", 0)
    fake.port = fake.server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        fake.released.set()
        fake.hang_up()
        fake.server.close()
        # A TLS handshake that the client broke off leaves aiosmtpd's handler waiting for good.
        handlers = [each._handler_coroutine for each in fake.connections if each._handler_coroutine]
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


@dataclass(frozen=True)
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """Answers every request with `answer` (raw HTTP, made of the request), or not at all."""

    port: int = 0
    answer: Callable[[Request], str | bytes] = lambda request: reply(200)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    server: asyncio.Server | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await _request(reader)
                self.requests.append(request)
                answer = self.answer(request)
                if answer == HANG:
                    await self.released.wait()
                    break
                writer.write(answer.encode() if isinstance(answer, str) else answer)
                await writer.drain()
        writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = dict(item.split(": ", 1) for item in rest)
    return Request(line, headers, await reader.readexactly(int(headers.get("Content-Length", "0"))))


def reply(status: int, headers: str = "", body: str = "ok") -> str:
    return f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body.encode())}\r\n{headers}\r\n{body}"


@asynccontextmanager
async def site(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    fake = Site()
    fake.server = await asyncio.start_server(fake.serve, "127.0.0.1", 0, ssl=tls)
    fake.port = fake.server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        fake.released.set()
        fake.server.close()
