"""Responses, notes and the activity log of incidents; their files to download (reference, part 6.1)."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import json

from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.bodies import body_of, needed, text
from watchbill.api.opsramp.envelope import no_resource
from watchbill.api.opsramp.incident_talk import CONTENT, FILE, add_response, response
from watchbill.api.opsramp.incident_wire import incident_id
from watchbill.api.opsramp.incidents import INCIDENT, ticket_of
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.query import asked_true, within
from watchbill.api.opsramp.quotas import READS, SEARCHES, TICKETS
from watchbill.api.opsramp.tenancy import T
from watchbill.api.opsramp.times import moment, stamp
from watchbill.asgi.dialect import delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.organization import Organization
from watchbill.domain.record import replace
from watchbill.domain.tickets import ACTIVITY, NOTE, RESPONSE, Remark, Ticket
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx
from watchbill.usecases.tickets import say

RESPONSE_SORTS: Mapping[str, Callable[[Remark], Any]] = {"response.id": lambda said: said.number}
NOTE_SORTS: Mapping[str, Callable[[Remark], Any]] = {"note.id": lambda said: said.number}
LOG_TYPES = {ACTIVITY: "TICKET", RESPONSE: "TICKET_RESPONSE", NOTE: "TICKET_NOTE"}
LONGEST_NUMBER = 18


# --- Responses


def respond(tx: Tx, call: Call) -> Reply:
    org, ticket = ticket_of(tx, call, Right.RESPOND)
    said, files = add_response(tx, call, org, ticket, body_of(call))
    return Reply(body=response(org, call, said, files))


def responses(tx: Tx, call: Call) -> Reply:
    org, ticket = ticket_of(tx, call, Right.SEE)
    files = tx.remarks(org.number, ticket.number, FILE)
    said = tx.remarks(org.number, ticket.number, RESPONSE)
    sorts = RESPONSE_SORTS
    return paged(wanted(call, sorts), said, sorts, lambda one: response(org, call, one, files))


def download(tx: Tx, call: Call) -> Reply:
    _, ticket = ticket_of(tx, call, Right.SEE)
    found = _remark(tx, ticket, call.params["resource"], FILE)
    if str(found.data.get("response")) != call.params["response"]:
        raise no_resource(call.params["resource"])
    content = _remark(tx, ticket, str(found.data.get("content")), CONTENT)
    return Reply(body=b64decode(content.text), media_type="application/octet-stream")


def _remark(tx: Tx, ticket: Ticket, number: str, kind: str) -> Remark:
    """Raises NotFound."""
    known = number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER
    found = tx.remark(ticket.org, ticket.number, int(number)) if known else None
    if found is None or found.kind != kind:
        raise no_resource(number)
    return found


# --- Notes


def notes(tx: Tx, call: Call) -> Reply:
    org, ticket = ticket_of(tx, call, Right.SEE)
    said = tx.remarks(org.number, ticket.number, NOTE)
    return paged(wanted(call, NOTE_SORTS), said, NOTE_SORTS, lambda one: _note(org, one))


def _note(org: Organization, said: Remark) -> Mapping[str, Any]:
    at = said.data.get("updated")
    return {
        "id": said.number,
        "subject": said.data.get("subject", ""),
        "description": said.text,
        "createdTime": stamp(said.at),
        "updatedTime": stamp(at if isinstance(at, int) else None),
        "createdBy": author(org, said.by),
    }


def add_note(tx: Tx, call: Call) -> Reply:
    org, ticket = ticket_of(tx, call, Right.RESPOND)
    body = body_of(call)
    told = {"subject": text(body, "subject", 500) or ticket.subject[:500]}
    draft = Remark(
        org.number, ticket.number, 0, call.now, NOTE, call.caller.actor.name, needed(body, "description"), told
    )
    said = say(tx, draft)
    return Reply(body={"id": said.number, "subject": told["subject"]})


def show_note(tx: Tx, call: Call) -> Reply:
    org, ticket = ticket_of(tx, call, Right.SEE)
    return Reply(body=_note(org, _remark(tx, ticket, call.params["note"], NOTE)))


def change_note(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    _, ticket = ticket_of(tx, call, Right.RESPOND)
    said = _remark(tx, ticket, call.params["note"], NOTE)
    body = body_of(call)
    subject, description = text(body, "subject", 500), text(body, "description")
    told = {**said.data, "updated": call.now} | ({} if subject is None else {"subject": subject})
    after = replace(said, text=said.text if description is None else description, data=told)
    tx.keep_remarks([after])
    return Reply(body={"id": after.number, "subject": after.data.get("subject", "")})


def remove_note(tx: Tx, call: Call) -> Reply:
    _, ticket = ticket_of(tx, call, Right.RESPOND)
    said = _remark(tx, ticket, call.params["note"], NOTE)
    tx.remove_remark(said.org, said.ticket, said.number)
    return Reply()


# --- The activity log


def activity(tx: Tx, call: Call) -> Reply:
    """All of it, without pages; the newest first, unless it is asked for otherwise."""
    org, ticket = ticket_of(tx, call, Right.SEE)
    window = (_moment(call, "startTs"), _moment(call, "endTs"))
    said = [one for kind in LOG_TYPES for one in tx.remarks(org.number, ticket.number, kind) if within(one.at, window)]
    rows = [_created(org, ticket)] if within(ticket.created_at, window) else []
    rows += [_line(org, ticket, one) for one in sorted(said, key=lambda one: (one.at, one.number))]
    descending = call.asked("isDescendingOrder") is None or asked_true(call.asked("isDescendingOrder"))
    if descending:
        rows.reverse()
    return Reply(
        body={
            "results": rows,
            "totalResults": len(rows),
            "pageSize": len(rows),
            "nextPage": False,
            "startDate": stamp(window[0] or ticket.created_at),
            "endDate": stamp(window[1] or call.now),
            "descendingOrder": descending,
        }
    )


def _moment(call: Call, name: str) -> int | None:
    told = call.asked(name)
    return moment(told, name) if told else None


def _created(org: Organization, ticket: Ticket) -> dict[str, Any]:
    by = author(org, ticket.created_by)
    return {
        "activity": f"Incident '#{incident_id(ticket)} {ticket.subject}' created by {by['firstName']}",
        "htmlLog": [],
        "createdTime": stamp(ticket.created_at),
        "logType": LOG_TYPES[ACTIVITY],
        "createdBy": by,
        "changeLog": [],
    }


def _line(org: Organization, ticket: Ticket, said: Remark) -> dict[str, Any]:
    by = author(org, said.by)
    name = f"Incident '#{incident_id(ticket)} {ticket.subject}'"
    what = f"{name} updated" if said.kind == ACTIVITY else f"{said.kind.title()} '{said.text}' added to {name}"
    changes = said.data.get("changes")
    log = [_change(one) for one in changes if isinstance(one, Mapping)] if isinstance(changes, list | tuple) else []
    return {
        "activity": f"{what} by {by['firstName']}",
        "htmlLog": [],
        "createdTime": stamp(said.at),
        "logType": LOG_TYPES[said.kind],
        "createdBy": by,
        "changeLog": log,
    }


def _change(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"attribute": one.get("attribute"), "oldValue": _said(one.get("old")), "newValue": _said(one.get("new"))}


def _said(value: object) -> str:
    """Texts as they are, nothing as an empty one, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.encode(value).decode()


NOTES = f"{T}/{{type}}/{{incident}}/notes"
ROUTES = [
    post(f"{INCIDENT}/responses", respond, quota=TICKETS),
    get(f"{INCIDENT}/responses/search", responses, quota=SEARCHES),
    get(f"{INCIDENT}/responses/{{response}}/resources/{{resource}}", download, quota=READS),
    get(f"{INCIDENT}/activitylog", activity, quota=SEARCHES),
    get(NOTES, notes, quota=SEARCHES),
    post(NOTES, add_note, quota=TICKETS),
    get(f"{NOTES}/{{note}}", show_note, quota=READS),
    post(f"{NOTES}/{{note}}", change_note, quota=TICKETS),
    delete(f"{NOTES}/{{note}}", remove_note, quota=TICKETS),
]
