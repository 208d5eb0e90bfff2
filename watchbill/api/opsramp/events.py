"""An event as it is posted, and the alert that the core makes of it (reference, parts 5.1, 5.2).

The alert's `fields` are flat: "alertType", "component", …; those of its resource as "resource.hostName". The groups and
the location of a resource are lists of names and ids between commas, ",DGP-1,Databases,", that a rule may look into.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.times import moment
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Invalid
from watchbill.domain.people import Urgency

# In characters; what is longer is cut, for a page must not be lost to a long text.
TITLE, MESSAGE, FIELD, KEY = 1024, 20_480, 1024, 512
SIGNALS: Mapping[str, Signal] = {
    "ok": Signal.RECOVERY,
    "warning": Signal.WARNING,
    "critical": Signal.CRITICAL,
    "info": Signal.INFO,
}
ALERT_TYPES = (
    "Monitoring",
    "Maintenance",
    "Agent",
    "Appliance",
    "Scheduled Maintenance",
    "Obsolete",
    "Forecast",
    "Change Detection",
    "Integration Failure",
)
USUAL_APP = "OPSRAMP"
# Fields that are kept as they came.
PLAIN = (
    *("component", "alertTime", "description", "monitorName", "ackUrl", "rtype", "extAlertId", "availability"),
    *("problemArea", "clientUniqueId", "alertKey", "priority", "masterAgentUUID"),
)
# What a resource may be told apart by, the surest first.
CALLED = ("hostName", "resourceName", "name", "ipAddress", "macAddress")
IDENTITY = ("id", "resourceUUID", "extResourceId", "providerUUID", "systemUUID", *CALLED)
NAMES = (*CALLED, "id", "resourceUUID", "extResourceId")
LISTS = ("deviceGroups", "serviceGroups", "location")


def event_of(body: Body, place: str = "") -> AlertEvent:
    """Raises Invalid: `field` is led by `place`, that of the event in a list."""
    subject, signal = _text(body, "subject"), SIGNALS.get(_text(body, "currentState").strip().lower())
    metric = _text(body, "metric") or _text(body, "serviceName")
    if not subject.strip():
        raise Invalid("subject is mandatory", f"{place}subject")
    if signal is None:
        raise Invalid("currentState is mandatory: OK, Warning, Critical or Info", f"{place}currentState")
    if not metric:
        raise Invalid("serviceName or metric is mandatory", f"{place}serviceName")
    resource = _resource(body)
    about = body.get("alertKey") or (metric, _text(body, "component"))
    return AlertEvent(
        signal=signal,
        key=_key(_identity(resource), about),
        title=subject[:TITLE],
        message=_text(body, "description"),
        state_started_at=_time(body.get("alertTime")),
        tool=(_text(body, "app") or USUAL_APP)[:FIELD],
        monitor=_text(body, "monitorName")[:FIELD],
        host=next((resource[name] for name in NAMES if resource.get(name)), "")[:FIELD],
        service=metric[:FIELD],
        urgency=Urgency.HIGH if signal is Signal.CRITICAL else Urgency.LOW,
        tags=_tags(body.get("tags")),
        fields=_fields(body, metric, resource),
        lasting=True,
    )


def _text(body: Body, field: str) -> str:
    value = body.get(field)
    return value.replace("\0", "")[:MESSAGE] if isinstance(value, str) else ""


def _time(value: object) -> int | None:
    try:
        return moment(value, "alertTime")
    except Invalid:
        return None


def _resource(body: Body) -> Mapping[str, str]:
    """Of `resource` and `device`, which mean the same, every text; lists as texts with commas around each entry."""
    found: dict[str, str] = {}
    for part in (body.get("device"), body.get("resource")):
        if not isinstance(part, dict):
            continue
        found |= {name: _cut(value) for name, value in part.items() if isinstance(value, str | int)}
        found |= {name: _listed(part[name]) for name in LISTS if name in part}
    return {name[:FIELD]: value for name, value in found.items() if value}


def _cut(value: object) -> str:
    return str(value).replace("\0", "")[:FIELD]


def _listed(value: object) -> str:
    entries = value if isinstance(value, list) else [value]
    names = [_cut(told) for entry in entries if isinstance(entry, dict) for told in _told(entry)]
    names += [_cut(entry) for entry in entries if isinstance(entry, str)]
    return f",{','.join(names)},"[:MESSAGE] if names else ""


def _told(entry: Mapping[str, Any]) -> Iterable[str]:
    return (entry[name] for name in ("id", "uniqueId", "name") if isinstance(entry.get(name), str))


def _identity(resource: Mapping[str, str]) -> str:
    """The id, or the name that it was made of: clients send either back, whatever they were shown."""
    id, names = resource_id(resource), [resource[name] for name in CALLED if resource.get(name)]
    told = names or any(resource.get(name) for name in IDENTITY)
    return next((name for name in names if _id_of(name) == id), id) if told else ""


def _key(resource: str, about: object) -> str:
    """One open alert for each resource, metric and component, or for each resource and alertKey."""
    parts = about if isinstance(about, tuple) else ("key", str(about).replace("\0", ""))
    key = "/".join(part.replace("\\", "\\\\").replace("/", "\\/") for part in (resource, *parts))
    return key if len(key) <= KEY else f"{key[: KEY - 65]}:{hashlib.sha256(key.encode()).hexdigest()}"


def _tags(value: object) -> Mapping[str, str]:
    """As {"name", "value"}, or as {name: value}."""
    tags: dict[str, str] = {}
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict) and "name" in entry:
            tags[_cut(entry["name"])] = _cut(entry.get("value", ""))
        elif isinstance(entry, dict):
            tags |= {_cut(name): _cut(told) for name, told in entry.items()}
    return tags


def _fields(body: Body, metric: str, resource: Mapping[str, str]) -> Mapping[str, object]:
    kind = _text(body, "alertType").strip().lower()
    fields: dict[str, object] = {name: _text(body, name) or _number(body, name) for name in PLAIN}
    fields |= {
        "serviceName": (_text(body, "serviceName") or metric)[:FIELD],
        "metric": metric[:FIELD],
        "app": (_text(body, "app") or USUAL_APP)[:FIELD],
        "alertType": next(
            (one for one in ALERT_TYPES if one.lower() == kind), _text(body, "alertType") or ALERT_TYPES[0]
        ),
        "eventType": "ALERT",
    }
    told = {f"resource.{name}": value for name, value in resource.items()}
    return {name: value for name, value in fields.items() if value} | told | {"resource.id": resource_id(resource)}


def _number(body: Body, field: str) -> str:
    value = body.get(field)
    return _cut(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def resource_id(resource: Mapping[str, str]) -> str:
    """As told, or made of what the resource is told apart by: always the same for the same."""
    known = resource.get("id") or resource.get("resourceUUID")
    return known or _id_of(next((resource[name] for name in IDENTITY if resource.get(name)), ""))


def _id_of(name: str) -> str:
    digits = hashlib.sha256(f"resource:{name}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"
