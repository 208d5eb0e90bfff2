"""Keys are remembered for a moment."""

import asyncio

import pytest

from watchbill.domain.errors import Unavailable
from watchbill.intake.doors import AGEING, FRESH, LONGEST_REMEMBERED, Door, Doors


class Book:
    """Where keys are looked up; there are none. With `away` it can't be reached."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    async def find(self, digest: bytes) -> Door | None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("gone")
        return None


async def test_a_key_is_looked_up_once_in_a_while() -> None:
    book = Book()
    doors = Doors(book.find)
    for _ in range(3):
        assert await doors.of("k", 0) is None
    assert book.asked == 1
    await doors.of("k", FRESH)
    assert book.asked == 2


async def test_a_crowd_shares_a_look_up_and_who_goes_away_spoils_it_for_nobody() -> None:
    book = Book()
    doors = Doors(book.find)
    waiting = [asyncio.create_task(doors.of("k", 0)) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:]) == [None] * 19
    assert book.asked == 1


async def test_a_key_in_use_is_looked_up_again_before_anybody_has_to_wait() -> None:
    book = Book()
    doors = Doors(book.find)
    await doors.of("k", 0)
    assert doors.known("k", AGEING) is not None
    for _ in range(5):
        await asyncio.sleep(0)
    assert book.asked == 2
    assert doors.known("k", FRESH) is not None


async def test_what_can_not_be_looked_up_again_serves_until_it_is_old() -> None:
    book = Book()
    doors = Doors(book.find)
    await doors.of("k", 0)
    book.away = True
    for _ in range(3):
        assert doors.known("k", AGEING) is not None
        for _ in range(5):
            await asyncio.sleep(0)
    assert book.asked == 4
    with pytest.raises(Unavailable):
        await doors.of("k", FRESH)


async def test_what_is_longer_than_any_key_is_not_remembered() -> None:
    """Ten thousand of a megabyte would fill the memory."""
    doors = Doors(Book().find)
    key = "k" * (LONGEST_REMEMBERED + 1)
    assert await doors.of(key, 0) is None
    assert doors.known(key, 0) is None
