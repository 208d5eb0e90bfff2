"""What rules ask of an alert: conditions, made ready once for many alerts."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from watchbill.domain.alert import AlertEvent, text_of
from watchbill.domain.patterns import pattern, wildcard_source
from watchbill.domain.routes import Condition, Join, Op

Values = Callable[[str], Sequence[str]]
"""What there is under a name: nothing, or one text or more."""

Facts = Callable[[str], str | None]
"""What is known besides, asked by name; None: nothing (see `domain/facts.py`)."""

Check = Callable[[Values], bool]
Test = Callable[[str], bool]


def compiled(condition: Condition) -> Check:
    """Of several values under a name one that fits is enough. A field that is not there fits no test but a NONE of
    it."""
    if condition.join is Join.TEST:
        return _test(condition.field, TESTS[condition.op](condition.value, condition.ignore_case))
    return _join(tuple(map(compiled, condition.parts)), *DECIDING[condition.join])


# Which answer of a part decides a join, and what it decides.
DECIDING: Mapping[Join, tuple[bool, bool]] = {
    Join.ALL: (False, False),
    Join.ANY: (True, True),
    Join.NONE: (True, False),
}


def _join(parts: Sequence[Check], deciding: bool, decided: bool) -> Check:
    def check(values: Values) -> bool:
        for part in parts:
            if part(values) is deciding:
                return decided
        return not decided

    return check


def _test(name: str, fits: Test) -> Check:
    def check(values: Values) -> bool:
        for value in values(name):  # noqa: SIM110 - this is asked most of all, and `any` would cost it a generator
            if fits(value):
                return True
        return False

    return check


def no_facts(name: str) -> None:
    """Nothing is known besides."""


def holds(condition: Condition, event: AlertEvent, facts: Facts = no_facts) -> bool:
    """Whether a condition is true of an alert."""
    return compiled(condition)(reader(event, facts))


def reader(event: AlertEvent, facts: Facts) -> Values:
    """What the alert has under a name, looked up once for all rules."""
    known: dict[str, Sequence[str]] = {}

    def values(name: str) -> Sequence[str]:
        found = known.get(name)
        if found is None:
            fact = facts(name)
            found = known[name] = fields_of(event, name) if fact is None else (fact,)
        return found

    return values


ATTRIBUTES: Mapping[str, Callable[[AlertEvent], str]] = {
    "signal": lambda event: event.signal.value,
    "key": lambda event: event.key,
    "title": lambda event: event.title,
    "message": lambda event: event.message,
    "routing_key": lambda event: event.routing_key or "",
    "tool": lambda event: event.tool,
    "monitor": lambda event: event.monitor,
    "host": lambda event: event.host,
    "service": lambda event: event.service,
    "urgency": lambda event: event.urgency.value if event.urgency else "",
}


def fields_of(event: AlertEvent, name: str) -> Sequence[str]:
    """The texts of an alert's field: "tags.NAME", an attribute by our name, or a field as it was received."""
    if name.startswith("tags."):
        tag = event.tags.get(name[5:])
        return () if tag is None else (tag, *event.more_tags.get(name[5:], ()))
    own = ATTRIBUTES.get(name)
    if own is not None:
        return (own(event),)
    value = event.fields.get(name)
    return () if value is None else (text_of(value),)


# The same texts of an alert, which may be long, are compared by one rule after the other.
_folded = lru_cache(maxsize=16)(str.casefold)


def _text(ready: Callable[[str], Test]) -> Callable[[str, bool], Test]:
    """A comparison of texts, made ready for the one that is wanted; without regard to case both are folded."""

    def test(wanted: str, ignore_case: bool) -> Test:
        if not ignore_case:
            return ready(wanted)
        fits = ready(wanted.casefold())
        return lambda value: fits(_folded(value))

    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def is_number(text: str) -> bool:
    return _number(text) is not None


def _numeric(compare: Callable[[float, float], bool]) -> Callable[[str, bool], Test]:
    """A comparison of numbers: nothing else fits."""

    def test(wanted: str, ignore_case: bool) -> Test:
        limit = _number(wanted)

        def fits(value: str) -> bool:
            number = _number(value)
            return number is not None and limit is not None and compare(number, limit)

        return fits

    return test


def _wildcard(wanted: str, ignore_case: bool) -> Test:
    if "?" in wanted:
        return _regex(wildcard_source(wanted), ignore_case)
    return _text(_in_order)(wanted, ignore_case)


def _in_order(wanted: str) -> Test:
    """Whether a text is what a wildcard text without question marks means: the first piece at the beginning, the last
    at the end, the others between them as they come. A fifth of what RE2 takes, most of it to get the text there."""
    first, *pieces = wanted.split("*")
    if not pieces:
        return lambda value: value == wanted
    last = pieces.pop()

    def fits(value: str) -> bool:
        if not value.startswith(first):
            return False
        at = len(first)
        for piece in pieces:
            found = value.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return value.endswith(last) and at + len(last) <= len(value)

    return fits


def _regex(wanted: str, ignore_case: bool) -> Test:
    """Compiled when it is first asked: one that RE2 doesn't take must not stand in the way of all others."""
    return lambda value: bool(pattern(wanted, ignore_case).fullmatch(value))


TESTS: Mapping[Op, Callable[[str, bool], Test]] = {
    Op.EQUALS: _text(lambda wanted: lambda value: value == wanted),
    Op.CONTAINS: _text(lambda wanted: lambda value: wanted in value),
    Op.STARTS_WITH: _text(lambda wanted: lambda value: value.startswith(wanted)),
    Op.ENDS_WITH: _text(lambda wanted: lambda value: value.endswith(wanted)),
    Op.WILDCARD: _wildcard,
    Op.REGEX: _regex,
    Op.EXISTS: lambda wanted, ignore_case: lambda value: True,
    Op.AT_LEAST: _numeric(lambda left, right: left >= right),
    Op.AT_MOST: _numeric(lambda left, right: left <= right),
}
