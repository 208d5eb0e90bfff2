"""Alerts from anything that can post JSON, read by a mapping of fields."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from typing import TypeVar

from watchbill.domain.alert import AlertEvent, Annotation, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.mapping import WORDS, FieldMapping, Sources, is_path, literal, steps
from watchbill.domain.people import Urgency
from watchbill.intake.fields import (
    FIELD,
    MESSAGE,
    TITLE,
    annotation,
    as_object,
    as_text,
    clean,
    fitted_fields,
    fitted_key,
    instant_of,
    json_value,
    scalar_text,
)

MOST = 1_000
"""Events in one body."""

JSON = "application/json"
LINES = "application/x-ndjson"

URGENCIES: Mapping[str, Urgency] = {urgency.value: urgency for urgency in Urgency}

Told = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fallback:
    """What an alert is where its fields don't say. The URL's routing key is no fallback: it counts before any other."""

    new_key: Callable[[], str]
    url_routing_key: str | None = None
    signal: Signal = Signal.CRITICAL
    title: str = ""
    message: str = ""
    tool: str = ""
    observed_at: int | None = None


def parse(body: bytes, mapping: FieldMapping, routing_key: str | None, new_key: Callable[[], str]) -> list[AlertEvent]:
    """The events of a body: one object, an array of them, one object a line, or the list at the mapping's `items`."""
    reader = reader_of(mapping)
    fallback = Fallback(new_key, clean(routing_key or "")[:FIELD] or None)
    told, content_type, place = _objects(body, mapping.items)
    _bounded(len(told))
    events = [reader.read(as_object(one, place(n)), fallback) for n, one in enumerate(told)]
    if events:
        events[0] = replace(events[0], raw=body, content_type=content_type)
    return events


class Reader:
    """A mapping made ready: every path taken apart once, so that an event costs only look-ups."""

    def __init__(self, mapping: FieldMapping) -> None:
        words = {**WORDS, **mapping.words}
        urgencies = {**URGENCIES, **mapping.urgencies}
        self._signal = getter(mapping.signal, lambda value: words.get(_word(value)))
        self._key = getter(mapping.key, lambda value: fitted_key(scalar_text(value)))
        self._title = getter(mapping.title, lambda value: scalar_text(value)[:TITLE])
        self._message = getter(mapping.message, lambda value: as_text(value)[:MESSAGE])
        self._routing_key = getter(mapping.routing_key, _short)
        self._state_started_at = getter(mapping.state_started_at, instant_of)
        self._observed_at = getter(mapping.observed_at, instant_of)
        self._tool = getter(mapping.tool, _short)
        self._monitor = getter(mapping.monitor, _short)
        self._host = getter(mapping.host, _short)
        self._service = getter(mapping.service, _short)
        self._author = getter(mapping.author, _short)
        self._note = getter(mapping.note, _short)
        self._urgency = getter(mapping.urgency, lambda value: urgencies.get(_word(value)))
        self._tags = getter(mapping.tags, _tags)
        self._annotations = tuple((of, getter(of.sources, as_text)) for of in mapping.annotations)

    def read(self, told: Told, fallback: Fallback) -> AlertEvent:
        """The event that one object tells."""
        fields = fitted_fields(told)
        key = self._key(fields) or fallback.new_key()
        message = self._message(fields) or fallback.message
        return AlertEvent(
            signal=self._signal(fields) or fallback.signal,
            key=key,
            title=self._title(fields) or fallback.title or _first_line(message) or key,
            message=message,
            routing_key=fallback.url_routing_key or self._routing_key(fields) or None,
            state_started_at=self._state_started_at(fields),
            observed_at=self._observed_at(fields) or fallback.observed_at,
            tool=self._tool(fields) or fallback.tool,
            monitor=self._monitor(fields),
            host=self._host(fields),
            service=self._service(fields),
            author=self._author(fields),
            note=self._note(fields),
            urgency=self._urgency(fields),
            annotations=self._read_annotations(fields),
            tags=self._tags(fields),
            fields=fields,
        )

    def _read_annotations(self, fields: Told) -> tuple[Annotation, ...]:
        return tuple([annotation(of.kind, of.label, text) for of, get in self._annotations if (text := get(fields))])


@lru_cache(maxsize=1024)
def reader_of(mapping: FieldMapping) -> Reader:
    """The reader of a mapping; an integration keeps its mapping for months."""
    return Reader(mapping)


def getter(sources: Sources, read: Callable[[object], T]) -> Callable[[Told], T]:
    """Gets what `read` makes of the first alternative that is there and that `read` can make something of.

    A literal is always there: what stands behind one is never asked.
    """
    ways = [(str(path[0]), path[1:]) for path in map(steps, takewhile(is_path, sources))]
    default = read(next((literal(source) for source in sources if not is_path(source)), ""))

    def get(told: Told) -> T:
        for name, rest in ways:
            if name in told and (value := read(walk(told[name], rest) if rest else told[name])):
                return value
        return default

    return get


def walk(told: object, path: Iterable[str | int]) -> object:
    """The value at the end of a path; None when the path leads nowhere."""
    for step in path:
        if isinstance(told, dict) and isinstance(step, str):
            told = told.get(step)
        elif isinstance(told, list) and isinstance(step, int) and step < len(told):
            told = told[step]
        else:
            return None
    return told


def _short(value: object) -> str:
    return scalar_text(value)[:FIELD]


def _word(value: object) -> str:
    return scalar_text(value).strip().lower()


def _first_line(text: str) -> str:
    return text.lstrip().partition("\n")[0].rstrip()[:TITLE]


def _tags(value: object) -> dict[str, str]:
    """Tags come as an object, as an array of `name:value`, or as such with commas between; a value may be missing."""
    if isinstance(value, dict):
        return {name: text for name, inner in value.items() if (text := _short(inner))}
    words = value if isinstance(value, list) else scalar_text(value).split(",")
    pairs = (_short(word).partition(":") for word in words)
    return {name.strip(): text.strip() for name, _, text in pairs if name.strip()}


def _objects(body: bytes, items: str) -> tuple[list[object], str, Callable[[int], str]]:
    """The objects of a body, its content type, and how the place of the n-th is named in a refusal."""
    try:
        told = json_value(body)
    except Invalid:
        lines = [(n, line) for n, line in enumerate(body.split(b"\n"), 1) if line.strip()]
        if items or len(lines) < 2 or not _is_object(lines[0][1]):
            raise
        return _of_lines(lines), LINES, lambda n: f"line {lines[n][0]}"
    if items:
        told = walk(told, steps(items))
    if isinstance(told, list):
        return told, JSON, lambda n: f"{items}[{n}]"
    return [told], JSON, lambda _: items or "the body"


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json_value(line), dict)
    except Invalid:
        return False


def _of_lines(lines: list[tuple[int, bytes]]) -> list[object]:
    _bounded(len(lines))
    told: list[object] = []
    for n, line in lines:
        try:
            told.append(json_value(line))
        except Invalid as refusal:
            raise Invalid(f"line {n}: {refusal.message}") from None
    return told


def _bounded(number: int) -> None:
    if number > MOST:
        raise TooLarge(f"at most {MOST:,} events in one body, got {number:,}")
