"""Shapes: how one kind of value is read from a node of the file and shown again, so that both ways stand together.

A shape that can't read raises Wrong with everything that is wrong below it. A Record reads to a draft: a dict of the
attributes that the file states, for `identity.py` to complete from what exists.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from math import isinf
from typing import Any, Protocol

from watchbill.cli.orgfile import times
from watchbill.cli.orgfile.nodes import Fields, Items, Mistake, Node, Plain, Scalar, Wrong
from watchbill.domain.civil import Window

Draft = dict[str, Any]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
MOST_DIGITS = 20
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact method that a paging rule may name. Those that the file gives are numbered "#0", "#1", …"""

    id: str
    kind: str
    address: str
    label: str

    @property
    def is_new(self) -> bool:
        return self.id.startswith("#")


@dataclass(frozen=True, slots=True)
class Context:
    """What reading and showing need to know around a value: ids by name (lower case) and names by id, for each kind of
    entity; the zone of times without one; zones of schedules; contacts of the person; whether secrets are shown."""

    ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: str = "UTC"
    zones: Mapping[str, str] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    secrets: bool = False


class Shape(Protocol):
    def read(self, node: Node, context: Context) -> Any: ...
    def show(self, value: Any, context: Context) -> Plain: ...


def gathered(readers: Sequence[Callable[[], Any]]) -> list[Any]:
    """All results; or Wrong with the mistakes of all readers, not of the first."""
    results: list[Any] = []
    mistakes: list[Mistake] = []
    for reader in readers:
        try:
            results.append(reader())
        except Wrong as wrong:
            mistakes += wrong.mistakes
    if mistakes:
        raise Wrong(*mistakes)
    return results


def text_of(node: Node, what: str) -> str:
    if not isinstance(node, Scalar) or node.is_null:
        raise node.wrong(f"This should be {what}.")
    return node.text


# --- Single values


@dataclass(frozen=True, slots=True)
class Text:
    what: str = "a text"

    def read(self, node: Node, context: Context) -> str:
        return text_of(node, self.what)

    def show(self, value: str, context: Context) -> Plain:
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    def read(self, node: Node, context: Context) -> bool:
        if not isinstance(node, Scalar) or not node.plain or node.text not in ("true", "false"):
            raise node.wrong("This should be true or false.")
        return node.text == "true"

    def show(self, value: bool, context: Context) -> Plain:
        return value


@dataclass(frozen=True, slots=True)
class Count:
    def read(self, node: Node, context: Context) -> int:
        if not isinstance(node, Scalar) or not node.plain or not _INTEGER.fullmatch(node.text):
            raise node.wrong("This should be a whole number, such as 3.")
        return int(node.text)

    def show(self, value: int, context: Context) -> Plain:
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of an enumeration."""

    words: type[StrEnum]

    def read(self, node: Node, context: Context) -> StrEnum:
        listed = ", ".join(self.words)
        text = text_of(node, f"one of {listed}")
        if text not in set(self.words):
            raise node.wrong(f"'{text}' should be one of {listed}.")
        return self.words(text)

    def show(self, value: StrEnum, context: Context) -> Plain:
        return str(value)


@dataclass(frozen=True, slots=True)
class Written:
    """A value with a notation of its own."""

    what: str
    reader: Callable[[str], Any]
    shower: Callable[[Any], str]

    def read(self, node: Node, context: Context) -> Any:
        text = text_of(node, self.what)
        value = self.reader(text)
        if value is None:
            raise node.wrong(f"'{text}' should be {self.what}.")
        return value

    def show(self, value: Any, context: Context) -> Plain:
        return self.shower(value)


DURATION = Written("a duration, such as 30s, 5m or 1h30m", times.read_duration, times.show_duration)
INTERVAL = Written("the length of a turn, such as 1w, 1d or 12h", times.read_interval, times.show_interval)


@dataclass(frozen=True, slots=True)
class Instant:
    def read(self, node: Node, context: Context) -> int:
        what = "a time, such as 2026-01-05T09:00 or 2026-01-05T09:00+01:00"
        text = text_of(node, what)
        at = times.read_instant(text, context.zone)
        if at is None:
            raise node.wrong(f"'{text}' should be {what}.")
        return at

    def show(self, value: int, context: Context) -> Plain:
        return times.show_instant(value, context.zone)


@dataclass(frozen=True, slots=True)
class Windows:
    """A list of texts; some of them mean several windows."""

    def read(self, node: Node, context: Context) -> tuple[Window, ...]:
        listed = ListOf(Written("weekly hours, such as 'mon-fri 09:00-17:00'", times.read_windows, str))
        return tuple(window for windows in listed.read(node, context) for window in windows)

    def show(self, value: tuple[Window, ...], context: Context) -> Plain:
        return times.show_windows(value)


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of another thing of the organization."""

    kind: str
    what: str

    def read(self, node: Node, context: Context) -> str:
        text = text_of(node, f"the name of a {self.what}")
        known = context.ids.get(self.kind, {})
        id = known.get(text.lower())
        if id is None:
            raise node.wrong(f"There is no {self.what} '{text}'. {self._advice(text, known)}")
        return id

    def _advice(self, text: str, known: Mapping[str, str]) -> str:
        near = get_close_matches(text.lower(), known, 1)
        if near:
            return f"Did you mean '{near[0]}'?"
        return f"Name one that exists, or add it to this file; known: {', '.join(list(known)[:10]) or 'none'}."

    def show(self, value: str, context: Context) -> Plain:
        return context.names.get(self.kind, {}).get(value, value)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any plain value, as in JSON."""

    def read(self, node: Node, context: Context) -> Any:
        if isinstance(node, Items):
            return [self.read(item, context) for item in node.items]
        if isinstance(node, Fields):
            return {name: self.read(value, context) for name, value in node.fields.items()}
        assert isinstance(node, Scalar)
        return _json(node)

    def show(self, value: Any, context: Context) -> Plain:
        if isinstance(value, Mapping):
            return {name: self.show(inner, context) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.show(inner, context) for inner in value]
        return value


def _json(node: Scalar) -> Plain:
    if not node.plain:
        return node.text
    if node.is_null:
        return None
    if node.text in ("true", "false"):
        return node.text == "true"
    return _number(node) if _NUMBER.fullmatch(node.text) else node.text


def _number(node: Scalar) -> int | float:
    """Kept as it is written, or refused: a whole number that 64 bits don't hold would come back as another one."""
    digits = node.text.removeprefix("-")
    number = int(node.text) if digits.isdigit() and len(digits) <= MOST_DIGITS else float(node.text)
    if isinf(number) or (digits.isdigit() and not -(2**63) <= number < 2**64):
        raise node.wrong("The number is too large to be kept. Put it in quotes.")
    return number


@dataclass(frozen=True, slots=True)
class FreeFields:
    """A mapping of any plain values."""

    def read(self, node: Node, context: Context) -> Any:
        if not isinstance(node, Fields):
            raise node.wrong("This should be a mapping of names to values.")
        return Anything().read(node, context)

    def show(self, value: Mapping[str, Any], context: Context) -> Plain:
        return Anything().show(value, context)


# --- Values of values


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape

    def read(self, node: Node, context: Context) -> tuple[Any, ...]:
        if not isinstance(node, Items):
            raise node.wrong("This should be a list. Write [..., ...], or one item a line after '- '.")
        return tuple(gathered([lambda item=item: self.item.read(item, context) for item in node.items]))  # type: ignore[misc]

    def show(self, value: Sequence[Any], context: Context) -> Plain:
        return [self.item.show(item, context) for item in value]


@dataclass(frozen=True, slots=True)
class SetOf:
    """A list whose order says nothing."""

    item: Shape

    def read(self, node: Node, context: Context) -> frozenset[Any]:
        return frozenset(ListOf(self.item).read(node, context))

    def show(self, value: frozenset[Any], context: Context) -> Plain:
        return sorted(self.item.show(item, context) for item in value)


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value, or null for none."""

    inner: Shape

    def read(self, node: Node, context: Context) -> Any:
        if isinstance(node, Scalar) and node.is_null:
            return None
        return self.inner.read(node, context)

    def show(self, value: Any, context: Context) -> Plain:
        return None if value is None else self.inner.show(value, context)
