"""Watchbill's alarms on itself, raised as alerts in the first organization: they page like any other."""

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.usecases.alerts import Arrival, receive
from watchbill.usecases.ports import Tx


def self_alarm(tx: Tx, name: str, text: str, on: bool, now: int) -> None:
    """Opens, or with `on` false resolves, the incident of one alarm. Does nothing before the first organization."""
    numbers = tx.organization_numbers()
    if not numbers:
        return
    event = AlertEvent(
        signal=Signal.CRITICAL if on else Signal.RECOVERY,
        key=f"watchbill/{name}",
        title=f"Watchbill: {text}",
        message=text,
        routing_key="watchbill",
        tool="Watchbill",
        raw=text.encode(),
        content_type="text/plain",
    )
    receive(tx, [Arrival(numbers[0], "watchbill", event)], now)
