"""Alerts from anything that can post JSON, read by a mapping of fields."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from typing import Any

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.mapping import WORDS, AnnotationSource, FieldMapping, Sources, is_path, literal, steps
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

SHAPES = 256
"""Combinations of fields a reader knows how to read, of the last that came."""

Told = Mapping[str, object]
Path = tuple[str | int, ...]


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


@dataclass(frozen=True, slots=True)
class Source:
    """Where one attribute is told, and what `read` makes of what is told there.

    The first alternative that is there and that `read` can make something of counts. A literal is always there: what
    stands behind one is never asked.
    """

    ways: tuple[tuple[str, Path], ...]
    read: Callable[[object], Any]
    default: Any

    def among(self, names: Collection[str]) -> Callable[[Told], Any] | None:
        """Reads an object that has these fields, and none of the others that are asked for; None: it says nothing."""
        ways, read, default = [way for way in self.ways if way[0] in names], self.read, self.default
        if not ways and not default:
            return None
        if len(ways) == 1 and not ways[0][1]:
            name = ways[0][0]
            return lambda told: read(told[name]) or default

        def get(told: Told) -> Any:
            for name, rest in ways:
                if value := read(walk(told[name], rest) if rest else told[name]):
                    return value
            return default

        return get


def source(sources: Sources, read: Callable[[object], Any]) -> Source:
    paths = map(steps, takewhile(is_path, sources))
    default = read(next((literal(one) for one in sources if not is_path(one)), ""))
    return Source(tuple((str(path[0]), path[1:]) for path in paths), read, default)


@dataclass(frozen=True, slots=True)
class Shape:
    """How objects that have the same of the fields asked for are read: attributes by their places, and annotations."""

    present: tuple[tuple[int, Callable[[Told], Any]], ...]
    annotations: tuple[tuple[AnnotationSource, Callable[[Told], str]], ...]


class Reader:
    """A mapping made ready: every path taken apart once, and what there is to be looked up told once for all objects
    that have the same fields."""

    def __init__(self, mapping: FieldMapping) -> None:
        words = {**WORDS, **mapping.words}
        urgencies = {**URGENCIES, **mapping.urgencies}
        self._attributes = (
            source(mapping.signal, lambda value: words.get(_word(value))),
            source(mapping.key, lambda value: fitted_key(scalar_text(value))),
            source(mapping.title, lambda value: scalar_text(value)[:TITLE]),
            source(mapping.message, lambda value: as_text(value)[:MESSAGE]),
            source(mapping.routing_key, _short),
            source(mapping.state_started_at, instant_of),
            source(mapping.observed_at, instant_of),
            source(mapping.tool, _short),
            source(mapping.monitor, _short),
            source(mapping.host, _short),
            source(mapping.service, _short),
            source(mapping.author, _short),
            source(mapping.note, _short),
            source(mapping.urgency, lambda value: urgencies.get(_word(value))),
            source(mapping.tags, _tags),
        )
        self._annotations = tuple((of, source(of.sources, as_text)) for of in mapping.annotations)
        self._defaults = [attribute.default for attribute in self._attributes]
        asked = (*self._attributes, *(told for _, told in self._annotations))
        self._names = frozenset(name for one in asked for name, _ in one.ways)
        self._shape = lru_cache(maxsize=SHAPES)(self._shape_of)

    def read(self, told: Told, fallback: Fallback) -> AlertEvent:
        """The event that one object tells."""
        fields = fitted_fields(told)
        shape = self._shape(self._names.intersection(fields))
        values = self._defaults.copy()
        for place, get in shape.present:
            values[place] = get(fields)
        signal, key, title, message, routing_key, state_started_at, observed_at, tool, *others, tags = values
        monitor, host, service, author, note, urgency = others
        key = key or fallback.new_key()
        message = message or fallback.message
        annotations = [annotation(of.kind, of.label, text) for of, get in shape.annotations if (text := get(fields))]
        return AlertEvent(
            signal=signal or fallback.signal,
            key=key,
            title=title or fallback.title or _first_line(message) or key,
            message=message,
            routing_key=fallback.url_routing_key or routing_key or None,
            state_started_at=state_started_at,
            observed_at=observed_at or fallback.observed_at,
            tool=tool or fallback.tool,
            monitor=monitor,
            host=host,
            service=service,
            author=author,
            note=note,
            urgency=urgency,
            annotations=tuple(annotations),
            tags=tags,
            fields=fields,
        )

    def _shape_of(self, names: frozenset[str]) -> Shape:
        present = ((place, one.among(names)) for place, one in enumerate(self._attributes))
        notes = ((of, one.among(names)) for of, one in self._annotations)
        return Shape(tuple((place, get) for place, get in present if get), tuple((of, get) for of, get in notes if get))


@lru_cache(maxsize=1024)
def reader_of(mapping: FieldMapping) -> Reader:
    """The reader of a mapping; an integration keeps its mapping for months."""
    return Reader(mapping)


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
    return value[:FIELD] if type(value) is str else scalar_text(value)[:FIELD]


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
