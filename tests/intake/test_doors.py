"""Keys are remembered for a moment."""

from watchbill.intake.doors import LONGEST_REMEMBERED, Door, Doors


class Book:
    """Where keys are looked up; there are none."""

    def __init__(self) -> None:
        self.asked = 0

    async def find(self, digest: bytes) -> Door | None:
        self.asked += 1
        return None


async def test_a_key_is_looked_up_once_in_a_while() -> None:
    book = Book()
    doors = Doors(book.find)
    for _ in range(3):
        assert await doors.of("k", 0) is None
    assert book.asked == 1


async def test_what_is_longer_than_any_key_is_not_remembered() -> None:
    """Ten thousand of a megabyte would fill the memory."""
    doors = Doors(Book().find)
    key = "k" * (LONGEST_REMEMBERED + 1)
    assert await doors.of(key, 0) is None
    assert doors.known(key, 0) is None
