"""The doors of a node: alerts, mail, answers, the web."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from importlib.metadata import version

from watchbill.channels import mailbox
from watchbill.channels.pocket import Pocket
from watchbill.config import Config
from watchbill.domain.tokens import opened_code, opened_pocket
from watchbill.engine.departures import Departures
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Door, Doors
from watchbill.intake.replies import Replies
from watchbill.intake.smtpd import Letter, MailRoom
from watchbill.store.database import Database
from watchbill.usecases import replies
from watchbill.usecases.alerts import Arrival, Receipt, Recent, take_in
from watchbill.usecases.keys import integration_of
from watchbill.usecases.ports import Tx
from watchbill.web.ports import WebPorts
from watchbill.wiring.clock import Clock


def new_key() -> str:
    """A deduplication key for an alert that has none."""
    return secrets.token_hex(16)


def taking_in(
    database: Database, departures: Departures
) -> Callable[[Sequence[Arrival], int], Awaitable[list[Receipt]]]:
    recent = Recent()

    async def take(arrivals: Sequence[Arrival], now: int) -> list[Receipt]:
        taken = await database.write(departures.claiming(partial(take_in, arrivals=arrivals, recent=recent), now))
        departures.begin(taken.kept)
        return taken.receipts

    return take


def finder(database: Database) -> Callable[[bytes], Awaitable[Door | None]]:
    def find(tx: Tx, digest: bytes) -> Door | None:
        found = integration_of(tx, digest)
        if found is None:
            return None
        org, integration = found
        return Door(org.number, integration, org.settings.unparseable_mail)

    async def look_up(digest: bytes) -> Door | None:
        return await database.read(find, digest)

    return look_up


def answered(
    database: Database, clock: Clock, hint: Callable[[], None]
) -> Callable[[int, str, replies.Answer], Awaitable[replies.Question]]:
    async def answer(org: int, delivery_id: str, what: replies.Answer) -> replies.Question:
        question = await database.write(replies.answer, org, delivery_id, what, clock())
        hint()
        return question

    return answer


def mail_room(
    config: Config,
    parts: tuple[Doors, Collector, Clock],
    secret: bytes,
    answered: Callable[[int, str, replies.Answer], Awaitable[object]],
) -> MailRoom:
    doors, collector, clock = parts

    def read(raw: bytes) -> Letter:
        mail = mailbox.read_mail(raw)
        return Letter(mail.sender, mail.subject, mail.text, mail.auto_submitted, mailbox.answer(mail))

    return MailRoom(
        read=read,
        reply_code=mailbox.reply_code,
        doors=doors,
        collector=collector,
        replies=Replies(lambda code: opened_code(secret, code), answered),
        clock=clock,
        domain=config.mail_domain,
        new_key=new_key,
    )


def web(
    database: Database,
    pocket: Pocket,
    secret: bytes,
    answered: Callable[[int, str, replies.Answer], Awaitable[replies.Question]],
    stopping: asyncio.Event,
) -> WebPorts:
    async def look_up(code: str) -> replies.Question:
        return await database.read(replies.look_up, *opened_code(secret, code))

    async def answer(code: str, what: replies.Answer) -> replies.Question:
        return await answered(*opened_code(secret, code), what)

    return WebPorts(
        look_up=look_up,
        answer=answer,
        pocket_address=lambda token: opened_pocket(secret, token),
        recent=pocket.recent,
        listen=pocket.listen,
        stopping=stopping.wait,
        version=version("watchbill"),
    )
