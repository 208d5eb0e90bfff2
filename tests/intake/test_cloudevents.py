"""CloudEvents 1.0: the examples of its HTTP binding and JSON format, told as alerts."""

import json
from collections.abc import Mapping

import pytest

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.mapping import FieldMapping
from watchbill.intake import cloudevents

STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}

EVENT: dict[str, object] = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext",
    "subject": "disk of eu-3",
    "id": "A234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
    "datacontenttype": "application/json",
    "data": {"title": "disk full", "severity": "warning", "host": "eu-3", "id": "17"},
}

BINARY = {
    "Content-Type": "application/json; charset=utf-8",
    "ce-specversion": "1.0",
    "ce-type": "com.example.someevent",
    "ce-source": "/mycontext",
    "ce-id": "1234-1234-1234",
    "CE-Time": "2018-04-05T03:56:24Z",
    "ce-subject": "Euro%20%E2%82%AC%20%F0%9F%98%80",
}


def parse(
    told: object,
    headers: Mapping[str, str] = STRUCTURED,
    mapping: FieldMapping | None = None,
    routing_key: str | None = None,
) -> list[AlertEvent]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return cloudevents.parse(body, headers, mapping or FieldMapping(), routing_key, lambda: "made-up")


def one(told: object, headers: Mapping[str, str] = STRUCTURED) -> AlertEvent:
    [event] = parse(told, headers)
    return event


def without(*names: str, **changes: object) -> dict[str, object]:
    return {name: value for name, value in {**EVENT, **changes}.items() if name not in names}


def test_structured() -> None:
    body = json.dumps(EVENT).encode()
    event = one(body)
    assert (event.signal, event.key, event.title, event.host) == (Signal.WARNING, "17", "disk full", "eu-3")
    assert (event.tool, event.observed_at) == ("/mycontext", 1522949460_000000)
    assert (event.raw, event.content_type) == (body, STRUCTURED["Content-Type"])
    assert event.fields == {
        "title": "disk full",
        "severity": "warning",
        "host": "eu-3",
        "id": "17",
        "ce-specversion": "1.0",
        "ce-type": "com.example.someevent",
        "ce-source": "/mycontext",
        "ce-subject": "disk of eu-3",
        "ce-id": "A234-1234-1234",
        "ce-time": "2018-04-05T17:31:00Z",
        "ce-comexampleextension1": "value",
        "ce-comexampleothervalue": "5",
        "ce-datacontenttype": "application/json",
    }


def test_binary() -> None:
    body = b'{"title": "disk full", "severity": "info"}'
    event = one(body, BINARY)
    assert (event.signal, event.title) == (Signal.INFO, "disk full")
    assert event.key == "/mycontext Euro \u20ac \U0001f600"
    assert event.observed_at == 1522900584_000000
    assert (event.raw, event.content_type) == (body, "application/json; charset=utf-8")


def test_batch() -> None:
    first, second = parse([EVENT, without("data", id="2")], BATCH)
    assert (first.key, second.key) == ("17", "/mycontext disk of eu-3")
    assert first.raw
    assert second.raw == b""
    assert parse([], BATCH) == []


@pytest.mark.parametrize("content_type", ["application/json", "", "text/plain"])
def test_events_under_a_plain_content_type(content_type: str) -> None:
    assert one(EVENT, {"content-type": content_type}).title == "disk full"
    assert len(parse([EVENT, EVENT], {"content-type": content_type})) == 2


def test_attributes_are_told_where_the_data_does_not() -> None:
    event = one(without("data"))
    assert (event.key, event.title, event.message) == ("/mycontext disk of eu-3", "disk of eu-3", "")
    event = one(without("data", "subject"))
    assert (event.key, event.title) == ("/mycontext com.example.someevent", "com.example.someevent")


@pytest.mark.parametrize(
    ("changes", "signal"),
    [
        ({"data": {"status": "resolved"}, "severity": "critical"}, Signal.RECOVERY),
        ({"data": {}, "severity": "warning"}, Signal.WARNING),
        ({"data": {}, "type": "com.example.disk.resolved"}, Signal.RECOVERY),
        ({"data": {}, "type": "com.example.disk.acknowledged"}, Signal.ACKNOWLEDGEMENT),
        ({"data": {}, "type": "com.example.disk.full"}, Signal.CRITICAL),
        ({"data": {}, "type": "warning"}, Signal.WARNING),
    ],
)
def test_the_signal(changes: dict[str, object], signal: Signal) -> None:
    assert one({**EVENT, **changes}).signal is signal


def test_data_that_is_text() -> None:
    event = one(without(data="97% of /var used", datacontenttype="text/plain"))
    assert (event.message, event.fields["data"]) == ("97% of /var used", "97% of /var used")
    assert one(b"97% used \xff", {**BINARY, "Content-Type": "text/plain"}).message == "97% used \ufffd"


@pytest.mark.parametrize(
    ("datacontenttype", "title"),
    [
        ("application/json", "disk full"),
        (None, "disk full"),
        ("application/vnd.x+json", "disk full"),
        ("image/png", "disk of eu-3"),
    ],
)
def test_data_in_base64(datacontenttype: str | None, title: str) -> None:
    told = without("data", data_base64="eyJ0aXRsZSI6ImRpc2sgZnVsbCJ9", datacontenttype=datacontenttype)
    assert one(told).title == title


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"", "application/json"), (b"\x89PNG", "image/png"), (b"<x/>", "application/xml")]
)
def test_data_that_nobody_can_read(body: bytes, content_type: str) -> None:
    event = one(body, {**BINARY, "Content-Type": content_type})
    assert event.title == "Euro \u20ac \U0001f600"
    assert "data" not in event.fields


def test_data_that_is_a_list_is_kept() -> None:
    event = one(without(data=[1, {"title": "x"}]))
    assert (event.title, event.fields["data"]) == ("disk of eu-3", [1, {"title": "x"}])


def test_the_url_decides_the_routing_key() -> None:
    told = {**EVENT, "data": {"routing_key": "web"}}
    assert parse(told)[0].routing_key == "web"
    assert parse(told, routing_key="database")[0].routing_key == "database"


def test_a_mapping_reads_the_data() -> None:
    [event] = parse({**EVENT, "data": {"disk": {"name": "/var"}}}, mapping=FieldMapping(title=("$.disk.name",)))
    assert event.title == "/var"


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (without("id", "source"), STRUCTURED, "^the body: not a CloudEvent, missing id, source$"),
        ({"title": "disk full"}, {}, "^the body: not a CloudEvent, missing specversion, id, source, type$"),
        ([EVENT, {}], BATCH, r"^\[1\]: not a CloudEvent"),
        ([EVENT, 3], BATCH, r"^\[1\]: expected object, got number$"),
        (EVENT, BATCH, "^the body: expected array of events, got object$"),
        ([EVENT], STRUCTURED, "^the body: expected object, got array$"),
        (b"{", STRUCTURED, "^the body is not JSON"),
        (b"{}", {"ce-specversion": "1.0"}, "^headers: not a CloudEvent, missing id, source, type$"),
        (b"{", BINARY, "^the body is not JSON"),
        (without("data", data_base64="%%%"), STRUCTURED, r"^the body\.data_base64: is not base64$"),
    ],
)
def test_refusals_name_the_place(body: object, headers: Mapping[str, str], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        parse(body, headers)


def test_a_thousand_at_once_and_no_more() -> None:
    with pytest.raises(TooLarge):
        parse([{}] * 1001, BATCH)
