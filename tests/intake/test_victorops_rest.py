"""The REST endpoint of VictorOps, fact by fact (VictorOps reference, 3.1 to 3.4)."""

import json
from collections.abc import Mapping

import msgspec
import pytest

from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.errors import Invalid
from watchbill.intake import victorops_rest

FORM = "application/x-www-form-urlencoded"


def parse(
    told: object,
    query: Mapping[str, str] | None = None,
    routing_key: str | None = "database",
    content_type: str = "application/json",
) -> AlertEvent:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return victorops_rest.parse(body, query or {}, routing_key, lambda: "made-up", content_type)


def alert(**fields: object) -> AlertEvent:
    return parse({"message_type": "CRITICAL", "entity_id": "db/1", **fields})


def test_a_whole_alert() -> None:
    told = {
        "message_type": "CRITICAL",
        "entity_id": "db/eu-3/disk",
        "entity_display_name": "eu-3 disk nearly full",
        "state_message": "97% of /var used",
        "monitoring_tool": "prometheus",
        "monitor_name": "node-exporter",
        "host_name": "eu-3",
        "service": "postgres",
        "state_start_time": 1709647600,
        "timestamp": "2024-03-05T14:07:09Z",
        "team": "database",
        "retries": 3,
        "flapping": False,
        "vo_annotate.u.Runbook": "https://wiki.example/disk",
    }
    body = json.dumps(told).encode()
    assert parse(body) == AlertEvent(
        signal=Signal.CRITICAL,
        key="db/eu-3/disk",
        title="eu-3 disk nearly full",
        message="97% of /var used",
        routing_key="database",
        state_started_at=1709647600_000000,
        observed_at=1709647629_000000,
        tool="prometheus",
        monitor="node-exporter",
        host="eu-3",
        service="postgres",
        annotations=(Annotation(AnnotationKind.URL, "Runbook", "https://wiki.example/disk"),),
        tags={"service": "postgres", "team": "database", "retries": "3", "flapping": "false"},
        fields={**told, "routing_key": "database"},
        raw=body,
        content_type="application/json",
    )


@pytest.mark.parametrize(
    ("word", "signal"),
    [
        ("CRITICAL", Signal.CRITICAL),
        ("critical", Signal.CRITICAL),
        (" Critical ", Signal.CRITICAL),
        ("WARNING", Signal.WARNING),
        ("info", Signal.INFO),
        ("acknowledgement", Signal.ACKNOWLEDGEMENT),
        ("ACKNOWLEDGED", Signal.ACKNOWLEDGEMENT),
        ("Ack", Signal.ACKNOWLEDGEMENT),
        ("recovery", Signal.RECOVERY),
        ("ok", Signal.RECOVERY),
        ("banana", Signal.INFO),
        (7, Signal.INFO),
        (["CRITICAL"], Signal.INFO),
    ],
)
def test_the_message_type_in_any_case(word: object, signal: Signal) -> None:
    assert alert(message_type=word).signal is signal


@pytest.mark.parametrize(
    "told", [{}, {"message_type": None}, {"message_type": ""}, {"Message_Type": "CRITICAL"}, b"", b" \n"]
)
def test_the_message_type_is_all_that_is_required(told: object) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(told)
    assert refusal.value.message == "Missing fields: message_type"


@pytest.mark.parametrize("told", [{}, {"entity_id": None}, {"entity_id": ""}])
def test_a_missing_entity_id_is_made_up_returned_and_is_the_title(told: dict[str, object]) -> None:
    event = parse({"message_type": "CRITICAL", **told})
    assert (event.key, event.title, event.fields["entity_id"]) == ("made-up", "made-up", "made-up")
    assert victorops_rest.answer(event.key) == b'{"result":"success","entity_id":"made-up"}'


def test_the_entity_id_is_exact() -> None:
    assert alert(entity_id=" Db/1 ").key == " Db/1 "
    assert alert(entity_id=42).key == "42"


@pytest.mark.parametrize(
    ("field", "attribute", "limit"),
    [
        ("entity_id", "key", 512),
        ("entity_display_name", "title", 1024),
        ("state_message", "message", 20480),
        ("monitoring_tool", "tool", 1024),
        ("monitor_name", "monitor", 1024),
        ("host_name", "host", 1024),
        ("ack_author", "author", 1024),
        ("ack_msg", "note", 1024),
    ],
)
def test_what_is_too_long_is_cut_not_refused(field: str, attribute: str, limit: int) -> None:
    event = alert(**{field: "é" * 30_000})
    assert getattr(event, attribute) == "é" * limit
    assert event.fields[field] == "é" * limit
    assert getattr(alert(**{field: "é" * limit}), attribute) == "é" * limit


def test_custom_fields_and_annotations_are_cut_too() -> None:
    event = alert(**{"team": "x" * 2000, "vo_annotate.s.Note": "y" * 2000, "nested": {"deep": ["z" * 2000]}})
    assert event.fields["team"] == event.tags["team"] == "x" * 1024
    assert event.annotations[0].value == event.fields["vo_annotate.s.Note"] == "y" * 1124
    assert event.fields["nested"] == {"deep": ["z" * 1024]}


def test_a_cut_never_splits_a_character() -> None:
    assert alert(entity_display_name="😀" * 2000).title == "😀" * 1024


@pytest.mark.parametrize("field", ["state_start_time", "timestamp"])
@pytest.mark.parametrize(
    ("told", "at"),
    [
        (1709647629, 1709647629_000000),
        (1709647629.5, 1709647629_500000),
        ("1709647629", 1709647629_000000),
        ("1709647629.25", 1709647629_250000),
        (1709647629123, 1709647629_123000),
        ("1709647629123", 1709647629_123000),
        (1709647629123456, 1709647629_123456),
        (1709647629123456789, 1709647629_123456),
        ("1712010212345", 1712010212_345000),
        ("2024-03-05T14:07:09Z", 1709647629_000000),
        ("2024-03-05T14:07:09.123Z", 1709647629_123000),
        ("2024-03-05T15:07:09.123456789+01:00", 1709647629_123456),
        (" 2024-03-05T14:07:09 ", 1709647629_000000),
        ("yesterday", None),
        ("", None),
        (0, None),
        (-5, None),
        ("0001-01-01T00:00:00Z", None),
        (True, None),
        (10**30, None),
        ("9" * 30, None),
        ([], None),
    ],
)
def test_times_in_seconds_milliseconds_or_iso(field: str, told: object, at: int | None) -> None:
    event = alert(**{field: told})
    assert (event.state_started_at if field == "state_start_time" else event.observed_at) == at


@pytest.mark.parametrize("text", [b"1e400", b"-1e400", b"NaN", b"Infinity", b"9" * 5000, b"-" + b"9" * 30])
def test_numbers_past_all_bounds_are_kept_as_they_were_told(text: bytes) -> None:
    event = parse(b'{"message_type":"CRITICAL","entity_id":"a","value":' + text + b',"timestamp":' + text + b"}")
    assert event.tags["value"] == text.decode()[:1024]
    assert event.observed_at is None


@pytest.mark.parametrize(
    ("told", "host"),
    [
        ({"host_name": "eu-3"}, "eu-3"),
        ({"hostname": "eu-4"}, "eu-4"),
        ({"host_name": "eu-3", "hostname": "eu-4"}, "eu-3"),
        ({"entity_is_host": True}, "db/1"),
        ({"entity_is_host": "true"}, "db/1"),
        ({"entity_is_host": False}, ""),
        ({"entity_is_host": "no"}, ""),
        ({"host_name": "eu-3", "entity_is_host": True}, "eu-3"),
        ({}, ""),
    ],
)
def test_the_host(told: dict[str, object], host: str) -> None:
    assert alert(**told).host == host


def test_an_acknowledgement_has_an_author_and_a_note() -> None:
    assert alert(ack_author="ann", ack_msg="on it").author == "ann"
    assert alert(ack_msg="on it").note == "on it"
    assert alert(ack_message="on it").note == "on it"


@pytest.mark.parametrize(
    ("name", "value", "kind", "label"),
    [
        ("vo_annotate.u.Run book", "https://x.example", AnnotationKind.URL, "Run book"),
        ("vo_annotate.U.Graph", "HTTP://x.example", AnnotationKind.URL, "Graph"),
        ("vo_annotate.i.Graph", "https://x/a.png", AnnotationKind.IMAGE, "Graph"),
        ("vo_annotate.s.How to", "restart it", AnnotationKind.NOTE, "How to"),
        ("vo_annotate.n.How to", "restart it", AnnotationKind.NOTE, "How to"),
        ("vo_annotate.s.v1.2 notes", "x", AnnotationKind.NOTE, "v1.2 notes"),
        ("vo_annotate.s", "x", AnnotationKind.NOTE, ""),
        ("vo_annotate.u.Trap", "javascript:alert(1)", AnnotationKind.NOTE, "Trap"),
    ],
)
def test_annotations(name: str, value: str, kind: AnnotationKind, label: str) -> None:
    event = alert(**{name: value})
    assert event.annotations == (Annotation(kind, label, value),)
    assert event.fields[name] == value
    assert event.tags == {}


def test_odd_annotations() -> None:
    assert alert(**{"vo_annotate.x.What": "x"}).annotations == ()
    assert alert(**{"vo_annotate.s.Count": 3}).annotations == (Annotation(AnnotationKind.NOTE, "Count", "3"),)


def test_the_url_decides_the_routing_key() -> None:
    told = {"message_type": "CRITICAL", "routing_key": "web"}
    assert parse(told, routing_key="Database").routing_key == "Database"
    assert parse(told, routing_key="Database").fields["routing_key"] == "Database"
    assert parse(told, routing_key=None).routing_key is None
    assert parse(told, routing_key="").routing_key is None
    assert parse(told, routing_key=None).fields["routing_key"] == "web"


def test_query_parameters_are_fields_and_the_body_is_stronger() -> None:
    event = parse({"message_type": "CRITICAL", "tier": "1"}, query={"scalyrMessageType": "WARNING", "tier": "2"})
    assert event.tags == {"scalyrMessageType": "WARNING", "tier": "1"}
    assert parse(b"", query={"message_type": "WARNING", "entity_id": "x\0\ud800"}).key == "x\ufffd"


def test_nested_values_are_kept_and_are_no_tags() -> None:
    event = alert(metric={"name": "disk", "points": [1, 2.5, None]}, gone=None)
    assert event.fields["metric"] == {"name": "disk", "points": [1, 2.5, None]}
    assert "gone" not in event.fields
    assert event.tags == {}
    assert alert(state_message={"a": 1}).message == '{"a":1}'


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", FORM, "text/plain", ""])
def test_json_is_json_under_any_content_type(content_type: str) -> None:
    event = parse({"message_type": "CRITICAL", "entity_id": "a"}, content_type=content_type)
    assert (event.key, event.content_type) == ("a", content_type)


def test_a_real_form() -> None:
    body = b"message_type=CRITICAL&entity_id=db%2F1+disk&state_message=&state%5Fstart_time=1709647629"
    event = parse(body, content_type=FORM)
    assert (event.signal, event.key, event.state_started_at) == (Signal.CRITICAL, "db/1 disk", 1709647629_000000)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b'\xef\xbb\xbf{"message_type":"OK","entity_display_name":"byte order mark"}', "byte order mark"),
        (b'{"message_type":"OK","entity_display_name":"two\nlines\tand a tab"}', "two\nlines\tand a tab"),
        (b'{"message_type":"OK","entity_display_name":"latin \xe9"}', "latin \ufffd"),
        (b'{"message_type":"OK","entity_display_name":"nul \\u0000 and \x00"}', "nul  and "),
        (b'{"message_type":"OK","entity_display_name":"half \\ud83d"}', "half \ufffd"),
        (b'{"message_type":"OK","entity_display_name":"whole \\ud83d\\ude00"}', "whole \U0001f600"),
        (b'{"message_type":"OK","entity_display_name":"a","entity_display_name":"last"}', "last"),
    ],
)
def test_ugly_json_still_pages(body: bytes, title: str) -> None:
    assert parse(body, content_type=FORM).title == title


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message_type": "CRITICAL",}', "line 1 column 29"),
        (b'{"message_type": "CRITICAL"', "line 1 column 28"),
        (b"message_type=CRITICAL", "line 1 column 1"),
        (b"[]", "the body: expected object, got array"),
        (b'"CRITICAL"', "the body: expected object, got text"),
        (b"null", "the body: expected object, got nothing"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_refusals_say_where(body: bytes, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        parse(body)


def test_deep_nesting_is_kept_down_to_a_limit() -> None:
    event = parse(b'{"message_type":"OK","deep":' + b"[" * 900 + b"]" * 900 + b"}")
    assert msgspec.json.encode(event.fields["deep"]) == b"[" * 32 + '"…"'.encode() + b"]" * 32


def test_a_refusal_in_victorops_words() -> None:
    assert victorops_rest.refusal("Missing fields: message_type") == (
        b'{"result":"failure","message":"Missing fields: message_type"}'
    )


def test_what_alertmanager_sends_to_victorops() -> None:
    event = parse(
        {
            "message_type": "RECOVERY",
            "entity_id": "6f2fbe3e3dd0b4d7",
            "entity_display_name": "[RESOLVED] DiskFull",
            "state_message": "Alerts Resolved:\n - alertname = DiskFull",
            "monitoring_tool": "Alertmanager",
            "cluster": "eu",
        }
    )
    assert (event.signal, event.key, event.tags) == (Signal.RECOVERY, "6f2fbe3e3dd0b4d7", {"cluster": "eu"})
