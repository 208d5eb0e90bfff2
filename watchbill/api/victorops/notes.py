"""Notes of an incident (reference, part 2.3)."""

from collections.abc import Mapping

import msgspec

from watchbill.api.victorops.bodies import body_of
from watchbill.api.victorops.incidents import incident_number
from watchbill.api.victorops.members import told
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import NotFound
from watchbill.domain.notes import Note
from watchbill.usecases import access, notes
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

PATH = "/api-public/v1/incidents/{incidentNumber}/notes"


class WireNote(msgspec.Struct):
    """Two spellings of one member are in use."""

    name: str | None = None
    display_name: str | None = None
    displayName: str | None = None
    json_value: dict[str, object] | None = None

    @property
    def title(self) -> str | None:
        return self.display_name if self.display_name is not None else self.displayName


def listed(tx: Tx, call: Call) -> Reply:
    """One note is told both as itself and in the list: clients want the one or the other."""
    found = [to_wire(note) for note in _notes(tx, call, Right.SEE).values()]
    alone = found[0] if len(found) == 1 else {}
    return Reply(body={**alone, "notes": found})


def _notes(tx: Tx, call: Call, right: Right) -> Mapping[str, Note]:
    access.demand(tx.organization(call.caller.org), call.caller, right)
    return notes.notes(tx, call.caller.org, incident_number(call.params["incidentNumber"]))


def create(tx: Tx, call: Call) -> Reply:
    """A note of a name that is there is written anew; one that says nothing is none."""
    _notes(tx, call, Right.RESPOND)
    given = body_of(WireNote, call)
    if given == WireNote():
        return Reply(body={})
    note = Note(given.name or given.title or "", given.title or "", given.json_value)
    return Reply(body=to_wire(_write(tx, call, note)))


def update(tx: Tx, call: Call) -> Reply:
    """What is not told stays. Another name renames it."""
    name = call.params["noteName"]
    known = _notes(tx, call, Right.RESPOND).get(name)
    if known is None:
        raise NotFound(f"Note '{name}' not found")
    given = body_of(WireNote, call)
    title = known.title if given.title is None else given.title
    value = known.value if given.json_value is None else given.json_value
    _write(tx, call, Note(given.name or name, title, value))
    if given.name and given.name != name:
        _remove(tx, call, name)
    return Reply(body={})


def remove(tx: Tx, call: Call) -> Reply:
    _notes(tx, call, Right.RESPOND)
    _remove(tx, call, call.params["noteName"])
    return Reply(body={})


def _write(tx: Tx, call: Call, note: Note) -> Note:
    notes.write_note(tx, call.caller.org, _number(call), note, call.caller.actor, call.now)
    return note


def _remove(tx: Tx, call: Call, name: str) -> None:
    notes.remove_note(tx, call.caller.org, _number(call), name, call.caller.actor, call.now)


def _number(call: Call) -> int:
    return incident_number(call.params["incidentNumber"])


def to_wire(note: Note) -> Mapping[str, object]:
    return told(name=note.name, displayName=note.title, json_value=note.value)


ROUTES: tuple[Route, ...] = (
    get(PATH, listed),
    post(PATH, create),
    put(PATH + "/{noteName}", update),
    delete(PATH + "/{noteName}", remove),
)
