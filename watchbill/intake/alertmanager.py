"""Prometheus Alertmanager's webhook (version 4), and Grafana's, which is the same with additions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.intake.fields import (
    FIELD,
    MESSAGE,
    TITLE,
    WEB,
    annotation,
    as_list,
    as_object,
    as_text,
    fitted_fields,
    fitted_key,
    instant_of,
    json_value,
    kind_of,
    scalar_text,
)

MOST = 10_000
"""Alerts in one body. A group is seldom past a hundred; a body of empty objects could hold a hundred thousand."""

SIGNALS: Mapping[str, Signal] = {
    "critical": Signal.CRITICAL,
    "page": Signal.CRITICAL,
    "error": Signal.CRITICAL,
    "warning": Signal.WARNING,
    "warn": Signal.WARNING,
    "info": Signal.INFO,
    "none": Signal.INFO,
}

OF_GROUP = ("receiver", "groupKey", "externalURL", "orgId", "truncatedAlerts")
"""What each alert keeps of its group; the rest of the envelope repeats the alerts, or is in the raw body."""

LINKS = (
    ("generatorURL", "Source", AnnotationKind.URL),
    ("dashboardURL", "Dashboard", AnnotationKind.URL),
    ("panelURL", "Panel", AnnotationKind.URL),
    ("silenceURL", "Silence", AnnotationKind.URL),
    ("imageURL", "Image", AnnotationKind.IMAGE),
)

WORDING = frozenset(("summary", "title", "description", "message"))
"""Annotations that make the title and the message, or say the same in other words."""


@dataclass(frozen=True, slots=True)
class Group:
    """What the alerts of a body share. `status` is as told, so of any type."""

    tool: str
    status: object
    fields: Mapping[str, object]


def parse(body: bytes) -> list[AlertEvent]:
    """One event for each alert of the group. Its `routing_key` is that of a label; the URL's, if any, is stronger."""
    told = as_object(json_value(body), "the body")
    alerts = as_list(told.get("alerts"), "alerts")
    if len(alerts) > MOST:
        raise TooLarge(f"at most {MOST:,} alerts in one body, got {len(alerts):,}", "alerts")
    tool = "Grafana" if "orgId" in told else "Alertmanager"
    group = Group(tool, told.get("status"), {name: told[name] for name in OF_GROUP if told.get(name)})
    events = [_event(as_object(alert, f"alerts[{n}]"), f"alerts[{n}]", group) for n, alert in enumerate(alerts)]
    if events:
        events[0] = replace(events[0], raw=body, content_type="application/json")
    return events


def _event(alert: Mapping[str, object], place: str, group: Group) -> AlertEvent:
    labels = _texts(alert.get("labels"), f"{place}.labels", FIELD)
    notes = _texts(alert.get("annotations"), f"{place}.annotations", MESSAGE)
    signal = _signal(alert.get("status") or group.status, labels, f"{place}.status")
    name = labels.get("alertname", "")
    key = _key(alert, labels, place)
    return AlertEvent(
        signal=signal,
        key=key,
        title=(notes.get("summary") or notes.get("title") or name or key)[:TITLE],
        message=_message(alert, notes)[:MESSAGE],
        routing_key=labels.get("routing_key") or None,
        state_started_at=instant_of(alert.get("startsAt")),
        observed_at=instant_of(alert.get("endsAt")) if signal is Signal.RECOVERY else None,
        tool=group.tool,
        monitor=name,
        host=_host(labels.get("instance") or labels.get("host", "")),
        service=labels.get("service") or labels.get("job", ""),
        annotations=tuple(_annotations(alert, notes)),
        tags=labels,
        fields=fitted_fields({**group.fields, **alert}),
    )


def _texts(value: object, place: str, limit: int) -> dict[str, str]:
    """A map of names to texts. Alertmanager sends only texts; its imitators also numbers, and null for nothing."""
    if value is None:
        return {}
    return {
        name: text if type(text) is str and len(text) <= limit else _scalar(text, f"{place}.{name}", limit)
        for name, text in as_object(value, place).items()
        if text is not None
    }


def _scalar(value: object, place: str, limit: int) -> str:
    if isinstance(value, dict | list):
        raise Invalid(f"{place}: expected text, got {kind_of(value)}")
    return as_text(value)[:limit]


def _signal(status: object, labels: Mapping[str, str], place: str) -> Signal:
    """A severity nobody knows is critical: better one page too many."""
    if status is not None and not isinstance(status, str):
        raise Invalid(f"{place}: expected text, got {kind_of(status)}")
    if status == "resolved":
        return Signal.RECOVERY
    return SIGNALS.get(labels.get("severity", "").strip().lower(), Signal.CRITICAL)


def _key(alert: Mapping[str, object], labels: Mapping[str, str], place: str) -> str:
    """The fingerprint: the same for the same labels. Where it is missing, our own of the same kind."""
    fingerprint = scalar_text(alert.get("fingerprint"))
    if fingerprint:
        return fitted_key(fingerprint)
    if not labels:
        raise Invalid(f"{place}.labels: expected object with at least one label, got nothing")
    told = "\0".join(f"{name}\0{labels[name]}" for name in sorted(labels))
    return sha256(told.encode()).hexdigest()[:16]


def _message(alert: Mapping[str, object], notes: Mapping[str, str]) -> str:
    """Grafana's `valueString` tells what was measured where nobody wrote a description."""
    return notes.get("description") or notes.get("message") or scalar_text(alert.get("valueString"))


def _host(instance: str) -> str:
    """The host of an instance: `eu-3:9100` without the port, an IPv6 address or a probed URL as it is."""
    host, _, port = instance.rpartition(":")
    return host if port.isdecimal() and (":" not in host or host.endswith("]")) else instance


def _annotations(alert: Mapping[str, object], notes: Mapping[str, str]) -> Iterator[Annotation]:
    yield from _of_notes(notes.items())
    for name, label, kind in LINKS:
        url = alert.get(name)
        if isinstance(url, str) and url:
            yield annotation(kind, label, url)


def _of_notes(notes: Iterable[tuple[str, str]]) -> Iterator[Annotation]:
    for name, text in notes:
        if not text or name in WORDING:
            continue
        is_link = name == "runbook_url" or (text.startswith(WEB) and " " not in text)
        label = "Runbook" if name == "runbook_url" else name
        yield annotation(AnnotationKind.URL if is_link else AnnotationKind.NOTE, label, text)
