"""An alert: one thing that one sender said once. Immutable; its body is kept raw."""

import json
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from hashlib import sha256

from watchbill.domain.people import Urgency
from watchbill.domain.record import record

KEY = 512
TITLE = 1024
MESSAGE = 20_480
ANNOTATION = 1124
FIELD = 1024
"""Limits in characters (VictorOps reference, 3.1); they hold for every sender."""

WEB = ("https://", "http://")


class Signal(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    ACKNOWLEDGEMENT = "acknowledgement"
    RECOVERY = "recovery"


class AnnotationKind(StrEnum):
    URL = "url"
    NOTE = "note"
    IMAGE = "image"


@record
class Annotation:
    kind: AnnotationKind
    label: str
    value: str


@record
class AlertEvent:
    """What an intake format makes of a body, before anything is decided.

    `key` is the deduplication key within the organization. `state_started_at` and `observed_at` are instants as told
    by the sender. `fields` are all fields as received, for rules, webhooks and display; `tags` are those that routing
    queries see as tags, `more_tags` what else was said of a tag that came several times. `raw` is the body as it came;
    one of several alerts in a body carries it and the others are empty. `lasting`: its sender's alerts are there until
    somebody closes them: any signal opens one, a recovery heals it and leaves it open, and the next alert of its key
    joins it; that none of its alerts starts anything is no failure. `rules` are the numbers of the alert rules that
    changed it since, in their order.
    """

    signal: Signal
    key: str
    title: str
    message: str = ""
    routing_key: str | None = None
    state_started_at: int | None = None
    observed_at: int | None = None
    tool: str = ""
    monitor: str = ""
    host: str = ""
    service: str = ""
    author: str = ""
    note: str = ""
    urgency: Urgency | None = None
    annotations: tuple[Annotation, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    more_tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)
    raw: bytes = b""
    content_type: str = ""
    lasting: bool = False
    rules: tuple[int, ...] = ()


def text_of(value: object) -> str:
    """What a sender said in a field, as a person would write it: texts as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fitted_key(key: str) -> str:
    """A key within its limit. Cutting alone could make two problems one, so a long key ends in a hash of the whole."""
    if len(key) <= KEY:
        return key
    return f"{key[: KEY - 65]}:{sha256(key.encode()).hexdigest()}"


def annotation(kind: AnnotationKind, label: str, value: str) -> Annotation:
    """Only web addresses become links and images: anything else (`javascript:`) is shown as the text that it is."""
    if not value.startswith(WEB) and not value[:8].lower().startswith(WEB):
        kind = AnnotationKind.NOTE
    return Annotation(kind, label[:FIELD], value[:ANNOTATION])
