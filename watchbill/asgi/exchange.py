"""A post and its answer as the door for alerts sees them: whole, with no ASGI between (docs/adr/0011)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

Place = TypeVar("Place")
Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Posted:
    """`headers`: their names in lower case. `query` is as it was sent, without the question mark."""

    query: bytes
    headers: Sequence[Header]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON; its type and its length are said anyway."""

    status: int
    body: bytes
    headers: Sequence[Header] = ()

    @property
    def head(self) -> list[Header]:
        return [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.body)), *self.headers]


Respond = Callable[[Answer], None]


class Door(Protocol[Place]):
    """Takes posts. `prefixes`: how paths begin that may lead there. `largest`: the bytes that a body has at most."""

    prefixes: tuple[str, ...]
    largest: int

    def place(self, path: str) -> Place | None:
        """Where a path leads; None: elsewhere."""

    def take(self, place: Place, posted: Posted, respond: Respond) -> None:
        """`respond` is called once, now or later. Doesn't raise."""
