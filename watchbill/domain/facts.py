"""What a rule may ask besides what an alert says: whose it is, and about the incident that it joins.

organization                 the number of the organization that it came to
incident.alerts              how many alerts it has by now, this one included
incident.opened_at           when it opened, in microseconds
incident.updated_at          when its latest alert came: now
incident.healed_at           when it healed; not there unless it is healed now
incident.alerts_within.SPAN  how many of its alerts came in the last SPAN microseconds, this one included
"""

from collections.abc import Iterable, Iterator, Sequence

from watchbill.domain.conditions import Facts
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization
from watchbill.domain.routes import Condition, Join

ORGANIZATION = "organization"
ALERTS = "incident.alerts"
OPENED = "incident.opened_at"
UPDATED = "incident.updated_at"
HEALED = "incident.healed_at"
WITHIN = "incident.alerts_within."
# So many alerts of an incident are looked back at, at most.
MOST_COUNTED = 10_000


def of_new(org: Organization, now: int) -> Facts:
    """About an alert that opens an incident: whatever the span, it is the only one."""

    def fact(name: str) -> str | None:
        if name == ALERTS or name.startswith(WITHIN):
            return "1"
        if name in (OPENED, UPDATED):
            return str(now)
        return str(org.number) if name == ORGANIZATION else None

    return fact


def of_open(
    org: Organization, incident: Incident, now: int, moments: Sequence[int], conditions: Iterable[Condition | None]
) -> Facts:
    """What these conditions may ask. `moments`: when alerts of the incident came, this one included; as many as
    `wanted` says."""
    found = {
        ORGANIZATION: str(org.number),
        ALERTS: str(incident.alert_count),
        OPENED: str(incident.opened_at),
        UPDATED: str(now),
    }
    if incident.healed_at is not None:
        found[HEALED] = str(incident.healed_at)
    for name in {name for condition in conditions for name, _ in spans(condition)}:
        since = now - int(name.removeprefix(WITHIN))
        found[name] = str(sum(moment > since for moment in moments))
    return found.get


def wanted(conditions: Iterable[Condition | None]) -> int:
    """How many of an incident's newest alerts must be known to tell whether these hold."""
    counts = [count for condition in conditions for _, count in spans(condition)]
    return min(max(counts, default=0), MOST_COUNTED)


def spans(condition: Condition | None) -> Iterator[tuple[str, int]]:
    """Each fact about a span that the condition asks for, and up to which count it must be told."""
    if condition is None:
        return
    if condition.join is not Join.TEST:
        for part in condition.parts:
            yield from spans(part)
    elif condition.field.startswith(WITHIN) and condition.field.removeprefix(WITHIN).isdigit():
        yield condition.field, _count(condition.value) + 1


def _count(text: str) -> int:
    try:
        return max(0, min(int(float(text)), MOST_COUNTED))
    except (ValueError, OverflowError):
        return MOST_COUNTED
