"""What is said about incidents: responses with their files, notes, what was done to them (reference, part 6.1)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.bodies import Body, flag, needed, one, text
from watchbill.api.opsramp.times import stamp
from watchbill.asgi.requests import Call
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.record import replace
from watchbill.domain.tickets import RESPONSE, Remark, Ticket
from watchbill.usecases.ports import Tx
from watchbill.usecases.tickets import say

# A file by its name, and what is in it, in base 64: lists are told without reading that.
FILE, CONTENT = "file", "content"
MOST_FILES = 20
# Files that came with the incident itself are those of no response.
NO_RESPONSE = 0
LONGEST_NAME = 255


def add_response(tx: Tx, call: Call, org: Organization, ticket: Ticket, body: Body) -> tuple[Remark, Sequence[Remark]]:
    """The response, and its files. Raises Invalid."""
    creator = one(body, "creator")
    login = text(creator, "loginName", 200) if creator is not None else None
    known = org.users_by_name.get((login or "").lower())
    by = known.username if known is not None else call.caller.actor.name
    told: dict[str, object] = {"internal": flag(body, "internal") or False}
    for field in ("tags", "extTicketResponseId"):
        value = text(body, field, 500)
        if value is not None:
            told[field] = value
    remark = Remark(ticket.org, ticket.number, 0, call.now, RESPONSE, by, needed(body, "description"), told)
    said = say(tx, remark)
    return said, add_files(tx, call, ticket, body.get("attachments"), said.number)


def add_files(tx: Tx, call: Call, ticket: Ticket, given: object, response: int = NO_RESPONSE) -> Sequence[Remark]:
    """Raises Invalid for what is no list of names and texts in base 64."""
    if given is None:
        return []
    if not isinstance(given, list | tuple) or len(given) > MOST_FILES:
        raise Invalid(f"A list of at most {MOST_FILES} files is needed", "attachments")
    files = [_file(entry, index) for index, entry in enumerate(given)]
    return [_kept(tx, call, ticket, file, response) for file in files]


def _kept(tx: Tx, call: Call, ticket: Ticket, file: tuple[str, str], response: int) -> Remark:
    name, content = file
    blank = Remark(ticket.org, ticket.number, 0, call.now, CONTENT, call.caller.actor.name, content)
    told = {"content": say(tx, blank).number, "response": response}
    return say(tx, replace(blank, kind=FILE, text=name, data=told))


def _file(entry: object, index: int) -> tuple[str, str]:
    """Its name and its content. Raises Invalid."""
    content = entry.get("file") if isinstance(entry, Mapping) else None
    name = entry.get("name") if isinstance(entry, Mapping) else None
    if not isinstance(content, str) or not isinstance(name, str) or not name.strip():
        raise Invalid("A name and a file are needed", f"attachments[{index}]")
    try:
        b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("The file is not in base 64", f"attachments[{index}].file") from error
    return name.replace("\0", "")[:LONGEST_NAME], content


def response(org: Organization, call: Call, said: Remark, files: Sequence[Remark]) -> Mapping[str, Any]:
    own = [one for one in files if one.data.get("response") == said.number]
    shown: dict[str, Any] = {
        "id": said.number,
        "creator": author(org, said.by),
        "createdDate": stamp(said.at),
        "hasAttachments": bool(own),
        "internal": said.data.get("internal") is True,
        "description": said.text,
    }
    shown |= {name: said.data[name] for name in ("tags", "extTicketResponseId") if name in said.data}
    return shown | {"attachments": [_shown(call, one) for one in own]} if own else shown


def _shown(call: Call, one: Remark) -> Mapping[str, Any]:
    tenant, response = call.params["tenant"], one.data.get("response")
    path = f"incidents/{ids.numbered(ids.INCIDENT, one.ticket)}/responses/{response}/resources/{one.number}"
    url = f"{call.request.url}/api/v2/tenants/{tenant}/{path}"
    return {"id": one.number, "name": one.text, "createdDate": stamp(one.at), "contentURL": url}
