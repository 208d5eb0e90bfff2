"""The calls for escalation policies (reference, part 7)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from watchbill.api.opsramp import criteria, escalation_body, escalation_core, escalation_words, paging
from watchbill.api.opsramp.bodies import Body, body_of
from watchbill.api.opsramp.escalation_body import OFF, ON, Document
from watchbill.api.opsramp.escalation_core import DOCUMENT, RULE
from watchbill.api.opsramp.escalation_words import CREATED_BY, DESCRIPTION, UPDATED_BY, document_of, is_own, to_wire
from watchbill.api.opsramp.ids import POLICY, inner
from watchbill.api.opsramp.kept import CREATED, UPDATED, created_at, keeping, kept, updated_at
from watchbill.api.opsramp.query import asked_true, filters, span, within
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.recipients import Known
from watchbill.api.opsramp.tenancy import T, tenant, tenant_id
from watchbill.asgi.dialect import delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Conflict, Forbidden, NotFound, TooLarge
from watchbill.domain.organization import Change, Organization
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.routes import Rule
from watchbill.domain.slugs import spoken
from watchbill.usecases import access, directory
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

MISSING = "No escalate alert policy details found"
BASE = f"{T}/escalations"
LARGEST_POLICY = 1_000_000
KEYS = ("name", "allList", "startCreationDate", "endCreationDate", "startUpdationDate", "endUpdationDate")

Owned = tuple[EscalationPolicy, Organization]


def create(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    _demand(org, call, ())
    document = escalation_body.created(_sent(call))
    slugs = {policy.slug.lower() for policy in org.policies.values()}
    name = escalation_core.plain_name(document["name"])
    number = tx.next_numbers(org.number, "policy", 1)[0]
    blank = EscalationPolicy(tx.new_id(call.now), number, spoken(name, slugs, "policy"), name, ())
    who = call.caller.actor.name
    blank = keeping(blank, {CREATED: call.now, UPDATED: call.now, CREATED_BY: who, UPDATED_BY: who})
    return _kept(tx, call, org, blank, document)


def show(tx: Tx, call: Call) -> Reply:
    policy, org = _found(tenant(tx, call), call)
    return Reply(body=to_wire(policy, org, Known(org)))


def update(tx: Tx, call: Call) -> Reply:
    policy, org = _own(tenant(tx, call), call)
    known = Known(org)
    before = document_of(policy, known)
    document = escalation_body.changed(before, _sent(call))
    policy = _touched(policy, call)
    if is_own(policy) or document.get("resources") or document.get("filterCriteria"):
        return _kept(tx, call, org, policy, document)
    return _made_elsewhere(tx, call, org, policy, (before, document))


def remove(tx: Tx, call: Call) -> Reply:
    policy, org = _own(tenant(tx, call), call)
    rule = _rule(policy, org)
    changes = [Change("policy", policy.id, None)]
    if rule is not None:
        changes.insert(0, Change("rule", rule.id, None))
    directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return Reply()


def switched(mode: str) -> Callable[[Tx, Call], Reply]:
    """Enable or disable: nothing else is touched but the time of the change."""

    def switch(tx: Tx, call: Call) -> Reply:
        policy, org = _own(tenant(tx, call), call)
        document = document_of(policy, Known(org))
        if document["enabledMode"] == mode:
            return Reply()
        policy = _touched(policy, call)
        if is_own(policy):
            _kept(tx, call, org, policy, document | {"enabledMode": mode})
        else:
            _apply(tx, call, org, [replace(policy, active=mode != OFF)])
        return Reply()

    return switch


def search(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    given = filters(call, KEYS)
    dates = [
        (created_at, span(given, "startCreationDate", "endCreationDate")),
        (_updated, span(given, "startUpdationDate", "endUpdationDate")),
    ]

    def fits(policy: EscalationPolicy) -> bool:
        return all(within(moment(policy), window) for moment, window in dates)

    name = given.get("name")
    rows = [
        (policy, owner)
        for owner in _owners(tx, org, asked_true(given.get("allList")))
        for policy in _visible(owner, org)
        if fits(policy) and (name is None or _name(policy) == name)
    ]
    page = paging.wanted(call, SORTS)
    return paging.paged(page, rows, SORTS, lambda pair: escalation_words.row(*pair))


SORTS: dict[str, Callable[[Owned], object]] = {
    "id": lambda pair: (created_at(pair[0]), pair[0].id),
    "name": lambda pair: pair[0].name.lower(),
    "createdDate": lambda pair: created_at(pair[0]),
    "updatedDate": lambda pair: _updated(pair[0]),
}


def _updated(policy: EscalationPolicy) -> int:
    return updated_at(policy) or created_at(policy)


def _name(policy: EscalationPolicy) -> str:
    sent = kept(policy).get(DOCUMENT)
    name = str(sent["name"]) if sent is not None else policy.name
    return name if escalation_core.plain_name(name) == policy.name else policy.name


def _owners(tx: Tx, org: Organization, all_lists: bool) -> Iterable[Organization]:
    """Whose policies are listed: a client's own and its partner's, a partner's own and on request its clients'."""
    yield org
    if org.partner is not None:
        yield org.partner
    elif all_lists:
        clients = tx.client_numbers(org.number)
        known = tx.organizations(clients)
        yield from (known[number] for number in clients if number in known)


def _visible(owner: Organization, org: Organization) -> Iterable[EscalationPolicy]:
    """To a client, of its partner's policies, those that may act on it."""
    if owner.number == org.number or owner.parent == org.number:
        return owner.policies.values()
    ours = [policy for policy in owner.policies.values() if is_own(policy)]
    return [policy for policy in ours if criteria.reaches(kept(policy)[DOCUMENT], tenant_id(org))]


# --- What the calls share


def _sent(call: Call) -> Body:
    """Raises Invalid, TooLarge."""
    if len(call.request.body) > LARGEST_POLICY:
        raise TooLarge(f"A policy has at most {LARGEST_POLICY} bytes")
    return body_of(call)


def _demand(org: Organization, call: Call, teams: Sequence[str | None]) -> None:
    access.demand(org, call.caller, Right.TEAM, teams=teams)
    access.demand(org, call.caller, Right.ALERTS)


def _found(org: Organization, call: Call) -> Owned:
    """Raises NotFound. A client sees its partner's policies that may act on it."""
    id = inner(POLICY, call.params["policy"])
    if id in org.policies:
        return org.policies[id], org
    if org.partner is not None:
        for policy in _visible(org.partner, org):
            if policy.id == id:
                return policy, org.partner
    raise NotFound(MISSING)


def _own(org: Organization, call: Call) -> Owned:
    """One that may be changed at this address. Raises NotFound, Forbidden."""
    policy, owner = _found(org, call)
    if owner.number != org.number:
        raise Forbidden(f"This policy belongs to {tenant_id(owner)}; change it there")
    _demand(org, call, policy.owners)
    return policy, owner


def _touched(policy: EscalationPolicy, call: Call) -> EscalationPolicy:
    told = {CREATED: created_at(policy), **kept(policy), UPDATED: call.now, UPDATED_BY: call.caller.actor.name}
    return keeping(policy, told)


def _rule(policy: EscalationPolicy, org: Organization) -> Rule | None:
    return org.rules.get(str(kept(policy).get(RULE)))


def _kept(tx: Tx, call: Call, org: Organization, policy: EscalationPolicy, document: Document) -> Reply:
    """The policy with this document, and the rule that selects it. Raises Unfit."""
    known = Known(org)
    steps = escalation_core.paired(
        escalation_words.shown(policy, known), document["escalations"], lambda: tx.new_id(call.now)
    )
    rule = _rule(policy, org)
    if rule is None:
        rule = Rule(tx.new_id(call.now), tx.next_numbers(org.number, "rule", 1)[0], "", 0)
    made = escalation_core.compiled(policy, document, steps, known)
    made = keeping(made, {**kept(made), RULE: rule.id})
    rule = escalation_core.rule_of(made, document, rule, org, tenant_id(org))
    after = _apply(tx, call, org, [made, rule])
    return Reply(body=to_wire(after.policies[made.id], after, Known(after)))


def _made_elsewhere(
    tx: Tx, call: Call, org: Organization, policy: EscalationPolicy, documents: tuple[Document, Document]
) -> Reply:
    """What selects it is not ours to say: its name, its steps and whether it is switched on are. Raises Conflict."""
    before, after = documents
    known = Known(org)
    if after["escalationType"] != before["escalationType"] or after["enabledMode"] not in (ON, OFF):
        raise Conflict("This policy was made in another API: its type can't be changed here", "escalationType")
    if after["escalations"] != before["escalations"]:
        if not escalation_words.is_expressible(policy, known):
            raise Conflict("This policy does what can't be said here: its steps can't be changed", "escalations")
        shown = escalation_words.shown(policy, known)
        steps = escalation_core.paired(shown, after["escalations"], lambda: tx.new_id(call.now))
        made = [escalation_core.step_of(id, step, known) for id, step in steps]
        policy = replace(policy, steps=tuple(sorted(made, key=lambda step: step.wait)))
    name = escalation_core.plain_name(after["name"]) if after["name"] != before["name"] else policy.name
    policy = replace(policy, name=name, active=after["enabledMode"] != OFF)
    policy = keeping(policy, {**kept(policy), DESCRIPTION: after["description"]})
    org = _apply(tx, call, org, [policy])
    return Reply(body=to_wire(org.policies[policy.id], org, Known(org)))


def _apply(tx: Tx, call: Call, org: Organization, entities: Sequence[EscalationPolicy | Rule]) -> Organization:
    changes = [Change("policy" if isinstance(one, EscalationPolicy) else "rule", one.id, one) for one in entities]
    return directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)


ROUTES = [
    post(BASE, create, quota=WRITES),
    get(f"{BASE}/search", search, quota=SEARCHES),
    get(f"{BASE}/{{policy}}", show, quota=READS),
    post(f"{BASE}/{{policy}}", update, quota=WRITES),
    delete(f"{BASE}/{{policy}}", remove, quota=WRITES),
    post(f"{BASE}/{{policy}}/enable", switched(ON), quota=WRITES),
    post(f"{BASE}/{{policy}}/disable", switched(OFF), quota=WRITES),
]
