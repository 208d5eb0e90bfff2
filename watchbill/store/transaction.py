"""One transaction, put together from its parts."""

from watchbill.store.alerts import Alerts
from watchbill.store.credentials import Credentials
from watchbill.store.housekeeping import Housekeeping
from watchbill.store.saving import Saving


class Transaction(Saving, Housekeeping, Alerts, Credentials):
    """Fits the port `Tx`."""
