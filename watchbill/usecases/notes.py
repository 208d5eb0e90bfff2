"""Notes of incidents, and what people say in the chat: at an incident, or to the whole organization."""

from collections.abc import Mapping, Sequence

from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.incident import Actor
from watchbill.domain.notes import Note, check, notes_of, removed, written
from watchbill.domain.record import record
from watchbill.domain.timeline import Entry, Kind
from watchbill.usecases.ports import Tx

LONGEST_TEXT = 20_480
MOST_TAGS = 100
LONGEST_TAG = 200


def notes(tx: Tx, org: int, number: int) -> Mapping[str, Note]:
    """By name. Raises NotFound when there is no such incident."""
    tx.incident(org, number)
    return notes_of(tx.timeline(org, number))


def write_note(tx: Tx, org: int, number: int, note: Note, actor: Actor, now: int) -> None:
    """A new one, or another text for the one of that name. Raises NotFound, Invalid and TooLarge."""
    tx.incident(org, number)
    check(note)
    tx.add_entries(org, number, [written(note, actor, now)])


def remove_note(tx: Tx, org: int, number: int, name: str, actor: Actor, now: int) -> None:
    """Raises NotFound."""
    note = notes(tx, org, number).get(name)
    if note is None:
        raise NotFound(f"incident {number} has no note '{name}'")
    tx.add_entries(org, number, [removed(note, actor, now)])


@record
class Said:
    """Something said by somebody, or by a tool in somebody's name."""

    text: str
    actor: Actor
    tool: str = ""
    tags: tuple[str, ...] = ()


def say(tx: Tx, org: int, number: int | None, said: Said, now: int) -> Entry:
    """At an incident, or (None) to the organization. Raises NotFound and Invalid."""
    if len(said.text) > LONGEST_TEXT:
        raise Invalid(f"a message has at most {LONGEST_TEXT:,} characters", "text")
    if len(said.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in said.tags):
        raise Invalid(f"a message has at most {MOST_TAGS} tags of {LONGEST_TAG} characters", "tags")
    sequence = tx.next_numbers(org, "chat", 1)[0]
    data = {"sequence": sequence, "tool": said.tool[:LONGEST_TAG], "tags": said.tags}
    entry = Entry(now, Kind.CHAT, said.text, said.actor.user_id, said.actor.name, data)
    if number is None:
        tx.add_org_entries(org, [entry])
    else:
        tx.incident(org, number)
        tx.add_entries(org, number, [entry])
    return entry


def heard(tx: Tx, org: int, number: int | None, offset: int, limit: int) -> Sequence[Entry]:
    """What was said, newest first. Raises NotFound."""
    if number is None:
        return tx.org_timeline(org, offset, limit)
    tx.incident(org, number)
    said = [entry for entry in tx.timeline(org, number) if entry.kind is Kind.CHAT]
    return said[::-1][offset : offset + limit]
