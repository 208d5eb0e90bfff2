"""Mail that comes in: alerts (VictorOps reference, part 3.5) and answers to pages. 250 is said after the commit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from watchbill.asgi.room import Room
from watchbill.domain.errors import Refused, Unavailable
from watchbill.intake import victorops_email
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Door, Doors
from watchbill.intake.replies import Replies, Reply
from watchbill.usecases.alerts import Arrival

log = structlog.get_logger()

# A monitor may attach its log or a screenshot: that must not cost the alert. What says something comes first.
LARGEST_MAIL = 16 * 1024 * 1024
KEPT_OF_A_MAIL = 1024 * 1024
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, as the mail channel reads it: `command` is what an answer asks for, if it does."""

    sender: str
    subject: str
    text: str
    automatic: bool
    command: str | None


@dataclass(frozen=True, slots=True)
class MailRoom:
    """What the mail server needs: how mail is read, how a reply's code is found in an address, and where both go.
    `domain` is that of the addresses which take alerts.
    """

    read: Callable[[bytes], Letter]
    reply_code: Callable[[str], str | None]
    doors: Doors
    collector: Collector
    replies: Replies
    clock: Callable[[], int]
    domain: str
    new_key: Callable[[], str]


class Handler:
    """Hooks of aiosmtpd. An address that is none of ours is refused before the mail is sent."""

    def __init__(self, room: MailRoom) -> None:
        self._room = room

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        try:
            known = self._room.reply_code(address) is not None or await self._door(address) is not None
        except Unavailable:
            return "451 the database can't be reached just now; try again"
        if not known:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        whole = content if isinstance(content, bytes) else (content or "").encode("utf-8", "replace")
        raw = whole[:KEPT_OF_A_MAIL]
        letter = self._room.read(raw)
        if envelope.mail_from in (None, "", "<>"):  # a bounce, whatever it looks like (RFC 5321, 4.5.5)
            letter = replace(letter, automatic=True)
        try:
            said = [await self._deliver(address, letter, raw) for address in envelope.rcpt_tos]
        except Unavailable:
            return "451 the mail could not be stored just now; try again"
        except Refused as error:
            return f"550 {error.message}".replace("\r", " ").replace("\n", " ")
        return f"250 {'; '.join(said)}"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours: the sender keeps the mail and tries again, instead of giving it back to its author."""
        log.exception("mail fault", error=repr(error))
        return "451 the mail could not be taken just now; try again"

    async def _deliver(self, address: str, letter: Letter, raw: bytes) -> str:
        code = self._room.reply_code(address)
        if code is not None:
            return await self._room.replies.take(Reply(code, None if letter.automatic else letter.command))
        found = await self._door(address)
        if found is None:
            raise Refused("no such mailbox")
        door, routing_key = found
        mail = victorops_email.Mail(
            letter.sender, letter.subject, letter.text, routing_key or door.integration.routing_key, raw
        )
        event = victorops_email.parse(mail, self._room.new_key, door.unparseable_mail)
        await self._room.collector.accept([Arrival(door.org, door.integration.id, event)])
        return "accepted"

    async def _door(self, address: str) -> tuple[Door, str | None] | None:
        parts = victorops_email.address(address, self._room.domain)
        if parts is None:
            return None
        key, routing_key = parts
        door = await self._room.doors.of(key, self._room.clock())
        return None if door is None else (door, routing_key)


class Line(SMTP):
    """A connection, of as many as there is room for. A sender that is turned away comes again with its mail."""

    def __init__(self, lines: "set[Line]", room: Room, handler: Handler, **options: Any) -> None:
        super().__init__(handler, **options)
        self._lines = lines
        self._room = room

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._lines.add(self)
        if not self._room.has(len(self._lines)):
            cast(asyncio.Transport, transport).abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._lines.discard(self)
        super().connection_lost(error)


async def listen(room: MailRoom, host: str, port: int, hostname: str) -> asyncio.Server:
    """Serves until closed. `hostname` is how we introduce ourselves."""
    options: dict[str, Any] = {"data_size_limit": LARGEST_MAIL, "hostname": hostname, "ident": "Watchbill"}
    protocol = partial(Line, set(), Room(MOST_LINES), Handler(room), enable_SMTPUTF8=True, **options)
    return await asyncio.get_running_loop().create_server(protocol, host, port, reuse_port=True)
