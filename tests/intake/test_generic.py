"""Anything that can post JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.mapping import AnnotationSource, FieldMapping
from watchbill.domain.people import Urgency
from watchbill.intake import generic

NATURAL = FieldMapping()


def made_up() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"made-up-{next(numbers)}"


def parse(told: object, mapping: FieldMapping = NATURAL, routing_key: str | None = None) -> list[AlertEvent]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return generic.parse(body, mapping, routing_key, made_up())


def one(told: object, mapping: FieldMapping = NATURAL, routing_key: str | None = None) -> AlertEvent:
    [event] = parse(told, mapping, routing_key)
    return event


def test_a_title_is_enough() -> None:
    assert one({"title": "disk full"}) == AlertEvent(
        signal=Signal.CRITICAL,
        key="made-up-1",
        title="disk full",
        fields={"title": "disk full"},
        raw=b'{"title": "disk full"}',
        content_type="application/json",
    )


def test_everything_by_its_natural_name() -> None:
    told = {
        "key": "db/1",
        "title": "disk full",
        "message": "97% used",
        "status": "firing",
        "severity": "warning",
        "routing_key": "database",
        "started_at": "2024-03-05T14:07:00Z",
        "timestamp": 1709647629,
        "tool": "cron",
        "monitor": "disk-check",
        "host": "eu-3",
        "service": "postgres",
        "author": "ann",
        "note": "on it",
        "urgency": "low",
        "tags": {"env": "prod", "shard": 3, "nested": {}},
        "url": "https://x.example/y",
        "image_url": "https://x.example/y.png",
        "own": [1, 2],
    }
    body = json.dumps(told).encode()
    assert one(body) == AlertEvent(
        signal=Signal.WARNING,
        key="db/1",
        title="disk full",
        message="97% used",
        routing_key="database",
        state_started_at=1709647620_000000,
        observed_at=1709647629_000000,
        tool="cron",
        monitor="disk-check",
        host="eu-3",
        service="postgres",
        author="ann",
        note="on it",
        urgency=Urgency.LOW,
        annotations=(
            Annotation(AnnotationKind.URL, "Link", "https://x.example/y"),
            Annotation(AnnotationKind.IMAGE, "Image", "https://x.example/y.png"),
        ),
        tags={"env": "prod", "shard": "3"},
        fields=told,
        raw=body,
        content_type="application/json",
    )


@pytest.mark.parametrize("name", ["key", "dedup_key", "id", "entity_id", "fingerprint"])
def test_names_of_the_key(name: str) -> None:
    assert one({"title": "x", name: "db/1"}).key == "db/1"
    assert one({"title": "x", name: 17}).key == "17"


@pytest.mark.parametrize("name", ["title", "summary", "name"])
def test_names_of_the_title(name: str) -> None:
    assert one({name: "disk full"}).title == "disk full"


@pytest.mark.parametrize("name", ["message", "description", "body"])
def test_names_of_the_message(name: str) -> None:
    assert one({name: "97% used"}).message == "97% used"


@pytest.mark.parametrize(
    ("told", "signal"),
    [
        ({}, Signal.CRITICAL),
        ({"status": "resolved"}, Signal.RECOVERY),
        ({"status": "OK"}, Signal.RECOVERY),
        ({"status": "resolved", "severity": "critical"}, Signal.RECOVERY),
        ({"state": "warning"}, Signal.WARNING),
        ({"status": "firing", "severity": "info"}, Signal.INFO),
        ({"status": "firing"}, Signal.CRITICAL),
        ({"status": "down"}, Signal.CRITICAL),
        ({"state": "alert", "severity": "warning"}, Signal.WARNING),
        ({"severity": "banana"}, Signal.CRITICAL),
        ({"severity": None}, Signal.CRITICAL),
        ({"severity": {"level": "info"}}, Signal.CRITICAL),
        ({"message_type": "Acknowledgement"}, Signal.ACKNOWLEDGEMENT),
        ({"event_action": "trigger"}, Signal.CRITICAL),
        ({"event_action": "trigger", "severity": "warning"}, Signal.WARNING),
        ({"event_action": "acknowledge", "severity": "warning"}, Signal.ACKNOWLEDGEMENT),
        ({"event_action": "resolve", "severity": "critical"}, Signal.RECOVERY),
    ],
)
def test_the_signal_is_the_first_word_that_is_known(told: dict[str, object], signal: Signal) -> None:
    assert one({"title": "x", **told}).signal is signal


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ({"message": "first line\nsecond"}, "first line"),
        ({"message": "\n  first line \nsecond"}, "first line"),
        ({"key": "db/1"}, "db/1"),
        ({"title": "", "name": "n"}, "n"),
        ({"title": {"nested": 1}, "name": "n"}, "n"),
        ({}, "made-up-1"),
    ],
)
def test_there_is_always_a_title(told: dict[str, object], title: str) -> None:
    assert one(told).title == title


def test_a_nested_message_is_shown_as_json() -> None:
    assert one({"title": "x", "details": {"disk": "/var"}}).message == '{"disk":"/var"}'


@pytest.mark.parametrize(
    ("told", "tags"),
    [
        ({"env": "prod"}, {"env": "prod"}),
        (
            ["env:prod", "url:http://x", "bare", 7, " spaced : out "],
            {"env": "prod", "url": "http://x", "bare": "", "7": "", "spaced": "out"},
        ),
        ("env:prod, bare", {"env": "prod", "bare": ""}),
        ([["nested"]], {}),
        (None, {}),
    ],
)
def test_tags_come_in_many_shapes(told: object, tags: dict[str, str]) -> None:
    assert one({"title": "x", "tags": told}).tags == tags


def test_the_url_decides_the_routing_key() -> None:
    assert one({"routing_key": "web"}, routing_key="database").routing_key == "database"
    assert one({"routing_key": "web"}).routing_key == "web"
    assert one({}).routing_key is None


def test_an_array_is_an_event_each_and_the_first_has_the_body() -> None:
    body = b'[{"title":"a"},{"title":"b"}]'
    first, second = parse(body)
    assert (first.title, first.key, first.raw, first.content_type) == ("a", "made-up-1", body, "application/json")
    assert (second.title, second.key, second.raw, second.content_type) == ("b", "made-up-2", b"", "")
    assert parse([]) == []


def test_one_object_a_line() -> None:
    body = b'{"title":"a"}\r\n\n{"title":"b"}\n{"title":"c\\u0000"}\n'
    events = parse(body)
    assert [event.title for event in events] == ["a", "b", "c"]
    assert (events[0].raw, events[0].content_type) == (body, "application/x-ndjson")


def test_pretty_printed_json_is_one_object() -> None:
    assert one(b'{\n  "title": "a"\n}\n').title == "a"


def test_the_list_at_items() -> None:
    mapping = FieldMapping(items="$.batch.events")
    told = {"batch": {"events": [{"title": "a"}, {"title": "b"}]}}
    assert [event.title for event in parse(told, mapping)] == ["a", "b"]
    assert one({"batch": {"events": {"title": "a"}}}, mapping).title == "a"


MAPPED = FieldMapping(
    signal=("$.event.level",),
    key=("$.event.id", "$.event['alt id']"),
    title=("$.event.lines[1]", "no title"),
    message=("$.event.extra",),
    tool=("homegrown",),
    host=("$$HOST",),
    urgency=("$.event.prio",),
    annotations=(AnnotationSource(AnnotationKind.NOTE, "Owner", ("$.event.owner",)),),
    words={"sev1": Signal.CRITICAL, "sev4": Signal.INFO, "up": Signal.INFO},
    urgencies={"p1": Urgency.HIGH},
)


def test_a_mapping_of_ones_own() -> None:
    told = {
        "event": {"level": "SEV4", "alt id": 9, "lines": ["x", "y"], "extra": {"a": 1}, "prio": "P1", "owner": "ann"}
    }
    event = one(told, MAPPED)
    assert (event.signal, event.key, event.title, event.message) == (Signal.INFO, "9", "y", '{"a":1}')
    assert (event.tool, event.host, event.urgency) == ("homegrown", "$HOST", Urgency.HIGH)
    assert event.annotations == (Annotation(AnnotationKind.NOTE, "Owner", "ann"),)


def test_paths_that_lead_nowhere() -> None:
    nowhere: list[object] = [{}, None, [], {"lines": ["x"]}, {"lines": {"1": "x"}}]
    for inner in nowhere:
        event = one({"event": inner}, MAPPED)
        assert (event.key, event.title, event.signal) == ("made-up-1", "no title", Signal.CRITICAL)


def test_own_words_are_stronger_than_the_known() -> None:
    assert one({"event": {"level": "up"}}, MAPPED).signal is Signal.INFO
    assert one({"event": {"level": "warning"}}, MAPPED).signal is Signal.WARNING


def test_mappings_that_differ_in_words_only_are_not_mixed_up() -> None:
    calmer = replace(MAPPED, words={"sev1": Signal.INFO})
    told = {"event": {"level": "sev1"}}
    assert (one(told, MAPPED).signal, one(told, calmer).signal) == (Signal.CRITICAL, Signal.INFO)


def test_limits_cut() -> None:
    long = dict.fromkeys(("key", "title", "message", "host", "url", "other"), "x" * 30000)
    event = one(long)
    assert (len(event.key), len(event.title), len(event.message)) == (512, 1024, 20_480)
    assert (len(event.host), len(event.annotations[0].value), len(str(event.fields["other"]))) == (1024, 1124, 20_480)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is not JSON"),
        (b"disk full", "the body is not JSON"),
        (b"7", "^the body: expected object, got number$"),
        (b"[{},[]]", r"^\[1\]: expected object, got array$"),
        (b'{"a":1}\n{"b":}\n', "^line 2: the body is not JSON"),
        (b'{"a":1}\n[]\n', "^line 2: expected object, got array$"),
        (b'{\n"a":1,\n"b" 2}', "line 3"),
        (b'[{"a":1},\n{"b":}]', "line 2 column"),
    ],
)
def test_refusals_name_the_place(body: bytes, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        parse(body)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, r"^\$\.alerts: expected object, got nothing$"),
        ({"alerts": 3}, r"^\$\.alerts: expected object, got number$"),
        ({"alerts": [{}, 3]}, r"^\$\.alerts\[1\]: expected object, got number$"),
        ([], r"^\$\.alerts: expected object, got nothing$"),
    ],
)
def test_refusals_name_the_place_in_a_list_of_items(told: object, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        parse(told, FieldMapping(items="$.alerts"))


@pytest.mark.parametrize("body", [b"[" + b",".join([b"{}"] * 1001) + b"]", b'{"a":1}\n' * 1001])
def test_a_thousand_at_once_and_no_more(body: bytes) -> None:
    with pytest.raises(TooLarge, match="at most 1,000 events in one body, got 1,001"):
        parse(body)
    assert len(parse(b"[" + b",".join([b"{}"] * 1000) + b"]")) == 1000
