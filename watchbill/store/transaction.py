"""One transaction, put together from its parts."""

from collections.abc import Callable

from watchbill.store.alerts import Alerts
from watchbill.store.credentials import Credentials
from watchbill.store.housekeeping import Housekeeping
from watchbill.store.saving import Saving
from watchbill.store.seats import Seats
from watchbill.store.training import Training


class Transaction(Saving, Housekeeping, Alerts, Credentials, Seats, Training):
    """Fits the port `Tx`."""

    def clock_offset(self, clock: Callable[[], int]) -> int:
        """How far the database's clock is ahead of this one, taken halfway between asking and hearing."""
        asked = clock()
        theirs = self._session.clock()
        return 0 if theirs is None else theirs - (asked + clock()) // 2
