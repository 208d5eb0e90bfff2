"""Alerts by mail, as VictorOps reads them: the subject tells what happened to what (VictorOps reference, 3.5)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.intake.fields import FIELD, KEY, MESSAGE, clean

KEYWORDS: Mapping[str, Signal] = {
    word: signal
    for signal, words in {
        Signal.CRITICAL: "critical problem",
        Signal.WARNING: "warn warning",
        Signal.INFO: "info informational information",
        Signal.ACKNOWLEDGEMENT: "acked acknowledge acknowledgement acknowledged",
        Signal.RECOVERY: "resolved recovered recovery ok closed",
    }.items()
    for word in words.split()
}

_REPLIED = re.compile(r"(?:(?:re|fwd|fw)\s*:\s*)*", re.IGNORECASE)
_KEYWORD = re.compile(rf"[\[(<{{]?\b({'|'.join(KEYWORDS)})\b[\])>}}]?", re.IGNORECASE)
_EDGES = " :|-–—"
_ADDRESS = re.compile(r"([^+.]+)(?:[+.](.*))?")


@dataclass(frozen=True, slots=True)
class Mail:
    """What matters of a mail. `raw` is the whole of it as it came, `text` its readable part."""

    sender: str
    subject: str
    text: str
    routing_key: str | None = None
    raw: bytes = b""


def parse(mail: Mail, new_key: Callable[[], str], unparseable: Signal) -> AlertEvent:
    """The alert in a mail; `unparseable` is what a subject without a keyword means in this organization."""
    subject = _one_line(mail.subject)
    signal, rest = _read(subject, unparseable)
    key = rest[:KEY] or new_key()
    sender = clean(mail.sender)[:FIELD]
    message = clean(mail.text)[:MESSAGE]
    routing_key = clean(mail.routing_key or "")[:FIELD] or None
    fields = {
        "message_type": signal.upper(),
        "entity_id": key,
        "entity_display_name": rest[:FIELD] or subject[:FIELD] or key,
        "state_message": message,
        "sender": sender,
        "monitor_name": sender,
        "subject": subject[:FIELD],
    }
    if routing_key:
        fields["routing_key"] = routing_key
    return AlertEvent(
        signal=signal,
        key=key,
        title=fields["entity_display_name"],
        message=message,
        routing_key=routing_key,
        monitor=sender,
        fields=fields,
        raw=mail.raw or mail.text.encode("utf-8", "replace"),
        content_type="message/rfc822" if mail.raw else "text/plain",
    )


def address(recipient: str, *domains: str) -> tuple[str, str | None] | None:
    """The e-mail key and the routing key in `<key>+<routing key>@domain`; None when the address is not ours.

    A dot may stand for the plus. The key comes in lower case; the routing key keeps its spelling, and whoever looks it
    up ignores case.
    """
    local, _, domain = clean(recipient).strip().strip("<>").rpartition("@")
    if domain.lower() not in {ours.lower() for ours in domains}:
        return None
    parts = _ADDRESS.fullmatch(local.strip('"').strip())
    return (parts[1].lower(), parts[2] or None) if parts else None


def _one_line(subject: str) -> str:
    """The subject without folds and without the marks of answering and forwarding."""
    line = " ".join(clean(subject).split())
    marks = _REPLIED.match(line)
    return line[marks.end() :] if marks else line


def _read(subject: str, unparseable: Signal) -> tuple[Signal, str]:
    """The signal of the first keyword, and the subject without it: the same for a problem and its recovery."""
    keyword = _KEYWORD.search(subject)
    if keyword is None:
        return unparseable, subject
    rest = f"{subject[: keyword.start()].rstrip(_EDGES)} {subject[keyword.end() :].lstrip(_EDGES)}"
    return KEYWORDS[keyword[1].lower()], rest.strip(_EDGES)
