"""Pages that leave with the decision that asks for them: claimed in its transaction, sent after its commit."""

from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, TypeVar

from watchbill.engine.loop import LONGEST_NAP
from watchbill.engine.sender import Sender
from watchbill.usecases.departing import release
from watchbill.usecases.keep import Kept
from watchbill.usecases.ports import Tx

T = TypeVar("T")


class Departures:
    """`wake`: makes the loops look for what is due."""

    def __init__(self, node: str, sender: Sender, clock: Callable[[], int], wake: Callable[[], None]) -> None:
        self._node = node
        self._sender = sender
        self._clock = clock
        self._wake = wake

    def claiming(self, decide: Callable[[Tx, int, str | None], T], now: int) -> Callable[[Tx], T]:
        """The decision as a transaction that claims new pages for this node, while it has room for them.

        When it is run again the connection may have broken during its commit. What it claimed then would wait for the
        lease: it is let go.
        """
        node = self._node if self._sender.has_room else None
        runs = count()

        def decided(tx: Tx) -> T:
            if next(runs) and node is not None:
                release(tx, node, now)
            return decide(tx, now, node)

        return decided

    async def carried_through(self, work: Coroutine[Any, Any, T]) -> T:
        """Work that claims pages and begins to send them, also when whoever waits for it is told to end."""
        return await self._sender.carried_through(work)

    def begin(self, kept: Kept) -> None:
        """After the commit. The loops are woken only for what is due before they look by themselves."""
        self._sender.begin(kept.sends)
        if kept.next_due is not None and kept.next_due - self._clock() < LONGEST_NAP:
            self._wake()
