"""Escalation policies as they are sent: what is read, refused, and filled in (reference, part 8).

A policy is kept as the document that came, so that all of it comes back value for value, also references that nobody
can resolve; only flags become flags, and what the reference fills in is filled in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.opsramp.bodies import LARGEST, Body, as_object, flag, needed, objects, one, text, whole, word
from watchbill.domain.errors import Invalid

Document = dict[str, Any]

MANUAL = "MANUAL"
AUTOMATIC = "AUTOMATIC"
UNTIL_TICKETED = "AUTOMATIC_UNTIL_ACKNOWLEDGED_CLOSED_SUPPRESSED_TICKETED"
UNTIL_SUPPRESSED = "AUTOMATIC_UNTIL_ACKNOWLEDGED_CLOSED_SUPPRESSED"
TYPES = (MANUAL, UNTIL_TICKETED, UNTIL_SUPPRESSED, AUTOMATIC)
ON, OFF, OBSERVED, RECOMMEND = "ON", "OFF", "OBSERVED", "RECOMMEND"
MODES = (ON, OFF, RECOMMEND, OBSERVED)
NOTIFICATION, INCIDENT = "NOTIFICATION", "INCIDENT"
ACTIONS = (NOTIFICATION, INCIDENT)
MATCHING = ("ALL", "ANY")
NOTIFY = ("forEveryUpdate", "whenAlertStateChanged")
USUAL_LIMIT, MOST_MESSAGES = 2, 10

# What the server says of a policy: a client that sends it back means nothing by it.
SERVERS = frozenset(
    {"id", "policyType", "createdDate", "updatedDate", "createdBy", "updatedBy", "scope", "mlBased", "active"}
)
UPDATE_FLAGS = (
    "none",
    "withAlertState",
    "updateWhenAlertStateChange",
    "updateForEveryRepeatAlert",
    "updateWithRuleWhenAlertStateChange",
    "updateWithRuleForEveryRepeatAlert",
    "updateIncidentSubject",
    "updateIncidentSubjectWithRule",
    "autoResolveIncident",
    "autoResolveUnassignedIncident",
    "updatePriorityByMLConfiguration",
)


def created(body: Body) -> Document:
    """A whole policy. Raises Invalid."""
    for field in ("name", "escalationType"):
        needed(body, field)
    if not objects(body, "escalations"):
        raise Invalid("escalations is mandatory", "escalations")
    blank = {"description": "", "clientMatchingType": "ALL", "enabledMode": ON}
    return changed(blank, body)


def changed(known: Document, body: Body) -> Document:
    """The policy with what is sent laid over it; what is not sent stays. Raises Invalid."""
    document = known | {key: value for key, value in body.items() if key not in SERVERS}
    _head(document)
    document["enabledMode"] = _mode(body) or known["enabledMode"]
    kind = document["escalationType"]
    steps = document.get("escalations")
    if not isinstance(steps, list) or not steps:
        raise Invalid("At least one escalation is needed", "escalations")
    document["escalations"] = [_step(step, kind, f"escalations[{at}]") for at, step in enumerate(steps)]
    _in_order(document["escalations"], kind)
    return document


def _head(document: Document) -> None:
    document["name"] = needed(document, "name")
    for field in ("description", "clientMatchingType"):
        document[field] = text(document, field) or ""
    if word(document, "escalationType", TYPES) is None:
        raise Invalid("escalationType is mandatory", "escalationType")
    _without_nulls(document, ("allClients", "resources", "includedClients", "filterCriteria"))
    if "allClients" in document:
        document["allClients"] = flag(document, "allClients")
    if document.get("precedence") is not None:
        document["precedence"] = whole(document, "precedence", -LARGEST)
    for field in ("resources", "includedClients"):
        if field in document:
            document[field] = [_referred(each, field) for each in _list(document, field)]
    if "filterCriteria" in document:
        _criteria(as_object(document["filterCriteria"], "filterCriteria"))


def _without_nulls(document: Document, fields: Sequence[str]) -> None:
    """Null says that there is none."""
    for field in fields:
        if document.get(field, field) is None:
            del document[field]


def _list(document: Body, field: str) -> Sequence[Any]:
    found = document[field]
    if not isinstance(found, list):
        raise Invalid("A list is needed", field)
    return found


def _referred(entry: Any, field: str) -> Any:
    if isinstance(entry, str) and field == "includedClients":
        return {"uniqueId": entry}
    return as_object(entry, field)


def _criteria(criteria: Body) -> None:
    word(criteria, "matchingType", MATCHING, str.upper)
    for field in ("searchQuery", "resourceSearchQuery"):
        text(criteria, field)
    for at, rule in enumerate(objects(criteria, "rules") or ()):
        for field in ("key", "operator"):
            if not isinstance(rule.get(field), str):
                raise Invalid("A text is needed", f"filterCriteria.rules[{at}].{field}")


def _mode(body: Body) -> str | None:
    """`enabledMode` wins over `active`; None when neither is sent."""
    mode, active = word(body, "enabledMode", MODES, str.upper), flag(body, "active")
    if mode is not None or active is None:
        return mode
    return ON if active else OFF


def _step(given: Any, kind: str, path: str) -> Document:
    """Raises Invalid, with the path to what is wrong."""
    step = dict(as_object(given, path))
    try:
        step["action"] = word(step, "action", ACTIONS, str.upper) or NOTIFICATION
        for field in ("waitMins", "repeatFrequency", "notifyLimitCount"):
            step = _number(step, field)
        _without_nulls(step, ("incident",))
        for field in ("incident", "updateIncident"):  # whatever the action: they are shown again
            one(step, field)
        if step["action"] == NOTIFICATION:
            _notification(step, kind)
        else:
            _incident(step)
    except Invalid as error:
        raise Invalid(error.message, f"{path}.{error.field}" if error.field else path) from error
    return step


LIMITS = {"waitMins": (0, LARGEST), "repeatFrequency": (1, LARGEST), "notifyLimitCount": (1, MOST_MESSAGES)}


def _number(step: Document, field: str) -> Document:
    """Null is as if it was not there."""
    if field not in step:
        return step
    value = whole(step, field, *LIMITS[field])
    return {key: known for key, known in step.items() if key != field} | ({} if value is None else {field: value})


def _notification(step: Document, kind: str) -> None:
    text(step, "priority")
    text(step, "alertStateTransitionFrom")
    if "recipients" in step:
        objects(step, "recipients")
    if kind != MANUAL:
        step.setdefault("notifyLimitCount", USUAL_LIMIT)


def _incident(step: Document) -> None:
    word(step, "notifyIncident", NOTIFY)
    update = step.get("updateIncident")
    if update is not None:
        objects(update, "priorityRules")
        step["updateIncident"] = {key: flag(update, key) if key in UPDATE_FLAGS else update[key] for key in update}
    incident: Mapping[str, Any] = step.get("incident") or {}
    for field in ("subject", "description", "priority", "status", "cc", "toEmail"):
        text(incident, field)
    learning = one(incident, "machineLearning")
    if learning is not None:
        settled = {key: flag(learning, key) if key == "continuousLearning" else learning[key] for key in learning}
        step["incident"] = {**incident, "machineLearning": settled}


def _in_order(steps: Sequence[Body], kind: str) -> None:
    """The incident step is the last, and a manual policy has none. Raises Invalid."""
    for at, step in enumerate(steps):
        if step["action"] != INCIDENT:
            continue
        if at < len(steps) - 1:
            raise Invalid("The INCIDENT action has to be the last one", f"escalations[{at}].action")
        if kind == MANUAL:
            raise Invalid("A MANUAL policy has NOTIFICATION actions only", f"escalations[{at}].action")


def learns(document: Body) -> bool:
    """Whether an incident step has a machineLearning object (reference, part 7.7)."""
    steps: Sequence[Body] = document.get("escalations") or ()
    return any((step.get("incident") or {}).get("machineLearning") is not None for step in steps)
