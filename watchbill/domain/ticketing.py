"""What ticket a step of a policy makes of an incident, and how further alerts change it (reference, part 11)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from watchbill.domain.alert import AlertEvent, Signal, text_of
from watchbill.domain.civil import MINUTE
from watchbill.domain.holding import OFF
from watchbill.domain.incident import Cause, Incident, Outcome, Phase, Run, TicketWanted
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Action, EscalationPolicy, Step, TicketOrder
from watchbill.domain.reaching import timed
from watchbill.domain.tickets import CLOSED, NEW, NORMAL, PRIORITIES, RESOLVED, STATUSES, Revision, Ticket
from watchbill.domain.timeline import Kind

# --- Macros

STATES = {Signal.RECOVERY: "Ok", Signal.WARNING: "Warning", Signal.CRITICAL: "Critical", Signal.INFO: "Info"}
# $function.substring($alert.FIELD ,'START','END'), or $alert.FIELD.
MACRO = re.compile(
    r"\$function\.substring\(\s*\$alert\.([\w.]*\w)\s*,\s*'((?:[^'\\]|\\.)*)'\s*,\s*'((?:[^'\\]|\\.)*)'\s*\)"
    r"|\$alert\.(\w+(?:\.\w+)*)",
    re.DOTALL,
)
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\'": "'", "\\\\": "\\"}
LONGEST_TEXT = 20_000

ATTRIBUTES: Mapping[str, Callable[[Incident, AlertEvent], str]] = {
    "subject": lambda incident, event: incident.title,
    "description": lambda incident, event: incident.message,
    "currentState": lambda incident, event: STATES.get(incident.state, ""),
    "metric": lambda incident, event: incident.service,
    "serviceName": lambda incident, event: incident.service,
    "app": lambda incident, event: incident.tool,
    "source": lambda incident, event: incident.tool,
    "monitorName": lambda incident, event: incident.monitor,
    "resource": lambda incident, event: incident.host,
    "resource.name": lambda incident, event: incident.host,
    "resourceName": lambda incident, event: incident.host,
    "repeatCount": lambda incident, event: str(incident.alert_count),
}


def expanded(text: str, incident: Incident, event: AlertEvent) -> str:
    """The text with its macros filled in; those that nobody knows stay as they are."""

    def filled(found: re.Match[str]) -> str:
        inner, start, end, name = found.groups()
        value = _field(inner or name, incident, event)
        if value is None:
            return found[0]
        return value if inner is None else _between(value, _unescaped(start), _unescaped(end))

    return MACRO.sub(filled, text)[:LONGEST_TEXT]


def _between(text: str, start: str, end: str) -> str:
    rest = text.partition(start)[2] if start else text
    return rest.partition(end)[0] if end else rest


def _field(name: str, incident: Incident, event: AlertEvent) -> str | None:
    if name in ATTRIBUTES:
        return ATTRIBUTES[name](incident, event)
    value = event.fields.get(name, event.fields.get(f"resource.{name}", event.tags.get(name)))
    return None if value is None else text_of(value)


def _unescaped(text: str) -> str:
    return re.sub(r"\\.", lambda found: ESCAPES.get(found[0], found[0]), text)


def _filled(value: Any, incident: Incident, event: AlertEvent) -> Any:
    """The macros in every text of a value, however deep."""
    if isinstance(value, str):
        return expanded(value, incident, event)
    if isinstance(value, Mapping):
        return {key: _filled(inner, incident, event) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, incident, event) for inner in value]
    return value


# --- Making one

# What of an order is not written into the ticket.
PLAIN = ("subject", "description", "priority", "status", "machineLearning")


def drafted(incident: Incident, event: AlertEvent, order: TicketOrder, learned: Mapping[str, object]) -> Ticket:
    """The ticket of an order; what was learned goes before what the order says."""
    fields = {**order.fields, **learned}
    rest = {key: value for key, value in fields.items() if key not in PLAIN}
    if incident.host and "resources" not in rest:
        rest["resources"] = [_resource(incident, event)]
    return Ticket(
        org=incident.org,
        number=0,
        created_at=0,
        subject=_filled(_text(fields, "subject") or "$alert.subject", incident, event),
        description=_filled(_text(fields, "description") or "$alert.description", incident, event),
        priority=priority_of(fields.get("priority")) or NORMAL,
        status=_status(fields),
        incidents=(incident.number,),
        fields=_filled(rest, incident, event),
    )


def _resource(incident: Incident, event: AlertEvent) -> Mapping[str, object]:
    known = {"id": event.fields.get("resource.id"), "name": incident.host, "type": "DEVICE"}
    return {name: value for name, value in known.items() if value}


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _status(fields: Mapping[str, object]) -> str:
    status = _text(fields, "status").strip().lower()
    return next((one for one in STATUSES if one.lower() == status), NEW)


def priority_of(value: object) -> str | None:
    """ "VeryLow" and "Very Low" are one."""
    plain = "".join(str(value).split()).lower()
    return next((one for one in PRIORITIES if one.replace(" ", "").lower() == plain), None)


# --- What further alerts do

ON_CHANGE = ("withAlertState", "updateWhenAlertStateChange", "updateWithRuleWhenAlertStateChange")
ON_REPEAT = ("updateForEveryRepeatAlert", "updateWithRuleForEveryRepeatAlert")
WITH_RULE = {
    Cause.CHANGE: ("withAlertState", "updateWithRuleWhenAlertStateChange", "updateWithRuleForEveryRepeatAlert"),
    Cause.REPEAT: ("updateWithRuleForEveryRepeatAlert",),
}
NEW_SUBJECT = ("updateIncidentSubject", "updateIncidentSubjectWithRule")
EACH_UPDATE, EACH_CHANGE = "forEveryUpdate", "whenAlertStateChanged"


def wants(order: TicketOrder, changed: bool) -> Cause | None:
    """Whether an alert of the same or another state changes the ticket, and as what."""
    if _any(order, ON_REPEAT):
        return Cause.CHANGE if changed else Cause.REPEAT
    if _any(order, ON_CHANGE):
        return Cause.CHANGE if changed else None
    return Cause.CHANGE if changed else Cause.REPEAT


def _any(order: TicketOrder, names: Iterable[str]) -> bool:
    return any(order.updates.get(name) is True for name in names)


def heals_after(order: TicketOrder) -> int | None:
    """How long after healing the ticket is resolved; None: it isn't."""
    if not _any(order, ("autoResolveIncident", "autoResolveUnassignedIncident")):
        return None
    minutes = order.updates.get("autoHealWaitTime")
    text = str(minutes)
    return int(text) * MINUTE if text.isascii() and text.isdigit() and len(text) < 8 else 0


def revision_of(
    ticket: Ticket, incident: Incident, event: AlertEvent, order: TicketOrder, cause: Cause
) -> Revision | None:
    """What an alert changes in the ticket; None where only its words are appended."""
    if cause is Cause.HEALED:
        keep = not _any(order, ("autoResolveIncident",)) and bool(ticket.fields.get("assignedUser"))
        return None if keep else Revision(status=RESOLVED, notes="the alert healed")
    changes: dict[str, Any] = {}
    rules = order.updates.get("priorityRules")
    if _any(order, WITH_RULE.get(cause, ())) and isinstance(rules, list | tuple):
        changes |= _ruled(rules, incident)
    if _any(order, (*ON_CHANGE, *ON_REPEAT)) and _any(order, NEW_SUBJECT):
        changes["subject"] = expanded(_text(order.fields, "subject") or "$alert.subject", incident, event)
    return Revision(**changes) if changes else None


def _ruled(rules: Iterable[object], incident: Incident) -> dict[str, Any]:
    """The first rule whose value is the state says priority, business impact and urgency."""
    state = STATES.get(incident.state, "").lower()
    for rule in rules:
        if isinstance(rule, Mapping) and str(rule.get("value", "")).lower() == state:
            fields = {name: rule[name] for name in ("businessImpact", "urgency") if rule.get(name)}
            return {"priority": priority_of(rule.get("priority")), "fields": fields}
    return {}


def learns_priority(order: TicketOrder) -> bool:
    """Whether what was learned sets the priority on updates, too."""
    return _any(order, ("updatePriorityByMLConfiguration",))


def mails(order: TicketOrder, cause: Cause) -> bool:
    """Whether those who have to do with the ticket get a mail about this."""
    if cause in (Cause.STEP, Cause.AGAIN) or order.notify == EACH_UPDATE:
        return True
    return order.notify == EACH_CHANGE and cause in (Cause.CHANGE, Cause.HEALED)


def is_settled(ticket: Ticket | None) -> bool:
    """Whether an alert needs a new ticket: resolved counts as open (part 11.1)."""
    return ticket is None or ticket.status == CLOSED


# --- When


def on_alert(before: Incident, after: Incident, org: Organization, event: AlertEvent, now: int) -> Outcome:
    """What one more alert of an incident does to the ticket that a step made of it."""
    course, state = after.course, event.signal
    if course.ticketing is None or after.phase is Phase.RESOLVED or state not in STATES:
        return Outcome(after)
    changed = after.state is not before.state
    order = _order(after, org)
    cause = wants(order, changed) if not course.ticket_closed else _again(after, state)
    if cause is None and course.ticket_due is None:
        return Outcome(after)
    m = Motion(org, after, {})
    if state is not Signal.RECOVERY:
        m.set_course(ticket_due=None)
    if cause is not None:
        m.tickets.append(TicketWanted(now, *course.ticketing, order, cause))
    if cause is Cause.AGAIN:
        m.set_course(ticket_closed=False)
        m.changes.update(ticketed_at=now, ticketed_by="")
    return m.outcome()


def _again(incident: Incident, state: Signal) -> Cause | None:
    """The next alert that would escalate opens another ticket (reference, part 11.4)."""
    free = incident.phase is Phase.TRIGGERED and incident.suppressed_at is None
    return Cause.AGAIN if free and state in (Signal.CRITICAL, Signal.WARNING) else None


def _order(incident: Incident, org: Organization) -> TicketOrder:
    """Of the step that made the ticket: as it is now, where its policy is followed."""
    policy_id, step_id = incident.course.ticketing or ("", "")
    plan = next((one for one in incident.course.policies if one.id == policy_id), None)
    current = org.acting.policies.get(policy_id)
    policy = current if current is not None and (plan is None or plan.follows) else plan
    steps = policy.steps if policy is not None else ()
    return next((step.ticket for step in steps if step.id == step_id and step.ticket), TicketOrder())


def set_healing(m: Motion, at: int) -> None:
    """The incident healed: its ticket is resolved later, where that is wanted."""
    if m.now("ticketing") is not None and not m.now("ticket_closed"):
        wait = heals_after(_order(m.incident, m.org))
        m.set_course(ticket_due=None if wait is None else at + wait)


def healed(m: Motion, at: int) -> None:
    policy_id, step_id = m.now("ticketing")
    m.set_course(ticket_due=None)
    m.tickets.append(TicketWanted(at, policy_id, step_id, _order(m.incident, m.org), Cause.HEALED))


def noticed(incident: Incident, org: Organization, closed: bool) -> Outcome:
    """Its ticket was closed, or opened again."""
    m = Motion(org, incident, {})
    if incident.course.ticket_closed is not closed:
        m.set_course(ticket_closed=closed)
    return m.outcome()


def want(m: Motion, run: Run, step: Step, at: int) -> bool:
    """The step's time has come. False where another policy's ticket goes before (reference, part 9.5)."""
    other = _before(m, run)
    if other is not None:
        m.note(at, Kind.SKIPPED, f"{m.policies[run.policy_id].name}: no ticket, that of {other.name} goes before")
        return False
    m.tickets.append(TicketWanted(at, run.policy_id, step.id, step.ticket or TicketOrder()))
    if m.stands("ticketed_at") is None or m.now("ticket_closed"):
        m.changes.update(ticketed_at=at, ticketed_by="")
    m.set_course(ticketing=(run.policy_id, step.id), ticket_closed=False)
    return True


def is_next(m: Motion, number: int) -> bool:
    """Whether the run's next step makes a ticket."""
    run = m.runs[number]
    steps = m.policies[run.policy_id].steps
    index = timed(m.policies[run.policy_id], run.step)
    return index < len(steps) and steps[index].action is Action.TICKET


def _before(m: Motion, run: Run) -> EscalationPolicy | None:
    """The policy at work whose ticket goes before that of this run."""
    makers = [m.policies[one.policy_id] for one in m.runs.values() if one.number == run.number or _makes(m, one)]
    first = min(makers, key=lambda one: _rank(m, one))
    return None if first.id == run.policy_id else first


def _makes(m: Motion, run: Run) -> bool:
    """Whether this run made the ticket, or will make one by time: what may never come doesn't go before."""
    if m.now("ticketing") is not None and m.now("ticketing")[0] == run.policy_id:
        return run.ended != OFF
    policy = m.policies[run.policy_id]
    left = policy.steps if run.lap < policy.passes else policy.steps[run.step :]
    return run.due is not None and any(step.action is Action.TICKET and step.on_state_left is None for step in left)


def _rank(m: Motion, policy: EscalationPolicy) -> tuple[bool, bool, int, int]:
    partners = m.org.partner is not None and policy.id in m.org.partner.policies
    later = partners is not m.org.settings.partner_tickets_first
    return later, policy.precedence is None, policy.precedence or 0, policy.number
