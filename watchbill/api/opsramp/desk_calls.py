"""The lists of the service desk: impacts, urgencies, categories, mappings, custom fields, forms (reference, 6.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from watchbill.api.opsramp import desk
from watchbill.api.opsramp.bodies import Body, bodies_of, body_of, needed, one, text
from watchbill.api.opsramp.envelope import no_resource
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.query import filters
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.asgi.dialect import Route, delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Document, Organization
from watchbill.domain.record import replace
from watchbill.domain.ticketing import priority_of
from watchbill.domain.tickets import STATUSES
from watchbill.usecases.access import Right, demand
from watchbill.usecases.directory import apply
from watchbill.usecases.ports import Tx

INCIDENT = "INCIDENT"
MOST_ROWS = 1000
SORTS: Mapping[str, Callable[[Document], Any]] = {
    "id": lambda document: document.number,
    "name": lambda document: document.name.lower(),
}
# Label, name, kind, and whether it must be filled in.
FORM = (
    ("Subject", "subject", "TYPE_TEXT", True),
    ("Description", "description", "TYPE_TEXTAREA", True),
    ("Requested by", "requester", "TYPE_PICKLIST", False),
    ("Assignee Group", "assigneeGroup", "TYPE_PICKLIST", False),
    ("Assign To", "assignedUser", "TYPE_PICKLIST", False),
    ("Resources", "resources", "TYPE_PICKLIST", False),
    ("Category", "category", "TYPE_DROPDOWN", False),
    ("SubCategory", "subCategory", "TYPE_DROPDOWN", False),
    ("Business Impact", "businessImpact", "TYPE_DROPDOWN", False),
    ("Urgency", "urgency", "TYPE_DROPDOWN", False),
    ("Priority", "priority", "TYPE_DROPDOWN", False),
    ("Due Date", "dueDate", "TYPE_DATETIME", False),
    ("To", "toEmail", "TYPE_TEXT", False),
    ("Cc", "cc", "TYPE_TEXT", False),
)


def _org(tx: Tx, call: Call, right: Right) -> Organization:
    org = tenant(tx, call)
    demand(org, call.caller, right)
    return org


def _keep(tx: Tx, call: Call, org: Organization, *documents: Document) -> Organization:
    changes = [Change("document", document.id, document) for document in documents]
    return apply(tx, org.number, changes, call.caller.actor.name, call.now)


def _made(tx: Tx, call: Call, org: Organization, kind: str, name: str) -> Document:
    body = {desk.BY: call.caller.actor.name}
    number = tx.next_numbers(org.number, kind, 1)[0]
    return Document(tx.new_id(call.now), number, kind, name, body, call.now)


def _found(org: Organization, call: Call, kind: str) -> Document:
    """Raises NotFound."""
    document = desk.find(org, kind, call.params["one"])
    if document is None:
        raise no_resource(call.params["one"])
    return document


def _touched(call: Call, document: Document, **told: object) -> Document:
    marks = {desk.CHANGED_BY: call.caller.actor.name, desk.UPDATED: call.now}
    return replace(document, body={**document.body, **marks, **told})


# --- Impacts and urgencies


def _lists(kind: str, noun: str) -> list[Route]:
    def listed(tx: Tx, call: Call) -> Reply:
        org = _org(tx, call, Right.SEE)
        return Reply(body=[desk.named(document) for document in desk.of_kind(org, kind)])

    def searched(tx: Tx, call: Call) -> Reply:
        org = _org(tx, call, Right.SEE)
        given = filters(call, ("id", "name"))
        found = [
            document
            for document in desk.of_kind(org, kind)
            if given.get("id") in (None, desk.public_id(document)) and given.get("name") in (None, document.name)
        ]
        return paged(wanted(call, SORTS), found, SORTS, lambda document: desk.whole(org, document))

    def create(tx: Tx, call: Call) -> Reply:
        org = _org(tx, call, Right.GOVERN)
        body = body_of(call)
        made = _made(tx, call, org, kind, needed(body, "name", 200).strip())
        made = replace(made, body={**made.body, "description": text(body, "description") or ""})
        return Reply(body=desk.whole(_keep(tx, call, org, made), made))

    def change(tx: Tx, call: Call) -> Reply:
        org = _org(tx, call, Right.GOVERN)
        after = _renamed(call, _found(org, call, kind), body_of(call))
        return Reply(body=desk.whole(_keep(tx, call, org, after), after))

    def remove(tx: Tx, call: Call) -> Reply:
        org = _org(tx, call, Right.GOVERN)
        changes = [Change("document", document.id, None) for document in _named(org, kind, body_of(call))]
        apply(tx, org.number, changes, call.caller.actor.name, call.now)
        return Reply()

    return [
        get(f"{T}/incidents/{noun}", listed, quota=READS),
        post(f"{T}/incidents/{noun}", create, quota=WRITES),
        post(f"{T}/incidents/{noun}/{{one}}", change, quota=WRITES),
        get(f"{T}/serviceDesk/config/{noun}", searched, quota=SEARCHES),
        delete(f"{T}/serviceDesk/{noun}", remove, quota=WRITES),
    ]


def _renamed(call: Call, document: Document, body: Body) -> Document:
    name, description = text(body, "name", 200), text(body, "description")
    told = {} if description is None else {"description": description}
    after = _touched(call, document, **told)
    return after if name is None else replace(after, name=needed(body, "name", 200).strip())


def _named(org: Organization, kind: str, body: Body) -> list[Document]:
    """Raises NotFound for one that there is not."""
    told = body.get("Ids", body.get("ids"))
    if not isinstance(told, list):
        raise Invalid("A list of ids is needed", "Ids")
    found = [desk.find(org, kind, id) for id in told]
    if None in found:
        raise no_resource(str(told[found.index(None)]))
    return list({document.id: document for document in found if document is not None}.values())


# --- Categories


def create_categories(tx: Tx, call: Call) -> Reply:
    org = _org(tx, call, Right.GOVERN)
    body = body_of(call)
    names = body.get("names")
    if not isinstance(names, list) or not names or len(names) > MOST_ROWS:
        raise Invalid("names is mandatory", "names")
    parent = _parent(org, body)
    fresh = [_made(tx, call, org, desk.CATEGORY, needed({"names": name}, "names", 200).strip()) for name in names]
    fresh = [replace(one, body={**one.body, desk.PARENT: parent.id if parent else None}) for one in fresh]
    org = _keep(tx, call, org, *fresh)
    return Reply(body=[desk.whole(org, document) for document in fresh])


def change_category(tx: Tx, call: Call) -> Reply:
    org = _org(tx, call, Right.GOVERN)
    body = body_of(call)
    after = _renamed(call, _found(org, call, desk.CATEGORY), body)
    parent = _parent(org, body)
    if parent is not None and parent.id == after.id:
        raise Invalid("A category is not its own parent", "parentCategory")
    if parent is not None:
        after = _touched(call, after, **{desk.PARENT: parent.id})
    return Reply(body=desk.whole(_keep(tx, call, org, after), after))


def _parent(org: Organization, body: Body) -> Document | None:
    """Raises Invalid for one that there is not."""
    told = one(body, "parentCategory")
    parent = desk.meant(org, desk.CATEGORY, told) if told is not None else None
    if told is not None and parent is None:
        raise Invalid("There is no such category", "parentCategory")
    return parent


def categories(tx: Tx, call: Call) -> Reply:
    """Those below a category; at the top for any other word than an id."""
    org = _org(tx, call, Right.SEE)
    parent = desk.find(org, desk.CATEGORY, call.params["parent"])
    wanted_id = parent.id if parent is not None else None
    found = [one for one in desk.of_kind(org, desk.CATEGORY) if (one.body.get(desk.PARENT) or None) == wanted_id]
    return Reply(body=[desk.named(document) for document in found])


# --- Mappings


def _mappings(kind: str, noun: str, keys: tuple[str, ...]) -> list[Route]:
    """A row replaces the one with the same keys."""

    def listed(tx: Tx, call: Call) -> Reply:
        return Reply(body=desk.mapping_shown(_org(tx, call, Right.SEE), kind))

    def change(tx: Tx, call: Call) -> Reply:
        org = _org(tx, call, Right.GOVERN)
        rows = {_row_key(row, keys): row for row in desk.mapping(org, kind)}
        for index, told in enumerate(bodies_of(call)):
            row = _row(told, index)
            rows[_row_key(row, keys)] = row
        if len(rows) > MOST_ROWS:
            raise Invalid(f"At most {MOST_ROWS} rows are kept")
        document = next(iter(desk.of_kind(org, kind)), None) or _made(tx, call, org, kind, noun)
        org = _keep(tx, call, org, _touched(call, document, **{desk.ROWS: list(rows.values())}))
        return Reply(body=desk.mapping_shown(org, kind))

    path = f"{T}/incidents/{noun}"
    return [get(path, listed, quota=READS), post(path, change, quota=WRITES)]


def _row(told: Body, index: int) -> Mapping[str, object]:
    priority = priority_of(told.get("priority"))
    if priority is None:
        raise Invalid("There is no such priority", f"[{index}].priority")
    named: dict[str, object] = {}
    for field in ("businessImpact", "urgency"):
        part = one(told, field)
        if part is None or not isinstance(part.get("uniqueId"), str):
            raise Invalid("An object with uniqueId is needed", f"[{index}].{field}")
        named[field] = {"uniqueId": part["uniqueId"][:100]}
    return {"priority": priority, **named}


def _row_key(row: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row.get(key)) for key in keys)


# --- Fields and forms


def no_custom_fields(tx: Tx, call: Call) -> Reply:
    """Incidents take any custom field as it is told; none is defined."""
    _org(tx, call, Right.SEE)
    return Reply(body=[])


def no_custom_field(tx: Tx, call: Call) -> Reply:
    _org(tx, call, Right.SEE)
    raise NotFound(f"No custom field found with id {call.params['field'][:100]}")


def form(tx: Tx, call: Call) -> Reply:
    _org(tx, call, Right.SEE)
    rows = [
        {
            "id": str(place),
            "classCode": INCIDENT,
            "displayLabel": label,
            "name": name,
            "fieldType": kind,
            "mandatory": mandatory,
            "editable": True,
            "description": "",
            "defaultValue": "",
            "customField": False,
        }
        for place, (label, name, kind, mandatory) in enumerate(FORM, 1)
    ]
    return Reply(body=rows)


def status_reasons(tx: Tx, call: Call) -> Reply:
    """No status asks for one of a list of reasons: any text goes."""
    _org(tx, call, Right.SEE)
    rows = [
        {"id": str(place), "module": call.params["type"].upper()[:40], "status": status, "enabled": "false"}
        for place, status in enumerate(STATUSES, 1)
    ]
    return Reply(body=[{**row, "statusReasons": []} for row in rows])


def no_groups(tx: Tx, call: Call) -> Reply:
    """Devices are not kept, so they are in no groups."""
    _org(tx, call, Right.SEE)
    return Reply(body=[])


PAIR = ("businessImpact", "urgency")
ROUTES = [
    *_lists(desk.IMPACT, "businessImpacts"),
    *_lists(desk.URGENCY, "urgencies"),
    *_mappings(desk.FORWARD, "forwardMapping", PAIR),
    *_mappings(desk.REVERSE, "reverseMapping", ("priority",)),
    post(f"{T}/incidents/categories", create_categories, quota=WRITES),
    post(f"{T}/incidents/categories/{{one}}", change_category, quota=WRITES),
    get(f"{T}/{{type}}/categories/{{parent}}", categories, quota=READS),
    get(f"{T}/customFields/{{class}}", no_custom_fields, quota=READS),
    get(f"{T}/customFields/{{class}}/{{field}}", no_custom_field, quota=READS),
    get(f"{T}/incidents/customForm", form, quota=READS),
    get(f"{T}/{{type}}/statusReasons", status_reasons, quota=READS),
    get(f"{T}/deviceGroups/minimal", no_groups, quota=READS),
]
