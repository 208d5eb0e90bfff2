"""Where in a sender's own words an alert is told: data, kept with its integration, checked when it is applied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from watchbill.domain.alert import AnnotationKind, Signal
from watchbill.domain.errors import Invalid
from watchbill.domain.people import Urgency

Sources = tuple[str, ...]

# Words of state only ("firing", "down", "alert") are left out on purpose: they don't outrank a severity told elsewhere.
WORDS: Mapping[str, Signal] = {
    word: signal
    for signal, words in {
        Signal.CRITICAL: "critical crit error err fatal emergency emerg page major high",
        Signal.WARNING: "warning warn minor medium degraded",
        Signal.INFO: "info information informational notice debug low none",
        Signal.ACKNOWLEDGEMENT: "acknowledgement acknowledge acknowledged ack acked",
        Signal.RECOVERY: "recovery recover recovered resolve resolved ok up closed close clear cleared normal healthy",
    }.items()
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class AnnotationSource:
    kind: AnnotationKind
    label: str
    sources: Sources


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where each attribute of an alert is told in a JSON object; by itself, the names that people use anyway.

    An attribute has alternatives. One that starts with `$` is a path from the object (`$.event.id`, `$.hosts[0]`,
    `$["odd name"]`), any other is a literal text; `$$` begins a literal that starts with a dollar. The first
    alternative that is there, and not empty, counts; for `signal` the first whose word is known: "firing" does not say
    how bad it is, so a severity further down decides, and when nothing does the alert is critical.

    `words` and `urgencies` add to the words known without them, lower case. `items` is the path of the list of objects
    in a body; empty means that the body itself is one object, an array of them, or one a line.
    """

    items: str = ""
    signal: Sources = (
        "$.event_action",
        "$.message_type",
        "$.status",
        "$.state",
        "$.severity",
        "$.level",
    )
    key: Sources = ("$.key", "$.dedup_key", "$.id", "$.entity_id", "$.fingerprint")
    title: Sources = ("$.title", "$.summary", "$.entity_display_name", "$.subject", "$.name")
    message: Sources = ("$.message", "$.description", "$.body", "$.state_message", "$.text", "$.details")
    routing_key: Sources = ("$.routing_key",)
    state_started_at: Sources = ("$.state_start_time", "$.started_at", "$.startsAt")
    observed_at: Sources = ("$.timestamp", "$.time", "$.created_at")
    tool: Sources = ("$.tool", "$.monitoring_tool", "$.source")
    monitor: Sources = ("$.monitor", "$.monitor_name", "$.check")
    host: Sources = ("$.host", "$.host_name", "$.hostname", "$.instance")
    service: Sources = ("$.service", "$.job")
    author: Sources = ("$.author", "$.ack_author")
    note: Sources = ("$.note", "$.ack_message", "$.ack_msg")
    urgency: Sources = ("$.urgency",)
    tags: Sources = ("$.tags", "$.labels")
    annotations: tuple[AnnotationSource, ...] = (
        AnnotationSource(AnnotationKind.URL, "Link", ("$.url", "$.link")),
        AnnotationSource(AnnotationKind.URL, "Runbook", ("$.runbook_url", "$.runbook")),
        AnnotationSource(AnnotationKind.IMAGE, "Image", ("$.image_url", "$.image")),
    )
    words: Mapping[str, Signal] = field(default_factory=dict, hash=False)
    urgencies: Mapping[str, Urgency] = field(default_factory=dict, hash=False)


ATTRIBUTES = (
    *("signal", "key", "title", "message", "routing_key", "state_started_at", "observed_at", "tool", "monitor"),
    *("host", "service", "author", "note", "urgency", "tags"),
)

_STEP = re.compile(r"""\.([^.\[\]"'\s]+)|\[([0-9]{1,6})\]|\[(["'])(.+?)\3\]""")


def is_path(source: str) -> bool:
    return source.startswith("$") and not source.startswith("$$")


def literal(source: str) -> str:
    return source[1:] if source.startswith("$$") else source


def steps(path: str) -> tuple[str | int, ...]:
    """The names and positions that lead along a path. The first is a name: a path starts at an object."""
    taken: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise Invalid(f"'{path}' is not a path: '{path[at:]}' should be '.name', '[0]' or '[\"any name\"]'")
        name, position, quoted = step[1], step[2], step[4]
        taken.append(int(position) if position else name or quoted)
        at = step.end()
    if not taken or isinstance(taken[0], int):
        raise Invalid(f"'{path}' is not a path: it should begin with a name, such as '$.name'")
    return tuple(taken)


def check(mapping: FieldMapping) -> tuple[str, ...]:
    """What is wrong with a mapping, each with its place; nothing when it can be used."""
    sources = [
        (f"{attribute}[{position}]", source)
        for attribute in ATTRIBUTES
        for position, source in enumerate(getattr(mapping, attribute))
    ]
    sources += [
        (f"annotations[{number}].sources[{position}]", source)
        for number, annotation in enumerate(mapping.annotations)
        for position, source in enumerate(annotation.sources)
    ]
    wrong = [error for place, source in sources if (error := _wrong_path(place, source))]
    return (*wrong, *_wrong_items(mapping), *_wrong_words(mapping))


def _wrong_path(place: str, source: str) -> str | None:
    if not source:
        return f"{place}: is empty; it should be a path such as '$.event.id' or a text"
    try:
        if is_path(source):
            steps(source)
    except Invalid as refusal:
        return f"{place}: {refusal.message}"
    return None


def _wrong_items(mapping: FieldMapping) -> list[str]:
    if not mapping.items:
        return []
    if not is_path(mapping.items):
        return [f"items: '{mapping.items}' should be a path such as '$.alerts'"]
    error = _wrong_path("items", mapping.items)
    return [error] if error else []


def _wrong_words(mapping: FieldMapping) -> list[str]:
    """A word with capitals would never be found: what senders say is read in lower case."""
    known = {**WORDS, **mapping.words}
    wrong = [
        f"{place}: '{word}' should be '{word.strip().lower()}'"
        for place, words in (("words", mapping.words), ("urgencies", mapping.urgencies))
        for word in words
        if word != word.strip().lower()
    ]
    return wrong + [
        f"signal[{position}]: '{source}' is none of the words known: {', '.join(sorted(known))}"
        for position, source in enumerate(mapping.signal)
        if source and not is_path(source) and literal(source).lower() not in known
    ]
