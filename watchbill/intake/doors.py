"""Which integration a key in an address belongs to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from watchbill.domain.alert import Signal
from watchbill.domain.civil import SECOND
from watchbill.domain.organization import Integration
from watchbill.usecases.keys import digest

# A key that was withdrawn is honoured this long on other nodes: better one alert too many.
FRESH = 2 * SECOND
# From then on it is looked up again while what is known still serves: nobody has to wait for that.
AGEING = FRESH // 2
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
    """Remembers look-ups, of unknown keys too, for two seconds. All who wait for a key share one look-up: a crowd of
    senders comes back at once, and mostly with one key."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[str, Known] = {}
        self._looking: dict[str, asyncio.Task[Door | None]] = {}

    def known(self, key: str, now: int) -> Known | None:
        """What is remembered of a key; None when it has to be looked up."""
        known = self._known.get(key)
        if known is None or not 0 <= now - known[0] < FRESH:
            return None
        if now - known[0] >= AGEING:
            self._shared(key, now)
        return known

    async def of(self, key: str, now: int) -> Door | None:
        known = self.known(key, now)
        return known[1] if known is not None else await asyncio.shield(self._shared(key, now))

    def _shared(self, key: str, now: int) -> asyncio.Task[Door | None]:
        looking = self._looking.get(key)
        if looking is None:
            looking = self._looking[key] = asyncio.create_task(self._look_up(key, now))
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever waits has it
        return looking

    async def _look_up(self, key: str, now: int) -> Door | None:
        try:
            door = await self._find(digest(key))
        finally:
            del self._looking[key]
        if len(key) <= LONGEST_REMEMBERED:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = (now, door)
        return door
