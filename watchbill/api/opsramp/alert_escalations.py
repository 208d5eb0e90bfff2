"""The escalation policy of an alert: the one that would act, or that tells whom to call (reference, part 7.6)."""

from collections.abc import Callable, Iterable, Iterator

from watchbill.api.opsramp import criteria
from watchbill.api.opsramp.alert_ids import alert_of
from watchbill.api.opsramp.escalation_body import OFF
from watchbill.api.opsramp.escalation_core import DOCUMENT, LAST
from watchbill.api.opsramp.escalation_words import document_of, is_own, to_wire
from watchbill.api.opsramp.escalations import MISSING
from watchbill.api.opsramp.kept import kept
from watchbill.api.opsramp.quotas import READS
from watchbill.api.opsramp.recipients import Known
from watchbill.api.opsramp.tenancy import T, tenant_id
from watchbill.asgi.dialect import get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain import facts
from watchbill.domain.conditions import holds
from watchbill.domain.errors import NotFound
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.records import AlertQuery
from watchbill.domain.routes import Condition
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

Owned = tuple[EscalationPolicy, Organization]


def show(tx: Tx, call: Call) -> Reply:
    """Raises NotFound."""
    org, incident = alert_of(tx, call)
    demand(org, call.caller, Right.SEE)
    candidates = list(_in_order(org))
    fits = _test(tx, org, incident, candidates)
    found = next(filter(fits, candidates), None) or _at_work(org, incident)
    if found is None:
        raise NotFound(MISSING)
    policy, owner = found
    return Reply(body=to_wire(policy, owner, Known(owner)))


def _in_order(org: Organization) -> Iterator[Owned]:
    """A client's before its partner's, by precedence, the oldest first (reference, part 9.5)."""
    for owner in (org, org.partner):
        if owner is not None:
            policies = [policy for policy in owner.policies.values() if is_own(policy)]
            for policy in sorted(policies, key=lambda one: LAST if one.precedence is None else one.precedence):
                if document_of(policy, Known(owner))["enabledMode"] != OFF:
                    yield policy, owner


def _test(tx: Tx, org: Organization, incident: Incident, candidates: Iterable[Owned]) -> Callable[[Owned], bool]:
    """Whether a policy matches the alert as it is now."""
    event = tx.alert(org.number, incident.last_alert_id).event
    conditions = {policy.id: _condition(policy, owner) for policy, owner in candidates}
    limit = facts.wanted(conditions.values())
    stored = tx.alerts(AlertQuery(org.number, incident.number, limit=limit)) if limit else ()
    moments = [alert.received_at for alert in stored]
    known = facts.of_open(org, incident, incident.last_alert_at, moments, conditions.values())
    return lambda pair: holds(conditions[pair[0].id], event, known)


def _condition(policy: EscalationPolicy, owner: Organization) -> Condition:
    return criteria.condition(kept(policy)[DOCUMENT], tenant_id(owner))


def _at_work(org: Organization, incident: Incident) -> Owned | None:
    """What a route made elsewhere has started."""
    started = [start.policy_id for start in incident.course.starts if start.policy_id in org.policies]
    return (org.policies[started[0] or ""], org) if started else None


ROUTES = [get(f"{T}/alerts/{{alert}}/escalations", show, quota=READS)]
