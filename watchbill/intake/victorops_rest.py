"""The REST endpoint that VictorOps' senders post to (VictorOps reference, 3.1 to 3.4)."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

import msgspec

from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.errors import Invalid
from watchbill.domain.transforms import SIGNALS
from watchbill.intake.fields import (
    ANNOTATION,
    FIELD,
    KEY,
    MESSAGE,
    TITLE,
    annotation,
    as_object,
    as_text,
    clean,
    fitted,
    instant_of,
    json_value,
    scalar_text,
)

MEANINGS = frozenset(
    [
        *("message_type", "entity_id", "entity_display_name", "state_message", "state_start_time", "timestamp"),
        *("monitoring_tool", "monitor_name", "host_name", "hostname", "entity_is_host", "entity_state"),
        *("ack_author", "ack_msg", "ack_message", "routing_key"),
    ]
)
"""Fields that mean something; all others are custom, and routing sees them as tags."""

LIMITS: Mapping[str, int] = {"entity_id": KEY, "entity_display_name": TITLE, "state_message": MESSAGE}
BEFORE = b"\xef\xbb\xbf \t\r\n"
"""A byte order mark and white space may come before JSON."""

SHORTEST = min(KEY, TITLE, FIELD)

ANNOTATE = "vo_annotate."
KINDS: Mapping[str, AnnotationKind] = {
    "u": AnnotationKind.URL,
    "s": AnnotationKind.NOTE,
    "n": AnnotationKind.NOTE,
    "i": AnnotationKind.IMAGE,
}

_encode = msgspec.json.Encoder().encode
_NOTHING: Mapping[str, str] = {}


def parse(
    body: bytes, query: Mapping[str, str], routing_key: str | None, new_key: Callable[[], str], content_type: str
) -> AlertEvent:
    """The alert in a post. The URL's routing key counts; one in the body is only a field, and gives way to it."""
    told = _fitted(_told(body, content_type))
    if query:
        told = {**_fitted({clean(name): clean(value) for name, value in query.items()}), **told}
    word = _text(told, "message_type")
    if not word:
        raise Invalid("Missing fields: message_type", "message_type")
    key = _text(told, "entity_id")
    if not key:
        key = told["entity_id"] = new_key()
    if routing_key:
        routing_key = told["routing_key"] = clean(routing_key)[:FIELD]
    tags, annotations = _custom(told)
    return AlertEvent(
        signal=SIGNALS.get(word.strip().upper(), Signal.INFO),
        key=key,
        title=_text(told, "entity_display_name") or key,
        message=_text(told, "state_message"),
        routing_key=routing_key or None,
        state_started_at=instant_of(told.get("state_start_time")),
        observed_at=instant_of(told.get("timestamp")),
        tool=_text(told, "monitoring_tool"),
        monitor=_text(told, "monitor_name"),
        host=_host(told, key),
        service=_text(told, "service"),
        author=_text(told, "ack_author"),
        note=_text(told, "ack_msg") or _text(told, "ack_message"),
        annotations=annotations,
        tags=tags,
        fields=told,
        raw=body,
        content_type=content_type,
    )


def answer(key: str) -> bytes:
    return _encode({"result": "success", "entity_id": key})


def refusal(message: str) -> bytes:
    return _encode({"result": "failure", "message": message})


def _told(body: bytes, content_type: str) -> dict[str, object]:
    """The body's fields. Senders put JSON under any content type; only what doesn't begin like JSON may be a form."""
    try:
        return as_object(json_value(body), "the body")
    except Invalid:
        start = body.lstrip(BEFORE)[:1]
        if not start:
            return {}
        if start not in b'{["' and "x-www-form-urlencoded" in content_type.lower():
            return _form(body)
        raise


def _form(body: bytes) -> dict[str, object]:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=FIELD)
    except ValueError:
        raise Invalid(f"the form has more than {FIELD} fields") from None
    return {clean(name): clean(value) for name, value in pairs}


def _fitted(told: Mapping[str, object]) -> dict[str, object]:
    """The fields within their limits, without nulls. Most values are short texts: those pass without a further look."""
    return {
        name: value if type(value) is str and len(value) <= SHORTEST else _cut(name, value)
        for name, value in told.items()
        if value is not None
    }


def _cut(name: str, value: object) -> object:
    limit = ANNOTATION if name.startswith(ANNOTATE) else LIMITS.get(name, FIELD)
    return fitted(value, limit)


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    return value if type(value) is str else as_text(value)[: LIMITS.get(name, FIELD)]


def _host(told: Mapping[str, object], key: str) -> str:
    host = _text(told, "host_name") or _text(told, "hostname")
    if host or "entity_is_host" not in told:
        return host
    return key if _text(told, "entity_is_host").lower() in ("true", "1") else ""


def _custom(told: Mapping[str, object]) -> tuple[Mapping[str, str], tuple[Annotation, ...]]:
    names = [name for name in told if name not in MEANINGS]
    if not names:
        return _NOTHING, ()
    tags: dict[str, str] = {}
    annotations: list[Annotation] = []
    for name in names:
        value = told[name]
        if name.startswith(ANNOTATE):
            annotations += _annotation(name, value)
        elif text := value if type(value) is str else scalar_text(value):
            tags[name] = text
    return tags, tuple(annotations)


def _annotation(name: str, value: object) -> list[Annotation]:
    """`vo_annotate.u.Runbook`: a letter for the kind, the rest, dots and all, is the label."""
    letter, _, label = name[len(ANNOTATE) :].partition(".")
    kind = KINDS.get(letter.lower())
    return [annotation(kind, label, as_text(value))] if kind else []
