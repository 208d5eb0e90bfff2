"""Notes that people and tools leave at an incident, under a name. They stand in its timeline: whoever changes or
removes one leaves an entry more, and what was there before can still be read there."""

import json
from collections.abc import Iterable, Mapping

from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.incident import Actor
from watchbill.domain.record import record
from watchbill.domain.timeline import Entry, Kind

LONGEST_NAME = 200
LONGEST_VALUE = 64 * 1024


@record
class Note:
    """`title` is shown for the name; `value` is what a tool keeps there."""

    name: str
    title: str = ""
    value: Mapping[str, object] | None = None


def notes_of(timeline: Iterable[Entry]) -> Mapping[str, Note]:
    """The notes as they are by the end of this timeline, by name, the oldest first."""
    notes: dict[str, Note] = {}
    for entry in timeline:
        data = entry.data or {}
        name = data.get("note")
        if entry.kind is not Kind.NOTE or not isinstance(name, str):
            continue
        if data.get("removed"):
            notes.pop(name, None)
        else:
            value = data.get("value")
            notes[name] = Note(name, str(data.get("title") or ""), value if isinstance(value, Mapping) else None)
    return notes


def check(note: Note) -> None:
    """Raises Invalid, and TooLarge."""
    if not note.name.strip():
        raise Invalid("a note needs a name", "name")
    if max(len(note.name), len(note.title)) > LONGEST_NAME:
        raise Invalid(f"a name has at most {LONGEST_NAME} characters", "name")
    if note.value is not None and len(json.dumps(note.value)) > LONGEST_VALUE:
        raise TooLarge(f"a note holds at most {LONGEST_VALUE:,} characters of JSON")


def written(note: Note, actor: Actor, now: int) -> Entry:
    text = f"note '{note.title or note.name}' by {actor.name}"
    return Entry(
        now, Kind.NOTE, text, actor.user_id, actor.name, {"note": note.name, "title": note.title, "value": note.value}
    )


def removed(note: Note, actor: Actor, now: int) -> Entry:
    text = f"note '{note.title or note.name}' removed by {actor.name}"
    return Entry(now, Kind.NOTE, text, actor.user_id, actor.name, {"note": note.name, "removed": True})
