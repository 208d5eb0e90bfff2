"""What would happen if an alert came and nobody answered: run by the same core, sending nothing."""

from dataclasses import dataclass

from watchbill.domain.alert import AlertEvent
from watchbill.domain.escalation import advance, wake_at
from watchbill.domain.incident import Incident, Page
from watchbill.domain.opening import opened, opening
from watchbill.domain.organization import Organization
from watchbill.domain.routing import Selection
from watchbill.domain.timeline import Entry
from watchbill.usecases.alerts import opens, selected
from watchbill.usecases.decisions import turns_of
from watchbill.usecases.ports import Tx


@dataclass(frozen=True, slots=True)
class Simulation:
    """`opens`: whether such an alert opens an incident at all. Pages and entries are in the order of time."""

    opens: bool
    selection: Selection
    entries: tuple[Entry, ...] = ()
    pages: tuple[Page, ...] = ()
    incident: Incident | None = None


def simulate(tx: Tx, org_number: int, event: AlertEvent, at: int, horizon: int) -> Simulation:
    """The pages of a new incident from the moment `at` on, for `horizon` microseconds."""
    org = tx.organization(org_number)
    return run(org, event, at, horizon, dict(turns_of(tx, org)))


def run(org: Organization, event: AlertEvent, at: int, horizon: int, turns: dict[str, int]) -> Simulation:
    event = org.ruleset.applied(event, at)
    selection = selected(org, event, at)
    if not opens(org, event):
        return Simulation(False, selection)
    outcome = opening(org, selection, event, at, turns)
    incident = opened(outcome.incident, event, 0, "", "")
    for step in outcome.turns:
        turns[step] = turns.get(step, 0) + 1
    later = advance(incident, org, at + horizon, turns) if wake_at(incident) is not None else None
    if later is not None:
        outcome = outcome.then(later)
    return Simulation(True, selection, outcome.entries, outcome.pages, outcome.incident)
