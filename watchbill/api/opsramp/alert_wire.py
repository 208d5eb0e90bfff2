"""An alert as it is shown (reference, part 5.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.alert_ids import alert_number, numbered
from watchbill.api.opsramp.authors import login_of
from watchbill.api.opsramp.events import ALERT_TYPES, USUAL_APP, resource_id
from watchbill.api.opsramp.tenancy import tenant_id
from watchbill.api.opsramp.times import moment, stamp
from watchbill.domain.alert import Signal
from watchbill.domain.belonging import INFERENCE
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.errors import Invalid
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.opening import ALERT
from watchbill.domain.organization import Organization
from watchbill.domain.ticketing import STATES
from watchbill.usecases.ports import Tx

Fields = Mapping[str, Any]
Shown = tuple[Organization, Incident, Fields]

NEW, ACKNOWLEDGED, SUPPRESSED, TICKETED, CLOSED = "New", "Acknowledged", "Suppressed", "Ticketed", "Closed"
CORRELATED = "Correlated"
RESOURCE_NAMES = ("id", "hostName", "ipAddress", "aliasName", "resourceName", "resourceType")


def with_fields(tx: Tx, found: Sequence[tuple[Organization, Incident]]) -> list[Shown]:
    """Each with the fields of its latest alert."""
    alerts = tx.alerts_by_id([(org.number, incident.last_alert_id) for org, incident in found])
    shown = []
    for org, incident in found:
        alert = alerts.get((org.number, incident.last_alert_id))
        shown.append((org, incident, alert.event.fields if alert is not None else {}))
    return shown


def state_of(incident: Incident) -> str:
    """What an alert resolved for good is as well as healed. Of those that last until they are closed none does that: an
    inference is over with the last of its alerts, whatever state that was in."""
    if not incident.lasting and incident.phase is Phase.RESOLVED and incident.resolved_by == ALERT.name:
        return STATES[Signal.RECOVERY]
    return STATES.get(incident.state, STATES[Signal.CRITICAL])


def status_of(incident: Incident) -> str:
    """Of several that are true, the first in this order (reference, part 5.6)."""
    if incident.phase is Phase.RESOLVED:
        return CLOSED
    if incident.suppressed_at is not None:
        return SUPPRESSED
    if incident.phase is Phase.ACKNOWLEDGED:
        return ACKNOWLEDGED
    if incident.group is not None:
        return CORRELATED
    return TICKETED if incident.ticketed_at is not None else NEW


def updated_at(incident: Incident) -> int:
    moments = (incident.healed_at, incident.suppressed_at, incident.ticketed_at)
    return max(incident.last_alert_at, incident.phase_at, *(at for at in moments if at is not None))


def alert(shown: Shown, now: int) -> Mapping[str, Any]:
    org, incident, fields = shown
    metric = str(fields.get("metric") or incident.service or incident.monitor or incident.key)
    body = {
        "uniqueId": str(alert_number(incident)),
        "subject": incident.title or incident.key,
        "description": incident.message,
        "currentState": state_of(incident),
        "serviceName": str(fields.get("serviceName") or metric),
        "metric": metric,
        "component": str(fields.get("component") or ""),
        "problemArea": str(fields.get("problemArea") or ""),
        **_flags(incident),
        "clientUniqueId": tenant_id(org),
        "tenantId": org.number,
        "tenantName": org.name,
        "alertType": str(fields.get("alertType") or ALERT_TYPES[0]),
        "app": app_of(incident, fields),
        "alertTime": _alert_time(incident, fields),
        **_resource(incident, fields),
        "repeatCount": str(incident.alert_count),
        "status": status_of(incident),
        "priority": priority_of(fields),
        "elapsedTimeString": elapsed(now - incident.opened_at),
        "createdDate": stamp(incident.opened_at),
        "updatedTime": stamp(updated_at(incident)),
        "eventType": INFERENCE if incident.members else str(fields.get("eventType") or "ALERT"),
        "inferenceId": 0 if incident.group is None else numbered(incident.org, incident.group),
        "rba": False,
        "managedByOpsRamp": False,
        "actedTs": 0,
        "statusHistory": status_history(incident),
    }
    return {**body, **_sometimes(incident, fields)}


def app_of(incident: Incident, fields: Fields) -> str:
    return str(fields.get("app") or incident.tool or USUAL_APP)


def priority_of(fields: Fields) -> str:
    return str(fields.get("priority") or "N/A")


def _flags(incident: Incident) -> Mapping[str, bool]:
    return {
        "acknowledged": incident.phase is Phase.ACKNOWLEDGED,
        "suppressed": incident.suppressed_at is not None,
        "permanentlySuppressed": False,
        "closed": incident.phase is Phase.RESOLVED,
        "ticketed": incident.ticketed_at is not None,
    }


def _alert_time(incident: Incident, fields: Fields) -> str:
    """As the sender told it, where that is a time."""
    try:
        return stamp(moment(fields.get("alertTime"), "alertTime"))
    except Invalid:
        return stamp(incident.last_alert_at)


def _resource(incident: Incident, fields: Fields) -> Mapping[str, Any]:
    """The same thing twice: `device` calls its kind DEVICE, `resource` by its name."""
    told = {name: str(fields.get(f"resource.{name}") or "") for name in RESOURCE_NAMES}
    name = incident.host
    told["id"] = told["id"] or resource_id({"name": name})
    told["resourceName"] = told["resourceName"] or name
    kind = told["resourceType"]
    return {
        "device": {"name": name, "type": "DEVICE", **told},
        "resource": {"name": name, "type": kind or "DEVICE", "consoles": [], **told},
    }


def _sometimes(incident: Incident, fields: Fields) -> Mapping[str, Any]:
    """What is only there when it is so."""
    found: dict[str, Any] = {name: fields[name] for name in ("monitorName", "extAlertId", "rtype") if name in fields}
    if incident.old_state is not None:
        found["oldState"] = STATES.get(incident.old_state, "")
    healed = incident.healed_at if incident.lasting else _recovered_at(incident)
    if healed is not None:
        found["healedTimeString"] = elapsed(healed - incident.opened_at)
    if incident.ticket is not None:
        found["incidentId"] = ids.numbered(ids.INCIDENT, incident.ticket)
    return found


def _recovered_at(incident: Incident) -> int | None:
    return incident.resolved_at if incident.resolved_by == ALERT.name else None


def status_history(incident: Incident) -> Mapping[str, str]:
    """Those of the changes that happened, the latest of each."""
    told = {"createdBy": "system", "createdTime": stamp(incident.opened_at)}
    acknowledged = [one for one in incident.transitions if one.phase is Phase.ACKNOWLEDGED]
    if acknowledged:
        told |= _by("acknowledged", acknowledged[-1].by, acknowledged[-1].at)
    for word, by, at in (
        ("suppressed", incident.suppressed_by, incident.suppressed_at),
        ("ticketed", incident.ticketed_by, incident.ticketed_at),
        ("closed", incident.resolved_by, incident.resolved_at),
    ):
        if at is not None:
            told |= _by(word, by, at)
    return told


def _by(word: str, by: str, at: int) -> Mapping[str, str]:
    return {f"{word}By": login_of(by), f"{word}Time": stamp(at)}


def elapsed(span: int) -> str:
    """ "2d 4h 10m ": without the parts that are zero; the blank at the end belongs to it."""
    amounts: Iterable[tuple[int, str]] = (
        (span // DAY, "d"),
        (span % DAY // HOUR, "h"),
        (span % HOUR // MINUTE, "m"),
    )
    return "".join(f"{amount}{unit} " for amount, unit in amounts if amount) or "0m "
