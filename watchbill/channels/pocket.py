"""The pocket: a simulated phone, to try paging without any provider. It shows what was sent to it.

Its pages live in the memory of one node: with several nodes each shows only what it sent itself, and a
restart empties it. Nothing is lost by that; the pages themselves are kept with their incidents.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from watchbill.channels.registry import Description, Field
from watchbill.domain.delivery import Message, Outcome, Verdict

_KEPT_PER_POCKET = 50
_KEPT_POCKETS = 1_000
_WAITING_PER_LISTENER = 100

DESCRIPTION = Description(
    channel="pocket",
    label="Pocket (simulated phone)",
    contact_kind="pocket",
    fields=(Field("address", "Name", "a short name, such as ann"),),
    replies=True,
)


def _silent(message: Message) -> None:
    """Says nothing."""


class Pocket:
    """`say` is told of every page as well, to print it; what it raises is ignored."""

    name = "pocket"
    description = DESCRIPTION

    def __init__(self, say: Callable[[Message], None] = _silent) -> None:
        self._say = say
        self._pockets: OrderedDict[str, deque[Message]] = OrderedDict()
        self._listeners: set[asyncio.Queue[Message]] = set()

    def check_address(self, address: str) -> str | None:
        if not 0 < len(address) <= 64 or not address.isprintable() or address != address.strip():
            return "a pocket needs a short name, such as ann"
        return None

    async def send(self, message: Message) -> Verdict:
        wrong = self.check_address(message.address)
        if wrong:
            return Verdict(Outcome.NEVER, wrong)
        self._keep(message)
        for queue in self._listeners:
            # A listener that does not keep up misses the oldest; it must not slow a send.
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)
        try:
            self._say(message)
        except Exception:
            return Verdict(Outcome.ACCEPTED, "in the pocket, but it could not be printed")
        return Verdict(Outcome.ACCEPTED, "in the pocket")

    def recent(self, address: str) -> tuple[Message, ...]:
        """The newest pages of a pocket, the newest first. A page sent twice is shown once."""
        return tuple(reversed(self._pockets.get(address, ())))

    @contextmanager
    def listen(self) -> Iterator[AsyncIterator[Message]]:
        """`with pocket.listen() as pages: async for page in pages`: every page of any pocket from here on."""
        queue: asyncio.Queue[Message] = asyncio.Queue(_WAITING_PER_LISTENER)
        self._listeners.add(queue)
        try:
            yield _pages(queue)
        finally:
            self._listeners.discard(queue)

    async def close(self) -> None:
        self._listeners.clear()

    def _keep(self, message: Message) -> None:
        known = self._pockets.pop(message.address, deque())
        others = (page for page in known if page.delivery_id != message.delivery_id)
        self._pockets[message.address] = deque((*others, message), maxlen=_KEPT_PER_POCKET)
        if len(self._pockets) > _KEPT_POCKETS:
            self._pockets.popitem(last=False)


async def _pages(queue: asyncio.Queue[Message]) -> AsyncIterator[Message]:
    while True:
        yield await queue.get()
