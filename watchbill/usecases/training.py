"""Learning what people do with alerts, and telling what they would do with this one (OpsRamp reference, part 12)."""

from collections.abc import Mapping

from watchbill.domain import training
from watchbill.domain.alert import AlertEvent
from watchbill.domain.errors import Invalid
from watchbill.domain.incident import Incident
from watchbill.domain.plans import TicketOrder
from watchbill.domain.record import replace
from watchbill.domain.ticketing import priority_of
from watchbill.domain.tickets import CLOSED, Ticket
from watchbill.domain.training import COMPLETE, ESCALATION, QUEUED, Case, Finding, TrainingFile
from watchbill.usecases.ports import Tx

LEARNING = "machineLearning"


def upload(tx: Tx, file: TrainingFile, content: bytes) -> None:
    """Keeps the file instead of the one of its category, from which nothing is learned any more. Raises Invalid,
    TooLarge."""
    tx.add_training_file(_checked(file, content), content)


def request(tx: Tx, org: int, category: str) -> None:
    """Wants the file of that category to be learned from, which the engine does; without one there is nothing to do."""
    for file in tx.training_files(org):
        if file.category == category:
            tx.keep_training_file(replace(file, state=QUEUED))


def waiting(tx: Tx) -> tuple[TrainingFile, bytes] | None:
    """The next file to learn from."""
    file = tx.queued_training()
    content = tx.training_content(file.org, file.category) if file is not None else None
    return None if file is None or content is None else (file, content)


def finish(tx: Tx, file: TrainingFile) -> bool:
    """Says what has become of it. False where another file has come meanwhile: what was learned counts for nothing."""
    return tx.keep_training_file(file)


def remember(tx: Tx, ticket: Ticket, now: int) -> None:
    """A ticket whose status changed: while it is closed, what people decided in it is an example."""
    tx.remove_case(ticket.org, ticket.number)
    first = next(iter(ticket.incidents), None)
    found = tx.incidents_by_number([(ticket.org, first)]) if first is not None and ticket.status == CLOSED else {}
    for incident in found.values():
        fields = {"priority": ticket.priority, "assigneeGroup": ticket.fields.get("assigneeGroup")}
        key = training.case_key(incident.service, training.resource_type(event_of(tx, incident)))
        told = {name: value for name, value in fields.items() if value}
        tx.keep_case(Case(ticket.org, key, ticket.number, now, told))


def event_of(tx: Tx, incident: Incident) -> AlertEvent:
    """The latest alert of an incident, or what the incident tells of it."""
    key = (incident.org, incident.last_alert_id)
    found = tx.alerts_by_id([key]).get(key)
    return found.event if found else AlertEvent(incident.state, incident.key, incident.title, incident.message)


def findings(tx: Tx, owner: int, incident: Incident, event: AlertEvent, order: TicketOrder) -> Mapping[str, Finding]:
    """What was learned for the fields of a ticket: from the training file of the policy's `owner`, else from tickets
    of the incident's own organization. Nothing where the order doesn't ask for it."""
    wish = order.fields.get(LEARNING)
    if not isinstance(wish, Mapping):
        return {}
    wanted = training.wanted_fields(wish.get("learnedFieldsToOutputColumnsMap"))
    found = _by_rows(tx, owner, incident, event, wanted)
    if wish.get("continuousLearning") is True:
        names = [name for name in training.LEARNED_BY_CASES if name not in found and (not wanted or name in wanted)]
        found |= _by_cases(tx, incident, event, names)
    return {name: one for name, one in found.items() if name != "priority" or priority_of(one.value)}


def _by_rows(
    tx: Tx, owner: int, incident: Incident, event: AlertEvent, wanted: Mapping[str, str]
) -> dict[str, Finding]:
    files = [one for one in tx.training_files(owner) if (one.category, one.state) == (ESCALATION, COMPLETE)]
    found: dict[str, Finding] = {}
    for file in files if wanted else ():
        keys = training.keys(file, incident, event)
        best = training.winner(tx.training_groups(owner, file.category, keys)) if keys else None
        if best is not None:
            found |= {one.field: one for one in training.from_rows(file, best, wanted)}
    return found


def _by_cases(tx: Tx, incident: Incident, event: AlertEvent, names: list[str]) -> dict[str, Finding]:
    kind = training.resource_type(event)
    cases = tx.cases(incident.org, training.case_key(incident.service, kind)) if names else []
    about = f"metric {incident.service or 'none'} on {kind or 'any resource'}"
    return {one.field: one for one in training.from_cases(cases, about, names)}


def _checked(file: TrainingFile, content: bytes) -> TrainingFile:
    """The file with the columns that it has: those named, else those of an incident are learned from all others.

    Raises Invalid, TooLarge.
    """
    header = training.columns(content)
    if len(header) > training.MOST_COLUMNS:
        raise Invalid(f"The file has more than {training.MOST_COLUMNS} columns")
    outputs = file.outputs or tuple(name for name in header if name.lower().startswith(training.OUTPUT))
    inputs = file.inputs or tuple(name for name in header if name not in outputs)
    if not inputs or not outputs:
        raise Invalid("The file needs columns of the alert and columns of the incident, named like incident.priority")
    wrong = [name for name in inputs if name.lower() in training.NOT_SUPPORTED]
    if wrong:
        raise Invalid(f"The column {wrong[0]} is not supported", "metaData")
    known = {name.lower() for name in header}
    missing = [name for name in (*inputs, *outputs) if name.lower() not in known]
    if missing:
        raise Invalid(f"The file has no column {', '.join(missing)}")
    return replace(file, inputs=inputs, outputs=outputs)
