"""Alert rules: what changes an alert before anything is decided on it (VictorOps reference, part 4.12).

Rules are asked from top to bottom, each seeing the fields as those above have left them; first the rules for every
alert, then those of the routing key that the alert has by then. A matching rule with the stop flag ends the run.

Fields have the names that VictorOps' senders use, whatever the alert came in as; any other name is a field as it was
received, an attribute by our own name, or a tag.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import lru_cache
from typing import Any

import re2

from watchbill.domain.alert import (
    FIELD,
    MESSAGE,
    TITLE,
    AlertEvent,
    AnnotationKind,
    Signal,
    annotation,
    fitted_key,
    text_of,
)
from watchbill.domain.civil import utc
from watchbill.domain.patterns import pattern
from watchbill.domain.record import replace
from watchbill.domain.routes import Op

SIGNALS: Mapping[str, Signal] = {
    "CRITICAL": Signal.CRITICAL,
    "WARNING": Signal.WARNING,
    "INFO": Signal.INFO,
    "ACKNOWLEDGEMENT": Signal.ACKNOWLEDGEMENT,
    "ACKNOWLEDGED": Signal.ACKNOWLEDGEMENT,
    "ACK": Signal.ACKNOWLEDGEMENT,
    "RECOVERY": Signal.RECOVERY,
    "OK": Signal.RECOVERY,
}

# Which attribute of an alert a field is.
ATTRIBUTES: Mapping[str, str] = {
    "message_type": "signal",
    "entity_id": "key",
    "entity_display_name": "title",
    "state_message": "message",
    "routing_key": "routing_key",
    "monitoring_tool": "tool",
    "monitor_name": "monitor",
    "host_name": "host",
    "hostname": "host",
    "service": "service",
    "ack_author": "author",
    "ack_msg": "note",
    "ack_message": "note",
}
OWN_NAMES = ("key", "title", "message", "tool", "monitor", "host", "author", "note")
# What these are is told by the alert's type and by the moment, unless the sender told it.
MADE: Mapping[str, Callable[[AlertEvent, int], str]] = {
    "entity_state": lambda event, now: event.signal.upper(),
    "alert_type": lambda event, now: event.signal.upper(),
    "alert_received_time_utc": lambda event, now: utc(now).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "alert_received_week_time_utc": lambda event, now: utc(now).strftime("%G-W%V-%uT%H:%M:%SZ"),
}
LIMITS: Mapping[str, int] = {"title": TITLE, "message": MESSAGE}

LONGEST_REGEX = 128
LONGEST_WILDCARD = 1024
# RE2 needs time for the length of a text times the size of an expression, which a few characters can make huge: of one
# expression, and of all that an alert may have to be compared with.
LARGEST_PROGRAM = 500
LARGEST_PROGRAMS = 20_000
MOST_RULES = 1000
MOST_ACTIONS = 100

VARIABLE = re.compile(r"[$\\]\{\{\s*([^{}]{1,200}?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Action:
    """Sets a field of the alert; or, with a kind, adds an annotation whose label is `field`. In `value`, `${{name}}`
    stands for a field of the alert and `${{1}}` for what the first group of the rule's expression matched."""

    field: str
    value: str
    annotation: AnnotationKind | None = None


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Acts on alerts whose `field` fits `value` as a whole: a wildcard (`*` is any run of characters) or a regular
    expression. With a `routing_key` (a name, capitals don't count), only on alerts that have it. The lowest `order` is
    on top; of equals, the newest."""

    id: str
    number: int
    field: str
    value: str
    match: Op = Op.WILDCARD
    order: int = 1
    routing_key: str = ""
    actions: tuple[Action, ...] = ()
    stop: bool = False
    active: bool = True
    notes: str = ""
    updated_at: int = 0
    updated_by: str = ""
    settings: Mapping[str, object] = attribute(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call it: nobody gives it a name."""
        return f"{self.field} {self.value}"


Fits = Callable[[str], Sequence[str] | None]
"""The groups that matched, the whole first; None when the text does not fit."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The active rules of an organization, made ready: those for every alert, and those of a routing key by its name
    in lower case."""

    general: tuple[tuple[AlertRule, Fits], ...] = ()
    of_key: Mapping[str, tuple[tuple[AlertRule, Fits], ...]] = attribute(default_factory=dict)

    def applied(self, event: AlertEvent, now: int) -> AlertEvent:
        """The alert as the rules leave it."""
        event, stopped = _run(self.general, event, now)
        if stopped or not self.of_key:
            return event
        return _run(self.of_key.get((event.routing_key or "").lower(), ()), event, now)[0]


def compiled(rules: Iterable[AlertRule]) -> Ruleset:
    general: list[tuple[AlertRule, Fits]] = []
    of_key: dict[str, list[tuple[AlertRule, Fits]]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.order, -rule.number)):
        if rule.active:
            place = of_key.setdefault(rule.routing_key.lower(), []) if rule.routing_key else general
            place.append((rule, fits_of(rule)))
    return Ruleset(tuple(general), {name: tuple(ready) for name, ready in of_key.items()})


def fits_of(rule: AlertRule) -> Fits:
    """An expression that RE2 does not take fits nothing: it was kept by a version that took it."""
    if rule.match is Op.WILDCARD:
        return _wildcard(rule.value)
    try:
        expression = pattern(rule.value, False)
    except re2.error:
        return lambda text: None

    def fits(text: str) -> Sequence[str] | None:
        found = expression.fullmatch(text)
        return None if found is None else [found[0], *(group or "" for group in found.groups())]

    return fits


def _wildcard(value: str) -> Fits:
    """By searching one part after the other: many times as fast as an expression."""
    first, *rest = value.split("*")
    middle, last = rest[:-1], rest[-1] if rest else ""

    def fits(text: str) -> Sequence[str] | None:
        if not rest:
            return (text,) if text == first else None
        at, end = len(first), len(text) - len(last)
        if at > end or not (text.startswith(first) and text.endswith(last)):
            return None
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return None
            at = found + len(part)
        return (text,)

    return fits


def size_of(rules: Iterable[AlertRule]) -> int:
    """Of their expressions together; those that are none don't count."""
    return sum(_size(rule.value) for rule in rules if rule.match is Op.REGEX)


@lru_cache(maxsize=4096)
def _size(source: str) -> int:
    try:
        return int(pattern(source, False).programsize)
    except re2.error:
        return 0


def _run(rules: Iterable[tuple[AlertRule, Fits]], event: AlertEvent, now: int) -> tuple[AlertEvent, bool]:
    """The alert as these rules leave it, and whether one of them stopped the run."""
    for rule, fits in rules:
        value = value_of(event, rule.field, now)
        groups = None if value is None else fits(value)
        if groups is None:
            continue
        for action in rule.actions:
            event = _done(event, action, _filled(action.value, event, groups, now))
        event = replace(event, rules=(*event.rules, rule.number))
        if rule.stop:
            return event, True
    return event, False


def value_of(event: AlertEvent, name: str, now: int) -> str | None:
    """A field as text; None when the alert has none of that name."""
    own = ATTRIBUTES.get(name)
    if own == "signal":
        return event.signal.upper()
    if own is not None:
        return getattr(event, own) or None
    if name in event.fields:
        value = event.fields[name]
        return None if value is None else text_of(value)
    if name in MADE:
        return MADE[name](event, now)
    if name in OWN_NAMES:
        return getattr(event, name) or None
    return event.tags.get(name)


def _filled(template: str, event: AlertEvent, groups: Sequence[str], now: int) -> str:
    """A field that is missing is nothing."""

    def meant(found: re.Match[str]) -> str:
        name = found[1]
        if name.isdecimal() and len(name) < 4 and int(name) < len(groups):
            return groups[int(name)]
        return value_of(event, name, now) or ""

    return VARIABLE.sub(meant, template)


def _done(event: AlertEvent, action: Action, value: str) -> AlertEvent:
    if action.annotation is not None:
        return replace(event, annotations=(*event.annotations, annotation(action.annotation, action.field, value)))
    own = ATTRIBUTES.get(action.field)
    told = value[: LIMITS.get(own or "", FIELD)]
    fields = {**event.fields, action.field: told}
    if own is None:
        return replace(event, fields=fields, tags={**event.tags, action.field: told})
    if own == "signal":
        return replace(event, fields=fields, signal=SIGNALS.get(value.strip().upper(), Signal.INFO))
    if own == "key":
        return replace(event, fields=fields, key=fitted_key(value) or event.key)
    if own == "routing_key":
        return replace(event, fields=fields, routing_key=told or None)
    changes: dict[str, Any] = {own: told}
    return replace(event, fields=fields, **changes)


def placed(rules: Iterable[AlertRule], rule: AlertRule) -> list[AlertRule]:
    """The rule at its place, and those that give way to it, each one further down, as far as the place is taken."""
    changed = [rule]
    for other in sorted(rules, key=lambda other: (other.order, -other.number)):
        if other.id != rule.id and other.order == changed[-1].order:
            changed.append(replace(other, order=other.order + 1))
    return changed
