"""The chat of an incident or of the organization (reference, part 2.18)."""

from collections.abc import Mapping

import msgspec

from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.incidents import incident_number
from watchbill.api.victorops.lookups import user_named
from watchbill.api.victorops.members import asked_number
from watchbill.api.victorops.times import millis
from watchbill.asgi.dialect import Route, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.incident import Actor
from watchbill.domain.organization import Organization
from watchbill.domain.timeline import Entry
from watchbill.usecases import access, notes
from watchbill.usecases.access import Right
from watchbill.usecases.notes import Said
from watchbill.usecases.ports import Tx

USUAL, MOST = 50, 100
FURTHEST = 1_000_000


class WireMessage(msgspec.Struct):
    username: str | None = None
    externalUsername: str | None = None
    text: str | None = None
    monitoringTool: str | None = None
    incidentId: int | str | None = None
    tags: list[str] | None = None


def say(tx: Tx, call: Call) -> Reply:
    """A message that says nothing is none."""
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.RESPOND)
    given = body_of(WireMessage, call)
    if given == WireMessage():
        return Reply(body={})
    text = needed(given.text, "text")
    said = Said(text, _author(org, call, given), given.monitoringTool or "", tuple(given.tags or ()))
    number = None if given.incidentId in (None, "") else incident_number(given.incidentId)
    notes.say(tx, org.number, number, said, call.now)
    return Reply(body={})


def _author(org: Organization, call: Call, given: WireMessage) -> Actor:
    """Somebody of ours, or somebody whom a tool knows. Raises NotFound."""
    if given.username and not given.externalUsername:
        user = user_named(org, given.username)
        return Actor(user.username, user.id)
    known = org.users_by_name.get((given.username or "").lower())
    name = given.externalUsername or call.caller.actor.name
    return Actor(name[: notes.LONGEST_TAG], known.id if known is not None else None)


def listen(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    asked = call.asked("incidentId")
    number = incident_number(asked) if asked else None
    limit = max(1, asked_number(call, "limit", USUAL, MOST))
    heard = notes.heard(tx, org.number, number, asked_number(call, "offset", 0, FURTHEST), limit + 1)
    return Reply(body={"messages": [to_wire(entry) for entry in heard[:limit]], "hasMore": len(heard) > limit})


def to_wire(entry: Entry) -> Mapping[str, object]:
    data = entry.data or {}
    return {
        "username": entry.actor,
        "text": entry.text,
        "serviceTime": millis(entry.at),
        "sequence": data.get("sequence", 0),
        "tags": data.get("tags", []),
    }


CHAT = "/api-public/v1/chat"
ROUTES: tuple[Route, ...] = (post(CHAT, say), get(CHAT, listen))
