"""What a node does not need to begin, so that it answers soon: it is loaded, in a thread, when it is first asked for or
once the node has begun."""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from watchbill.channels.registry import Channel, Description
from watchbill.domain.delivery import Message, Verdict

T = TypeVar("T")


class Late(Generic[T]):
    """Made once, whoever asks first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = Lock()
        self.made: T | None = None

    def load(self) -> T:
        """In the thread that asks; it may take a tenth of a second."""
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made

    async def get(self) -> T:
        if self.made is None:
            return await asyncio.to_thread(self.load)
        return self.made


class LateChannel:
    """A provider whose module comes late."""

    def __init__(self, name: str, description: Description, late: Late[Channel]) -> None:
        self.name = name
        self.description = description
        self._late = late

    def check_address(self, address: str) -> str | None:
        return self._late.load().check_address(address)

    async def send(self, message: Message) -> Verdict:
        return await (await self._late.get()).send(message)

    async def close(self) -> None:
        if self._late.made is not None:
            await self._late.made.close()
