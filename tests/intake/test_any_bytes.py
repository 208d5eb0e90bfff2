"""Whatever is posted: alerts that can be kept, or a refusal in our own words. Never anything else."""

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.mapping import FieldMapping
from watchbill.intake import alertmanager, cloudevents, generic, victorops_email, victorops_rest
from watchbill.intake.victorops_email import Mail

NAMES = st.sampled_from(
    [
        *("message_type", "entity_id", "entity_display_name", "state_message", "timestamp", "vo_annotate.u.X"),
        *("title", "severity", "status", "labels", "annotations", "alerts", "startsAt", "endsAt", "fingerprint"),
        *("tags", "url", "event", "specversion", "id", "source", "type", "data", "data_base64", "datacontenttype"),
        *("valueString", "generatorURL", "entity_is_host", "urgency", "routing_key", "time", "subject", "orgId"),
    ]
)
WORDS = st.sampled_from(["critical", "resolved", "1.0", "2024-03-05T14:07:09Z", "9" * 25, "application/json", "e30="])
TEXTS = st.one_of(WORDS, st.text(st.characters(), max_size=20), st.just("x" * 21_000))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, TEXTS), inner, max_size=6)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.one_of(NAMES, TEXTS), VALUES, max_size=8)
ALERT = st.fixed_dictionaries(
    {"labels": OBJECTS}, optional={"annotations": OBJECTS, "startsAt": LEAVES, "status": TEXTS}
)
GROUPS = st.fixed_dictionaries({"alerts": st.lists(ALERT, max_size=3)}, optional={"orgId": LEAVES, "status": LEAVES})
EVENTS = st.fixed_dictionaries(
    {"specversion": st.just("1.0"), "id": TEXTS, "source": TEXTS, "type": TEXTS},
    optional={"data": VALUES, "data_base64": TEXTS, "subject": LEAVES, "time": LEAVES},
)
CALLED = st.builds(lambda told, word: {**told, "message_type": word}, OBJECTS, LEAVES)
TOLD = st.one_of(VALUES, CALLED, GROUPS, EVENTS, st.lists(EVENTS, max_size=3)).map(
    lambda told: json.dumps(told).encode()
)
LINES = st.lists(OBJECTS.map(lambda told: json.dumps(told).encode()), max_size=3).map(b"\n".join)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A body with a stretch replaced by other bytes."""
    body = draw(TOLD)
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.binary(max_size=5)) + body[start + draw(st.integers(0, 5)) :]


BODIES = st.one_of(TOLD, LINES, damaged(), st.binary(max_size=60))
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "Ce-Subject"]),
    st.one_of(st.sampled_from([cloudevents.STRUCTURED, cloudevents.BATCH, "text/plain", "%ff%00"]), TEXTS),
)
BOUNDS = {"key": 512, "title": 1024, "message": 20_480, "host": 1024, "service": 1024, "monitor": 1024, "tool": 1024}

MAPPING = FieldMapping(key=("$.event.id[0]", "$.labels"), message=("$.data", "$.title"), tags=("$['tags']", "a:b"))


def made_up() -> str:
    return "made-up"


def outcome(parse: Callable[[], Iterable[AlertEvent]]) -> list[AlertEvent]:
    try:
        return list(parse())
    except (Invalid, TooLarge) as refusal:
        refusal.message.encode()
        return []


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_of(part)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts_of(inner)]
    return []


def assert_can_be_kept(event: AlertEvent) -> None:
    assert isinstance(event.signal, Signal)
    assert event.key
    assert event.title
    assert event.routing_key != ""
    for name, bound in BOUNDS.items():
        assert len(getattr(event, name)) <= bound
    for at in (event.state_started_at, event.observed_at):
        assert at is None or 0 < at < 2**63
    everything = [getattr(event, field.name) for field in fields(event)]
    everything += [part for note in event.annotations for part in (note.label, note.value)]
    for text in texts_of(everything):
        assert "\0" not in text
        text.encode()
    assert all(type(name) is str and type(text) is str for name, text in event.tags.items())
    json.dumps(event.fields, allow_nan=False)
    kept = msgspec.json.encode(event.fields)
    assert msgspec.json.decode(kept) is not None


@settings(max_examples=250)
@given(
    BODIES,
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]),
    st.dictionaries(NAMES, TEXTS, max_size=2),
)
def test_victorops_rest(body: bytes, content_type: str, query: dict[str, str]) -> None:
    for event in outcome(lambda: [victorops_rest.parse(body, query, "db", made_up, content_type)]):
        assert_can_be_kept(event)
        assert json.loads(victorops_rest.answer(event.key)) == {"result": "success", "entity_id": event.key}


@settings(max_examples=150)
@given(TEXTS, TEXTS, TEXTS)
def test_victorops_email(sender: str, subject: str, text: str) -> None:
    assert_can_be_kept(victorops_email.parse(Mail(sender, subject, text, text), made_up, Signal.INFO))
    found = victorops_email.address(f"{sender}+{subject}@x", "x")
    assert not found or "\0" not in found[0]


@settings(max_examples=250)
@given(BODIES)
def test_alertmanager(body: bytes) -> None:
    for event in outcome(lambda: alertmanager.parse(body)):
        assert_can_be_kept(event)


@settings(max_examples=250)
@given(BODIES, st.sampled_from([FieldMapping(), MAPPING, FieldMapping(items="$.alerts")]))
def test_generic(body: bytes, mapping: FieldMapping) -> None:
    for event in outcome(lambda: generic.parse(body, mapping, None, made_up)):
        assert_can_be_kept(event)


@settings(max_examples=250)
@given(BODIES, HEADERS)
def test_cloudevents(body: bytes, headers: dict[str, str]) -> None:
    for event in outcome(lambda: cloudevents.parse(body, headers, FieldMapping(), None, made_up)):
        assert_can_be_kept(event)
