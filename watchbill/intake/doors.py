"""Which integration a key in an address belongs to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from watchbill.domain.alert import Signal
from watchbill.domain.civil import SECOND
from watchbill.domain.organization import Integration
from watchbill.usecases.keys import digest

# A key that was withdrawn is honoured this long on other nodes: better one alert too many.
FRESH = 2 * SECOND
MOST_REMEMBERED = 10_000
# Letters. No key of ours is longer; what strangers make up must not fill the memory.
LONGEST_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Door:
    """An integration of an organization, as somebody outside reaches it."""

    org: int
    integration: Integration
    unparseable_mail: Signal


Find = Callable[[bytes], Awaitable[Door | None]]
Known = tuple[int, Door | None]
"""When a key was looked up, and where it leads."""


class Doors:
    """Remembers look-ups, of unknown keys too, for two seconds."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[str, Known] = {}

    def known(self, key: str, now: int) -> Known | None:
        """What is remembered of a key; None when it has to be looked up."""
        known = self._known.get(key)
        return known if known is not None and 0 <= now - known[0] < FRESH else None

    async def of(self, key: str, now: int) -> Door | None:
        known = self.known(key, now)
        if known is not None:
            return known[1]
        door = await self._find(digest(key))
        if len(key) > LONGEST_REMEMBERED:
            return door
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (now, door)
        return door
