"""First response and correlation policies (reference, part 13): stored and served as documents of the tenant.

Those whose effect is described are rules of the core as well: a first response policy that suppresses for a time keeps
a new alert quiet before any escalation, and a correlation policy groups alerts (see `correlations`). What the reference
doesn't describe (learned and seasonal suppression, processes) is kept and shown, and hides no alert.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from watchbill.api.opsramp import correlations, resource_filters
from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.bodies import Body, body_of, flag, needed, one, whole, word
from watchbill.api.opsramp.ids import NEIGHBOUR_POLICY, inner
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.tenancy import T, tenant, tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.asgi.dialect import Route, delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import MINUTE
from watchbill.domain.errors import Invalid, NotFound, TooLarge
from watchbill.domain.organization import Change, Document, Organization
from watchbill.domain.routes import Rule
from watchbill.usecases import directory
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

ON, OFF, OBSERVED, RECOMMEND = "ON", "OFF", "OBSERVED", "RECOMMEND"
TYPES = ("DEPENDENCY", "ALGORITHM", "CO_OCCURRENCE")
LARGEST = 1_000_000
SERVERS = frozenset({"id", "enabled", "createdBy", "updatedBy", "createdTime", "updatedTime"})
SENT, BY, CHANGED_BY, UPDATED, RULE = "sent", "by", "changedBy", "updated", "rule"
MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two kinds of policies. `row`: what a list tells of it besides. `rule`: what makes a rule of the core
    of it, from one without any effect; None where it has none."""

    document: str
    path: str
    missing: str
    modes: tuple[str, ...]
    check: Callable[[Body], None]
    row: Callable[[Body], Mapping[str, Any]]
    rule: Callable[[Body, Rule], Rule | None]


def _first_response(sent: Body) -> None:
    """Raises Invalid."""
    suppress = one(one(sent, "attributeActions") or {}, "suppress") or {}
    whole(suppress, "suppressDuration", 0, MOST_MINUTES)
    flag(suppress, "learnedConfiguration")
    one(one(sent, "patternActions") or {}, "suppress")


def _correlation(sent: Body) -> None:
    """Raises Invalid."""
    word(sent, "type", TYPES, str.upper)
    correlations.check(sent)


def _suppresses(sent: Body, rule: Rule) -> Rule:
    suppress = (sent.get("attributeActions") or {}).get("suppress") or {}
    minutes = whole(suppress, "suppressDuration") or 0
    acts = sent["enabledMode"] == ON and minutes > 0 and not flag(suppress, "learnedConfiguration")
    watches = sent["enabledMode"] in (OBSERVED, RECOMMEND) and minutes > 0
    return replace(
        rule,
        active=acts or watches,
        suppress_for=minutes * MINUTE if acts else None,
        remark=f"policy {rule.name} would suppress it for {minutes} minutes" if watches else "",
    )


def _groups(sent: Body, rule: Rule) -> Rule | None:
    grouping = correlations.grouping(sent, sent["enabledMode"] == ON)
    return None if grouping is None else replace(rule, active=sent["enabledMode"] != OFF, grouping=grouping)


FIRST_RESPONSE = Kind(
    "opsramp.firstResponse",
    "firstResponse",
    "No first response policy details found",
    (ON, OFF, OBSERVED, RECOMMEND),
    _first_response,
    lambda sent: {"firstResponseType": "SUPPRESSION"},
    _suppresses,
)
CORRELATION = Kind(
    "opsramp.correlation",
    "alertCorrelation",
    "No alert correlation policy details found",
    (ON, OFF, OBSERVED),
    _correlation,
    lambda sent: {"type": sent["type"]} if sent.get("type") else {},
    _groups,
)
KINDS = {kind.document: kind for kind in (FIRST_RESPONSE, CORRELATION)}
SWITCHES = {"enable": ON, "disable": OFF, "observed": OBSERVED}


def _read(call: Call, kind: Kind, before: Body) -> dict[str, Any]:
    """What is sent laid over what was. Raises Invalid, TooLarge."""
    if len(call.request.body) > LARGEST:
        raise TooLarge(f"A policy has at most {LARGEST} bytes")
    body = body_of(call)
    sent = {**before, **{key: value for key, value in body.items() if key not in SERVERS}}
    sent["name"] = needed(sent, "name")
    mode, enabled = word(body, "enabledMode", kind.modes, str.upper), flag(body, "enabled")
    switched = None if enabled is None else ON if enabled else OFF
    sent["enabledMode"] = mode or switched or before.get("enabledMode", ON)
    whole(sent, "precedence")
    if not isinstance(sent.get("includedClients") or [], list):
        raise Invalid("A list is needed", "includedClients")
    resource_filters.check(one(sent, "filterCriteria") or {})
    kind.check(sent)
    return sent


def _found(org: Organization, call: Call, kind: Kind) -> Document:
    """Raises NotFound."""
    found = org.documents.get(inner(NEIGHBOUR_POLICY, call.params["policy"]))
    if found is None or found.kind != kind.document:
        raise NotFound(kind.missing)
    return found


def _sent(document: Document) -> Mapping[str, Any]:
    found = document.body.get(SENT)
    return found if isinstance(found, Mapping) else {}


def _precedence(document: Document) -> int:
    """As told, else by age."""
    told = _sent(document).get("precedence")
    return int(told) if isinstance(told, int | str) and str(told).isdigit() else document.number


def to_wire(org: Organization, document: Document) -> Mapping[str, Any]:
    sent, body = _sent(document), document.body
    updated = body.get(UPDATED)
    return {
        "id": NEIGHBOUR_POLICY + document.id,
        **sent,
        "enabled": sent["enabledMode"] != OFF,
        "precedence": _precedence(document),
        "createdBy": author(org, str(body.get(BY) or "")),
        "updatedBy": author(org, str(body.get(CHANGED_BY) or body.get(BY) or "")),
        "createdTime": stamp(document.created_at),
        "updatedTime": stamp(updated if isinstance(updated, int) else None),
    }


def _kept(tx: Tx, call: Call, org: Organization, document: Document) -> Document:
    """The document, and the rule of the core that it stands for."""
    before = org.rules.get(str(document.body.get(RULE)))
    usual = before or Rule("", 0, "", 0)
    rule = KINDS[document.kind].rule(_sent(document), rule_of(document, usual, org))
    if rule is not None and before is None:
        rule = replace(rule, id=tx.new_id(call.now), number=tx.next_numbers(org.number, "rule", 1)[0])
    changes = [Change("rule", one.id, rule) for one in (rule or before,) if one is not None]
    document = replace(document, body={**document.body, RULE: rule.id if rule is not None else None})
    changes.append(Change("document", document.id, document))
    directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return document


def rule_of(document: Document, rule: Rule, org: Organization) -> Rule:
    """What is the same for both kinds: which alerts it is about."""
    return replace(
        rule,
        name=" ".join(document.name.split())[:200],
        order=_precedence(document),
        condition=resource_filters.condition(_sent(document), tenant_id(org)),
        beside=True,
        clients=org.parent is None,
    )


# --- The calls


def listed(kind: Kind, tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    found = org.documents_by_kind.get(kind.document, ())
    return paged(wanted(call, SORTS, descending=False), found, SORTS, partial(_row, kind, org))


SORTS: Mapping[str, Callable[[Document], Any]] = {
    "precedence": _precedence,
    "id": lambda document: document.number,
    "name": lambda document: document.name.lower(),
}


def _row(kind: Kind, org: Organization, document: Document) -> Mapping[str, Any]:
    told = to_wire(org, document)
    return {name: told[name] for name in ("id", "name", "enabled", "precedence")} | dict(kind.row(told))


def create(kind: Kind, tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.ALERTS)
    sent = _read(call, kind, {})
    number = tx.next_numbers(org.number, kind.document, 1)[0]
    body = {SENT: sent, BY: call.caller.actor.name}
    made = Document(tx.new_id(call.now), number, kind.document, sent["name"], body, call.now)
    return Reply(body=to_wire(org, _kept(tx, call, org, made)))


def show(kind: Kind, tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    return Reply(body=to_wire(org, _found(org, call, kind)))


def update(kind: Kind, tx: Tx, call: Call) -> Reply:
    org, document = _own(tx, call, kind)
    return Reply(body=to_wire(org, _changed(tx, call, org, document, _read(call, kind, _sent(document)))))


def switch(kind: Kind, tx: Tx, call: Call) -> Reply:
    org, document = _own(tx, call, kind)
    mode = SWITCHES.get(call.params["action"].lower())
    if mode is None:
        raise Invalid(f"One of {', '.join(SWITCHES)} is needed", "action")
    _changed(tx, call, org, document, {**_sent(document), "enabledMode": mode})
    return Reply()


def remove(kind: Kind, tx: Tx, call: Call) -> Reply:
    org, document = _own(tx, call, kind)
    rule = org.rules.get(str(document.body.get(RULE)))
    changes = [Change("document", document.id, None), *([Change("rule", rule.id, None)] if rule else [])]
    directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return Reply()


def _own(tx: Tx, call: Call, kind: Kind) -> tuple[Organization, Document]:
    """One that the caller may change. Raises NotFound, Forbidden."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.ALERTS)
    return org, _found(org, call, kind)


def _changed(tx: Tx, call: Call, org: Organization, document: Document, sent: Mapping[str, Any]) -> Document:
    body = {**document.body, SENT: sent, UPDATED: call.now, CHANGED_BY: call.caller.actor.name}
    return _kept(tx, call, org, replace(document, name=str(sent["name"]), body=body))


def routes_of(kind: Kind) -> list[Route]:
    base = f"{T}/policies/{kind.path}"
    return [
        get(base, partial(listed, kind), quota=SEARCHES),
        post(base, partial(create, kind), quota=WRITES),
        get(f"{base}/{{policy}}", partial(show, kind), quota=READS),
        post(f"{base}/{{policy}}", partial(update, kind), quota=WRITES),
        delete(f"{base}/{{policy}}", partial(remove, kind), quota=WRITES),
        post(f"{base}/{{policy}}/{{action}}", partial(switch, kind), quota=WRITES),
    ]


ROUTES = [*routes_of(FIRST_RESPONSE), *routes_of(CORRELATION)]
