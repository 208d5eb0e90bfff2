"""What incidents are sorted by: business impacts, urgencies, categories, and priorities that these come to (part 6).

Each is a document of the tenant; an incident names it by its public id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.times import stamp
from watchbill.domain.organization import Document, Organization
from watchbill.domain.ticketing import priority_of

IMPACT, URGENCY, CATEGORY = "opsramp.impact", "opsramp.urgency", "opsramp.category"
PREFIXES: Mapping[str, str] = {IMPACT: ids.IMPACT, URGENCY: ids.URGENCY, CATEGORY: ids.CATEGORY}
FORWARD, REVERSE = "opsramp.forwardMapping", "opsramp.reverseMapping"
ROWS = "rows"
BY, CHANGED_BY, UPDATED, PARENT = "by", "changedBy", "updated", "parent"

Named = Mapping[str, Any]


def public_id(document: Document) -> str:
    return PREFIXES[document.kind] + document.id


def of_kind(org: Organization, kind: str) -> Sequence[Document]:
    return org.documents_by_kind.get(kind, ())


def find(org: Organization, kind: str, public: object) -> Document | None:
    found = org.documents.get(ids.inner(PREFIXES[kind], str(public)))
    return found if found is not None and found.kind == kind else None


def meant(org: Organization, kind: str, told: Named) -> Document | None:
    """By public id, or by number."""
    found = find(org, kind, told.get("uniqueId", ""))
    if found is not None:
        return found
    number = str(told.get("id", ""))
    return next((one for one in of_kind(org, kind) if str(one.number) == number), None)


def named(document: Document) -> Named:
    description = str(document.body.get("description") or "")
    row = {"id": document.number, "uniqueId": public_id(document), "name": document.name}
    return row if document.kind == CATEGORY else {**row, "description": description}


def enriched(org: Organization, kind: str, told: object) -> object:
    """What was told, with what is known of it filled in; nothing of it goes."""
    if not isinstance(told, Mapping):
        return told
    found = meant(org, kind, told)
    return told if found is None else {**named(found), **{key: value for key, value in told.items() if value != ""}}


def whole(org: Organization, document: Document) -> Named:
    body = document.body
    parent = org.documents.get(str(body.get(PARENT) or ""))
    above = {"parentCategory": {"uniqueId": public_id(parent), "name": parent.name}} if parent is not None else {}
    at = body.get(UPDATED)
    return {
        **named(document),
        **above,
        "createdBy": author(org, str(body.get(BY) or "")),
        "updatedBy": author(org, str(body.get(CHANGED_BY) or body.get(BY) or "")),
        "createdDate": stamp(document.created_at),
        "updatedDate": stamp(at if isinstance(at, int) else document.created_at),
    }


# --- Priorities


def mapping(org: Organization, kind: str) -> Sequence[Named]:
    found = next(iter(of_kind(org, kind)), None)
    rows = found.body.get(ROWS) if found is not None else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []


def mapping_shown(org: Organization, kind: str) -> list[Named]:
    return [
        {
            "priority": row.get("priority"),
            "businessImpact": enriched(org, IMPACT, row.get("businessImpact")),
            "urgency": enriched(org, URGENCY, row.get("urgency")),
        }
        for row in mapping(org, kind)
    ]


def priority_from(org: Organization, impact: object, urgency: object) -> str | None:
    """Of an impact and an urgency, by the forward mapping."""
    wanted = (_id(impact), _id(urgency))
    rows = (row for row in mapping(org, FORWARD) if (_id(row.get("businessImpact")), _id(row.get("urgency"))) == wanted)
    return next((priority_of(row.get("priority")) for row in rows), None) if all(wanted) else None


def from_priority(org: Organization, priority: str) -> Named:
    """The impact and the urgency of a priority, by the reverse mapping."""
    row = next((row for row in mapping(org, REVERSE) if priority_of(row.get("priority")) == priority), {})
    return {name: row[name] for name in ("businessImpact", "urgency") if isinstance(row.get(name), Mapping)}


def _id(told: object) -> str:
    return str(told.get("uniqueId") or "") if isinstance(told, Mapping) else ""
