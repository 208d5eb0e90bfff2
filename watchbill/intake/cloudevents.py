"""CloudEvents 1.0 over HTTP: structured, in batches, and binary (attributes as `ce-` headers, the body is the data)."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.mapping import WORDS, FieldMapping
from watchbill.intake.fields import (
    FIELD,
    MESSAGE,
    TITLE,
    as_object,
    clean,
    fitted,
    fitted_key,
    instant_of,
    json_value,
    kind_of,
    scalar_text,
)
from watchbill.intake.generic import MOST, Fallback, Reader, reader_of

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
REQUIRED = ("specversion", "id", "source", "type")
PREFIX = "ce-"
DATA = ("data", "data_base64")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """The attributes as texts, and the data: any JSON value, a text, or None for bytes that are neither."""

    attributes: Mapping[str, str]
    data: object


def parse(
    body: bytes,
    headers: Mapping[str, str],
    mapping: FieldMapping,
    routing_key: str | None,
    new_key: Callable[[], str],
) -> list[AlertEvent]:
    """The alerts in a request: the data by the mapping, CloudEvents' attributes where the data does not say."""
    lowered = {name.lower(): value for name, value in headers.items()}
    events = _received(body, lowered)
    reader = reader_of(mapping)
    url_key = clean(routing_key or "")[:FIELD] or None
    alerts = [_alert(event, reader, url_key, new_key) for event in events]
    if alerts:
        alerts[0] = replace(alerts[0], raw=body, content_type=clean(lowered.get("content-type", "")))
    return alerts


def _received(body: bytes, headers: Mapping[str, str]) -> list[CloudEvent]:
    """The events of a request. One that says `application/json` but holds events as JSON is taken for what it holds."""
    content_type = _media_type(headers.get("content-type", ""))
    if "ce-specversion" in headers and not content_type.startswith("application/cloudevents"):
        return [_binary(body, headers, content_type)]
    told = json_value(body)
    if content_type == BATCH or (isinstance(told, list) and content_type != STRUCTURED):
        return _batch(told)
    return [_structured(told, "the body")]


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _batch(told: object) -> list[CloudEvent]:
    if not isinstance(told, list):
        raise Invalid(f"the body: expected array of events, got {kind_of(told)}")
    if len(told) > MOST:
        raise TooLarge(f"at most {MOST:,} events in one body, got {len(told):,}")
    return [_structured(event, f"[{n}]") for n, event in enumerate(told)]


def _structured(told: object, place: str) -> CloudEvent:
    event = as_object(told, place)
    attributes = {name: scalar_text(value) for name, value in event.items() if name not in DATA}
    return CloudEvent(_complete(attributes, place), _data_of(event, place))


def _data_of(event: Mapping[str, object], place: str) -> object:
    if event.get("data") is not None or event.get("data_base64") is None:
        return event.get("data")
    try:
        content = b64decode(scalar_text(event["data_base64"]), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(f"{place}.data_base64: is not base64") from None
    return _content(content, _media_type(scalar_text(event.get("datacontenttype"))))


def _binary(body: bytes, headers: Mapping[str, str], content_type: str) -> CloudEvent:
    """Header values are percent-encoded UTF-8; quotes around them are allowed."""
    attributes = {
        name[len(PREFIX) :]: clean(unquote(value.strip().strip('"')))
        for name, value in headers.items()
        if name.startswith(PREFIX)
    }
    return CloudEvent(_complete(attributes, "headers"), _content(body, content_type))


def _complete(attributes: Mapping[str, str], place: str) -> Mapping[str, str]:
    missing = [name for name in REQUIRED if not attributes.get(name)]
    if missing:
        raise Invalid(f"{place}: not a CloudEvent, missing {', '.join(missing)}")
    return attributes


def _content(content: bytes, media_type: str) -> object:
    """Data by its type: JSON (which it also is when nothing is said), text, or None for what cannot be read."""
    if not content.strip():
        return None
    if media_type in ("", "application/json", "text/json") or media_type.endswith("+json"):
        return json_value(content)
    return clean(content.decode("utf-8", "replace")) if media_type.startswith("text/") else None


def _alert(event: CloudEvent, reader: Reader, url_key: str | None, new_key: Callable[[], str]) -> AlertEvent:
    told = event.attributes
    fallback = Fallback(
        new_key=lambda: _key(told),
        url_routing_key=url_key,
        signal=_signal(told),
        title=(told.get("subject") or told["type"])[:TITLE],
        message=event.data[:MESSAGE] if isinstance(event.data, str) else "",
        tool=told["source"][:FIELD],
        observed_at=instant_of(told.get("time")),
    )
    data = event.data if isinstance(event.data, dict) else {}
    alert = reader.read(data, fallback)
    return replace(alert, fields={**alert.fields, **_attribute_fields(event)})


def _key(told: Mapping[str, str]) -> str:
    """What it is about: the subject within its source. Without a subject the type tells problems of a source apart."""
    return fitted_key(f"{told['source']} {told.get('subject') or told['type']}")


def _signal(told: Mapping[str, str]) -> Signal:
    """An extension may say how bad it is; else the type's last word often does: `com.example.disk.resolved`."""
    words = (told.get("severity", ""), told["type"].rpartition(".")[2])
    known = (WORDS.get(word.strip().lower()) for word in words)
    return next((signal for signal in known if signal), Signal.CRITICAL)


def _attribute_fields(event: CloudEvent) -> dict[str, object]:
    """Attributes as fields, named as in headers, so that they never hide a member of the data."""
    fields: dict[str, object] = {
        f"{PREFIX}{name}"[:FIELD]: text[:FIELD] for name, text in event.attributes.items() if text
    }
    if event.data is not None and not isinstance(event.data, dict):
        fields["data"] = fitted(event.data, MESSAGE)
    return fields
