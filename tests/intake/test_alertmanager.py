"""Prometheus Alertmanager's webhook, and Grafana's."""

import json
from typing import Any

import pytest

from watchbill.domain.alert import Annotation, AnnotationKind, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.intake import alertmanager

FIRING: dict[str, Any] = {
    "status": "firing",
    "labels": {
        "alertname": "DiskFull",
        "instance": "eu-3:9100",
        "job": "node",
        "severity": "critical",
        "team": "database",
    },
    "annotations": {
        "summary": "Disk of eu-3 is nearly full",
        "description": "97% of /var used",
        "runbook_url": "https://wiki.example/disk",
        "impact": "writes stop",
    },
    "startsAt": "2024-03-05T14:07:09.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example/graph?g0.expr=up",
    "fingerprint": "c3a9e4d1f0b27788",
}

BODY: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="DiskFull"}',
    "truncatedAlerts": 0,
    "receiver": "watchbill",
    "status": "firing",
    "alerts": [FIRING],
    "groupLabels": {"alertname": "DiskFull"},
    "commonLabels": {"alertname": "DiskFull"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example",
}

GRAFANA: dict[str, Any] = {
    **BODY,
    "version": "1",
    "orgId": 1,
    "title": "[FIRING:1] High CPU (eu-3)",
    "state": "alerting",
    "message": "**Firing** ...",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "High CPU", "grafana_folder": "eu"},
            "annotations": {"summary": "CPU is high"},
            "startsAt": "2024-03-05T15:07:09+01:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://grafana.example/alerting/x/edit",
            "fingerprint": "57c6d9296de2ad39",
            "silenceURL": "https://grafana.example/alerting/silence/new",
            "dashboardURL": "https://grafana.example/d/x",
            "panelURL": "https://grafana.example/d/x?viewPanel=2",
            "imageURL": "https://grafana.example/x.png",
            "values": {"A": 97.5},
            "valueString": "[ var='A' labels={} value=97.5 ]",
        }
    ],
}


def body_of(*alerts: object, **envelope: object) -> bytes:
    return json.dumps({**BODY, "alerts": list(alerts), **envelope}).encode()


def one(**changes: object) -> Any:
    return alertmanager.parse(body_of({**FIRING, **changes}))[0]


def test_an_alert() -> None:
    body = body_of(FIRING)
    [event] = alertmanager.parse(body)
    assert (event.signal, event.key) == (Signal.CRITICAL, "c3a9e4d1f0b27788")
    assert (event.title, event.message) == ("Disk of eu-3 is nearly full", "97% of /var used")
    assert (event.state_started_at, event.observed_at) == (1709647629_123456, None)
    assert (event.tool, event.monitor, event.host, event.service) == ("Alertmanager", "DiskFull", "eu-3", "node")
    assert event.annotations == (
        Annotation(AnnotationKind.URL, "Runbook", "https://wiki.example/disk"),
        Annotation(AnnotationKind.NOTE, "impact", "writes stop"),
        Annotation(AnnotationKind.URL, "Source", "http://prometheus.example/graph?g0.expr=up"),
    )
    assert event.tags == FIRING["labels"]
    assert event.fields == {
        **FIRING,
        "receiver": "watchbill",
        "groupKey": '{}:{alertname="DiskFull"}',
        "externalURL": "http://alertmanager.example",
    }
    assert (event.raw, event.content_type, event.routing_key) == (body, "application/json", None)


def test_a_group_is_one_event_each_and_only_the_first_has_the_body() -> None:
    resolved = {**FIRING, "status": "resolved", "endsAt": "2024-03-05T15:00:00Z", "fingerprint": "other"}
    body = body_of(FIRING, resolved)
    first, second = alertmanager.parse(body)
    assert (first.signal, first.raw) == (Signal.CRITICAL, body)
    assert (second.signal, second.key, second.raw, second.content_type) == (Signal.RECOVERY, "other", b"", "")
    assert second.observed_at == 1709650800_000000


@pytest.mark.parametrize(
    ("severity", "signal"),
    [
        ("critical", Signal.CRITICAL),
        ("Critical", Signal.CRITICAL),
        ("page", Signal.CRITICAL),
        ("error", Signal.CRITICAL),
        ("warning", Signal.WARNING),
        ("warn", Signal.WARNING),
        ("info", Signal.INFO),
        ("none", Signal.INFO),
        ("banana", Signal.CRITICAL),
        ("", Signal.CRITICAL),
        (None, Signal.CRITICAL),
        (1, Signal.CRITICAL),
    ],
)
def test_severity(severity: object, signal: Signal) -> None:
    assert one(labels={"alertname": "X", "severity": severity}).signal is signal
    assert one(status="resolved", labels={"alertname": "X", "severity": severity}).signal is Signal.RECOVERY


def test_the_status_of_the_group_counts_where_an_alert_has_none() -> None:
    [event] = alertmanager.parse(body_of({"labels": {"a": "b"}}, status="resolved"))
    assert event.signal is Signal.RECOVERY


def test_without_a_fingerprint_the_labels_make_a_stable_key() -> None:
    told = {"labels": {"alertname": "X", "instance": "a"}}
    turned = {"labels": {"instance": "a", "alertname": "X"}, "annotations": {"summary": "other words"}}
    other = {"labels": {"alertname": "X", "instance": "b"}}
    first, same, different = alertmanager.parse(body_of(told, turned, other))
    assert first.key == same.key != different.key


@pytest.mark.parametrize(
    ("annotations", "title", "message"),
    [
        ({"summary": "s", "title": "t", "description": "d", "message": "m"}, "s", "d"),
        ({"title": "t", "message": "m"}, "t", "m"),
        ({}, "DiskFull", ""),
        (None, "DiskFull", ""),
    ],
)
def test_title_and_message(annotations: object, title: str, message: str) -> None:
    event = one(annotations=annotations)
    assert (event.title, event.message) == (title, message)
    assert [note.label for note in event.annotations] == ["Source"]


@pytest.mark.parametrize(
    ("labels", "host"),
    [
        ({"instance": "eu-3:9100"}, "eu-3"),
        ({"instance": "eu-3"}, "eu-3"),
        ({"instance": "10.0.0.7:9100"}, "10.0.0.7"),
        ({"instance": "[2001:db8::1]:9100"}, "[2001:db8::1]"),
        ({"instance": "2001:db8::1"}, "2001:db8::1"),
        ({"instance": "https://shop.example/"}, "https://shop.example/"),
        ({"instance": "https://shop.example:8443"}, "https://shop.example:8443"),
        ({"host": "eu-4"}, "eu-4"),
        ({"alertname": "X"}, ""),
    ],
)
def test_the_host_of_an_instance(labels: dict[str, str], host: str) -> None:
    assert one(labels=labels).host == host


def test_a_service_label_is_stronger_than_the_job() -> None:
    assert one(labels={"service": "shop", "job": "node"}).service == "shop"


def test_a_routing_key_label() -> None:
    assert one(labels={"alertname": "X", "routing_key": "database"}).routing_key == "database"


def test_labels_of_imitators_may_be_numbers_or_null() -> None:
    assert one(labels={"alertname": "X", "code": 502, "up": False, "gone": None}).tags == {
        "alertname": "X",
        "code": "502",
        "up": "false",
    }


def test_only_web_addresses_are_links() -> None:
    event = one(annotations={"runbook_url": "javascript:alert(1)"}, generatorURL="data:text/html,x")
    assert [note.kind for note in event.annotations] == [AnnotationKind.NOTE, AnnotationKind.NOTE]


def test_grafana() -> None:
    [event] = alertmanager.parse(json.dumps(GRAFANA).encode())
    assert (event.tool, event.signal, event.title) == ("Grafana", Signal.CRITICAL, "CPU is high")
    assert event.message == "[ var='A' labels={} value=97.5 ]"
    assert event.state_started_at == 1709647629_000000
    assert [(note.label, note.kind) for note in event.annotations] == [
        ("Source", AnnotationKind.URL),
        ("Dashboard", AnnotationKind.URL),
        ("Panel", AnnotationKind.URL),
        ("Silence", AnnotationKind.URL),
        ("Image", AnnotationKind.IMAGE),
    ]
    assert event.fields["values"] == {"A": 97.5}
    assert event.fields["orgId"] == 1


def test_limits_cut() -> None:
    event = one(
        labels={"alertname": "x" * 3000, "instance": "y" * 3000},
        annotations={"summary": "s" * 3000, "description": "d" * 30_000, "note": "n" * 3000},
        fingerprint="f" * 3000,
    )
    assert (len(event.title), len(event.message), len(event.key)) == (1024, 20_480, 512)
    assert (len(event.host), len(event.monitor), len(event.annotations[0].value)) == (1024, 1024, 1124)


def test_long_keys_that_differ_at_the_end_stay_different() -> None:
    first, second = alertmanager.parse(
        body_of({**FIRING, "fingerprint": "f" * 600 + "1"}, {**FIRING, "fingerprint": "f" * 600 + "2"})
    )
    assert first.key != second.key


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "the body is not JSON: .*line 1 column 2"),
        (b"[]", "^the body: expected object, got array$"),
        (b"{}", "^alerts: expected array, got nothing$"),
        (b'{"alerts":{}}', "^alerts: expected array, got object$"),
        (body_of(FIRING, 7), r"^alerts\[1\]: expected object, got number$"),
        (body_of(FIRING, FIRING, FIRING, {"labels": []}), r"^alerts\[3\].labels: expected object, got array$"),
        (body_of({**FIRING, "annotations": "x"}), r"^alerts\[0\].annotations: expected object, got text$"),
        (body_of({**FIRING, "labels": {"a": {}}}), r"^alerts\[0\].labels.a: expected text, got object$"),
        (body_of({**FIRING, "status": 3}), r"^alerts\[0\].status: expected text, got number$"),
        (body_of({}), r"^alerts\[0\].labels: expected object with at least one label, got nothing$"),
    ],
)
def test_refusals_name_the_place(body: bytes, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        alertmanager.parse(body)


def test_no_alerts_are_no_events() -> None:
    assert alertmanager.parse(body_of()) == []


def test_a_flood_in_one_body_is_refused() -> None:
    with pytest.raises(TooLarge, match="at most 10,000 alerts in one body, got 10,001"):
        alertmanager.parse(b'{"alerts":[' + b",".join([b"{}"] * 10_001) + b"]}")
