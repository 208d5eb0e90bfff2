"""Pages that were sent are noted, whatever becomes of others, and of the database."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

import pytest

from watchbill.asgi.metrics import Metrics
from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Delivery, Message, Outcome, Purpose, Verdict
from watchbill.domain.errors import Unavailable
from watchbill.domain.people import Urgency
from watchbill.engine import sender
from watchbill.engine.departures import Departures
from watchbill.engine.sender import Outside, Sender
from watchbill.usecases.deliveries import Claimed, Result
from watchbill.usecases.departing import Send
from watchbill.usecases.incidents import Advanced
from watchbill.usecases.keep import Kept
from watchbill.wiring import loops
from watchbill.wiring.clock import Clock

NOW = 1_800_000_000 * SECOND


def a_send(id: str, channel: str = "pocket") -> Send:
    page = Delivery(id, 1, 1, Purpose.PAGE, channel, "ann@pocket", Urgency.HIGH, "on call", NOW, NOW, NOW)
    return Send((page,), Message(id, "Acme", Purpose.PAGE, page.address, (), NOW, 1))


class Desk:
    """What is noted of sends. `bad` can't be noted, and while `away` nothing can."""

    def __init__(self, bad: str = "") -> None:
        self.noted: dict[str, Verdict] = {}
        self.bad = bad
        self.away = 0
        self.tries = 0
        self.heard = asyncio.Event()

    async def claim(self, now: int, limit: int) -> Claimed:
        return Claimed(0, ())

    async def put_off(self, now: int) -> object:
        raise AssertionError

    async def next_due(self) -> int | None:
        return None

    async def record(self, results: Sequence[Result], now: int) -> None:
        self.tries += 1
        if self.away:
            self.away -= 1
            raise Unavailable("away")
        noted = {one.id: result.verdict for result in results for one in result.deliveries}
        if self.bad in noted:
            raise ZeroDivisionError
        self.noted |= noted
        self.heard.set()

    def sender(self) -> Sender:
        async def take(message: Message) -> Verdict:
            if message.delivery_id == "broken":
                raise ZeroDivisionError
            return Verdict(Outcome.ACCEPTED)

        return Sender(
            Outside(
                self.claim,
                self.put_off,
                self.record,
                self.next_due,
                lambda channel: [take] if channel == "pocket" else [],
                lambda message, delivery: message,
                lambda delivery, verdict, late: None,
                lambda: NOW,
            )
        )

    async def hears(self, *sends: Send, count: int) -> dict[str, Outcome]:
        """What is noted when so many are."""
        one = self.sender()
        running = asyncio.create_task(one.run())
        one.begin(sends)
        async with asyncio.timeout(20):
            while len(self.noted) < count:
                self.heard.clear()
                await self.heard.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return {id: verdict.outcome for id, verdict in self.noted.items()}


async def test_a_verdict_that_can_not_be_noted_holds_up_none_of_the_others() -> None:
    desk = Desk(bad="2")
    assert set(await desk.hears(a_send("1"), a_send("2"), a_send("3"), count=2)) == {"1", "3"}


async def test_verdicts_wait_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "RECORD_AGAIN", 0)
    desk = Desk()
    desk.away = 3
    assert set(await desk.hears(a_send("1"), a_send("2"), count=2)) == {"1", "2"}
    assert desk.tries == 4


async def test_a_channel_that_fails_or_is_not_there_is_a_verdict_too() -> None:
    outcomes = await Desk().hears(a_send("broken"), a_send("nowhere", "carrier pigeon"), count=2)
    assert outcomes == {"broken": Outcome.RETRY, "nowhere": Outcome.NEVER}


async def test_at_the_end_what_is_under_way_is_noted() -> None:
    desk = Desk(bad="2")
    one = desk.sender()
    one.begin([a_send("1"), a_send("2")])
    await one.drain(20)
    assert set(desk.noted) == {"1"}


class Slow:
    """A database that answers when it is told to, by which time what it was asked is kept."""

    def __init__(self, answer: Advanced) -> None:
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self._answer = answer

    async def write(self, fn: object, *args: object) -> Advanced:
        self.asked.set()
        await self.answers.wait()
        return self._answer

    async def read(self, fn: object, *args: object) -> None:
        return None


async def test_pages_claimed_while_a_node_is_told_to_end_leave() -> None:
    desk = Desk()
    one = desk.sender()
    slow = Slow(Advanced((), 1, kept=Kept((a_send("1"),))))
    departures = Departures("node", one, lambda: NOW, lambda: None)
    running = asyncio.create_task(loops.escalating(cast(Any, slow), Metrics(), Clock(), departures).run())
    await slow.asked.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    slow.answers.set()
    await one.drain(20)
    assert set(desk.noted) == {"1"}
