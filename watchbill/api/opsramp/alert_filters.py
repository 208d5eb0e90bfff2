"""Which alerts a search is for (reference, part 5.5). State and action names are compared without case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.alert_ids import alert_number
from watchbill.api.opsramp.alert_wire import (
    Fields,
    Shown,
    app_of,
    priority_of,
    state_of,
    status_history,
    status_of,
    updated_at,
)
from watchbill.api.opsramp.query import alternatives, filters, span, within
from watchbill.api.opsramp.tenancy import tenant_id
from watchbill.api.opsramp.times import moment
from watchbill.asgi.requests import Call
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY
from watchbill.domain.incident import Incident

KEYS = (
    *("states", "startDate", "endDate", "priority", "uniqueId", "deviceStatus", "resourceType", "resourceIds"),
    *("actions", "alertTypes", "metrics", "duration", "alertTimeBase", "clientIds", "ticketId", "apps"),
)
HISTORY_WORDS = ("acknowledged", "suppressed", "ticketed", "closed")
HISTORY_KEYS = (
    "createdBy",
    *(f"{word}By" for word in HISTORY_WORDS),
    *(f"{side}{word.title()}Time" for word in HISTORY_WORDS for side in ("start", "end")),
)
# The status that an action leads to; those of part 5.5 that we have no status for fit nothing.
STATUSES = {"open": "new", "ignore": "suppressed"}
SIGNALS = {"warning": Signal.WARNING, "critical": Signal.CRITICAL, "info": Signal.INFO}
LONGEST_DURATION = 3660

Test = Callable[[Shown], bool]

# What is compared with the alternatives of a key, in lower case.
VALUES: Mapping[str, Callable[[Shown], str]] = {
    "states": lambda shown: state_of(shown[1]),
    "priority": lambda shown: priority_of(shown[2]),
    "uniqueId": lambda shown: str(alert_number(shown[1])),
    "resourceType": lambda shown: _field(shown[2], "resource.resourceType"),
    "resourceIds": lambda shown: _field(shown[2], "resource.id"),
    "alertTypes": lambda shown: _field(shown[2], "alertType"),
    "metrics": lambda shown: _field(shown[2], "metric") or shown[1].service,
    "clientIds": lambda shown: tenant_id(shown[0]),
    "ticketId": lambda shown: ids.numbered(ids.INCIDENT, shown[1].ticket) if shown[1].ticket is not None else "",
    "apps": lambda shown: app_of(shown[1], shown[2]),
    "actions": lambda shown: status_of(shown[1]),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`tests` all hold of an alert that is wanted; none: all are. `states` and `opened`, from and until, are what the
    store can look for itself."""

    tests: tuple[Test, ...]
    states: tuple[Signal, ...] = ()
    opened: tuple[int | None, int | None] = (None, None)

    def __call__(self, shown: Shown) -> bool:
        return all(test(shown) for test in self.tests)


def wanted(call: Call) -> Wanted:
    """Raises Invalid for a time that is none."""
    given = dict(filters(call, KEYS))
    tests = [_one_of(VALUES[key], _alternatives(key, value)) for key, value in given.items() if key in VALUES]
    window = _window(given, call.now)
    by_creation = given.get("alertTimeBase", "").lower() == "created"
    if window != (None, None):
        at: Callable[[Incident], int] = (lambda one: one.opened_at) if by_creation else updated_at
        tests.append(lambda shown: within(at(shown[1]), window))
    tests += _history(filters(call, HISTORY_KEYS, "statusHistory"))
    opened = window if by_creation else (None, window[1])
    return Wanted(tuple(tests), _signals(given.get("states")), opened)


def _alternatives(key: str, value: str) -> frozenset[str]:
    found = alternatives(value)
    return frozenset(STATUSES.get(one, one) for one in found) if key == "actions" else found


def _one_of(value: Callable[[Shown], str], any_of: frozenset[str]) -> Test:
    return lambda shown: value(shown).lower() in any_of


def _field(fields: Fields, name: str) -> str:
    return str(fields.get(name) or "")


def _window(given: Mapping[str, str], now: int) -> tuple[int | None, int | None]:
    low, high = span(given, "startDate", "endDate")
    days = given.get("duration", "")
    if low is None and days.isascii() and days.isdigit() and len(days) < 6:
        low = now - min(int(days), LONGEST_DURATION) * DAY
    return low, high


def _signals(states: str | None) -> tuple[Signal, ...]:
    """The states that the store can look for; none when Ok is among them, which has several reasons."""
    named = alternatives(states)
    return tuple(SIGNALS[one] for one in sorted(named)) if named and named <= SIGNALS.keys() else ()


def _history(given: Mapping[str, str]) -> list[Test]:
    tests: list[Test] = []
    for word in ("created", *HISTORY_WORDS):
        if f"{word}By" in given:
            tests.append(_one_of(_told(f"{word}By"), alternatives(given[f"{word}By"])))
        window = span(given, f"start{word.title()}Time", f"end{word.title()}Time")
        if window != (None, None):
            tests.append(_when(_told(f"{word}Time"), window))
    return tests


def _told(name: str) -> Callable[[Shown], str]:
    return lambda shown: status_history(shown[1]).get(name, "")


def _when(told: Callable[[Shown], str], window: tuple[int | None, int | None]) -> Test:
    def test(shown: Shown) -> bool:
        text = told(shown)
        return within(moment(text, "") if text else None, window)

    return test
