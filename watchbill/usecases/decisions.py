"""What is decided about an incident, before it is kept."""

from collections.abc import Iterable, Mapping

from watchbill.domain.incident import Incident, Outcome
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Assignment, EscalationPolicy
from watchbill.domain.record import record
from watchbill.usecases.ports import Tx


@record
class Decision:
    """An outcome, and the incident as it was stored before (None: a new one)."""

    before: Incident | None
    outcome: Outcome


def turns_of(tx: Tx, org: Organization, policies: Iterable[EscalationPolicy] | None = None) -> Mapping[str, int]:
    """How many turns the round-robin steps of these policies (None: of all the organization's) have used up."""
    org = org.acting
    if policies is None:
        if not org.takes_turns:
            return {}
        policies = org.policies.values()
    steps = [step.id for policy in policies for step in policy.steps if step.assignment is Assignment.ROUND_ROBIN]
    return tx.turns(org.number, steps) if steps else {}
