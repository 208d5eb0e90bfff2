"""Watchbill's alarms on itself, raised as alerts where the first people are: they page like any other."""

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.usecases.alerts import Arrival, receive
from watchbill.usecases.ports import Tx

# What the deduplication keys of our own alarms begin with.
KEYS = "watchbill/"


def self_alarm(tx: Tx, name: str, text: str, on: bool, now: int) -> None:
    """Opens, or with `on` false resolves, the incident of one alarm, if it is open: a node that died may have left it.

    Does nothing before the first organization.
    """
    home = _home(tx)
    if home is None or (not on and not tx.open_incidents([(home, f"{KEYS}{name}")])):
        return
    event = AlertEvent(
        signal=Signal.CRITICAL if on else Signal.RECOVERY,
        key=f"{KEYS}{name}",
        title=f"Watchbill: {text}",
        message=text,
        routing_key="watchbill",
        tool="Watchbill",
        raw=text.encode(),
        content_type="text/plain",
    )
    receive(tx, [Arrival(home, "watchbill", event)], now)


def _home(tx: Tx) -> int | None:
    """The first organization that is nobody's partner: a partner may have no people, and so nobody to page."""
    known = tx.organizations(tx.organization_numbers())
    partners = {org.parent for org in known.values()}
    return min((number for number in known if number not in partners), default=None)
