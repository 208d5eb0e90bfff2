"""Posts that come in together are answered apart."""

import asyncio
from collections.abc import Sequence
from typing import Any

from watchbill.asgi.exchange import Answer, Posted
from watchbill.domain.alert import Signal
from watchbill.domain.organization import Integration
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Door, Doors
from watchbill.intake.routes import Intake
from watchbill.usecases.alerts import Arrival, Receipt

PATH = "/intake/generic/key"
BODY = b'{"title":"disk"}'


async def find(digest: bytes) -> Door:
    return Door(1, Integration("alerts", 1, "Alerts", "generic"), Signal.CRITICAL)


async def test_one_that_is_given_up_keeps_nobody_from_the_answer() -> None:
    """As when a server ends that has waited long enough."""
    committed, answers = asyncio.Event(), list[Answer]()

    async def take_in(arrivals: Sequence[Arrival], now: int) -> list[Receipt]:
        await committed.wait()
        return [Receipt("a", one.event.key, 1) for one in arrivals]

    async def receive() -> Any:
        return {"type": "http.request", "body": BODY}

    async def send(message: Any) -> None:
        raise AssertionError("it is gone")

    collector = Collector(take_in, lambda: 0, lambda arrivals, receipts: None)
    intake = Intake(Doors(find), collector, lambda: 0, lambda: "made up", lambda status: None)
    scope = {"path": PATH, "method": "POST", "query_string": b"", "headers": []}
    given_up = asyncio.create_task(intake(scope, receive, send))
    place = intake.place(PATH)
    assert place is not None
    for _ in range(5):
        await asyncio.sleep(0)
    intake.take(place, Posted(b"", [], BODY), answers.append)
    given_up.cancel()
    await asyncio.wait([given_up])
    committed.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert [answer.status for answer in answers] == [200]
