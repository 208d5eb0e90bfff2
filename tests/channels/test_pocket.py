import asyncio

import pytest

from tests.channels.contract import ChannelContract
from tests.channels.samples import page
from watchbill.channels.payload import payload
from watchbill.channels.pocket import Pocket
from watchbill.domain.delivery import Message, Outcome


class PocketBench:
    address = "ann"

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.channel = Pocket(self.said.append)

    def received(self) -> list[tuple[str, str]]:
        return [(message.delivery_id, payload(message).decode()) for message in self.said]


class TestContract(ChannelContract):
    @pytest.fixture
    def bench(self) -> PocketBench:
        return PocketBench()


async def test_shows_the_newest_first_and_a_page_sent_twice_once() -> None:
    pocket = Pocket()
    for delivery in ("a", "b", "a"):
        await pocket.send(page(address="ann", delivery_id=delivery))
    await pocket.send(page(address="bob", delivery_id="c"))
    assert [message.delivery_id for message in pocket.recent("ann")] == ["a", "b"]
    assert [message.delivery_id for message in pocket.recent("bob")] == ["c"]
    assert pocket.recent("nobody") == ()


async def test_memory_is_bounded() -> None:
    pocket = Pocket()
    for number in range(1_100):
        await pocket.send(page(address=f"p{number}"))
        await pocket.send(page(address="busy", delivery_id=str(number)))
    assert len(pocket.recent("busy")) == 50
    assert pocket.recent("p0") == ()
    assert pocket.recent("p1099") != ()


async def test_listeners_hear_every_page_from_then_on() -> None:
    pocket = Pocket()
    await pocket.send(page(address="ann", delivery_id="before"))
    with pocket.listen() as first, pocket.listen() as second:
        await pocket.send(page(address="ann", delivery_id="now"))
        assert (await anext(first)).delivery_id == "now"
        assert (await anext(second)).delivery_id == "now"
    await pocket.send(page(address="ann", delivery_id="after"))
    assert len(pocket.recent("ann")) == 3


async def test_a_listener_that_sleeps_delays_nobody_and_misses_the_oldest() -> None:
    pocket = Pocket()
    with pocket.listen() as pages:
        for number in range(150):
            await pocket.send(page(address="ann", delivery_id=str(number)))
        assert (await anext(pages)).delivery_id == "50"


async def test_a_printer_that_fails_loses_no_page() -> None:
    def broken(message: Message) -> None:
        raise OSError("stdout is closed")

    pocket = Pocket(broken)
    assert (await pocket.send(page(address="ann"))).outcome is Outcome.ACCEPTED
    assert len(pocket.recent("ann")) == 1


async def test_a_listener_may_be_cancelled() -> None:
    pocket = Pocket()

    async def follow() -> None:
        with pocket.listen() as pages:
            async for _ in pages:
                pass

    task = asyncio.create_task(follow())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await pocket.send(page(address="ann"))).outcome is Outcome.ACCEPTED
