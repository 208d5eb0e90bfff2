"""A message as an e-mail: HTML and plain text of the same content, with headers nobody can inject into.

It is put together from the old MIME classes: EmailMessage parses every header it is given, and took twice
as long.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, parseaddr
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from watchbill.channels.wording import clean, clock_text, cut, one_line
from watchbill.domain.civil import utc
from watchbill.domain.delivery import Message, Purpose, Subject
from watchbill.domain.people import Urgency

# Quoted-printable passes every relay, also one that takes seven bits only.
_CHARSET = Charset("utf-8")
_CHARSET.body_encoding = QP
FORMATS = ("text", "html")
_SUBJECT_LIMIT = 150
_EXCERPT_LIMIT = 400

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEXT = _templates.get_template("mail.txt")
_HTML = _templates.get_template("mail.html")


@dataclass(frozen=True, slots=True)
class _Note:
    """An annotation; `link` only when its value is one that is safe to click."""

    label: str
    value: str
    link: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """One incident as the templates show it."""

    number: int
    title: str
    facts: tuple[tuple[str, str], ...]
    reason: str
    message: str
    notes: tuple[_Note, ...]


def compose(message: Message, sender: str, reply_domain: str) -> bytes:
    """`message.address` must have been checked. Replies are asked for when there is a code for them."""
    subject = subject_line(message)
    replies = bool(message.code and reply_domain) and message.purpose is not Purpose.VERIFY
    mail = MIMEMultipart("alternative")
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = subject if subject.isascii() else Header(subject, "utf-8", header_name="Subject").encode()
    mail["Date"] = format_datetime(utc(message.at))
    mail["Message-ID"] = message_id(message.delivery_id, reply_domain or parseaddr(sender)[1])
    if replies:
        mail["Reply-To"] = f"reply+{_token(message.code)}@{reply_domain}"
    if any(subject.urgency is Urgency.HIGH for subject in message.subjects):
        mail["Importance"] = "high"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Watchbill-Delivery"] = _token(message.delivery_id)
    context = _context(message, subject, replies)
    formats = _formats(message)
    if "text" in formats:
        mail.attach(_part("plain", _TEXT.render(context).lstrip()))
    if "html" in formats:
        mail.attach(_part("html", _HTML.render(context)))
    return mail.as_bytes()


def _formats(message: Message) -> Sequence[str]:
    """Those that the contact wants, or both."""
    wanted = message.settings.get("formats")
    found = [one for one in FORMATS if one in wanted] if isinstance(wanted, Sequence) else []
    return found or FORMATS


def _context(message: Message, subject: str, replies: bool) -> dict[str, object]:
    return {
        "subject": subject,
        "entries": _entries(message),
        "why": "You are paged because" if message.purpose is Purpose.PAGE else "You are told because",
        "text": clean(message.text).strip(),
        "count": len(message.subjects) + message.held,
        "held": message.held,
        "links": {name: message.links.get(name, "") for name in ("incident", "acknowledge", "resolve", "verify")},
        "replies": replies,
        "organization": one_line(message.organization),
        "recipient": one_line(message.recipient),
    }


def _part(kind: str, text: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", kind)
    part.set_payload(text, _CHARSET)
    return part


def subject_line(message: Message) -> str:
    """What the inbox shows: the incident; the count and the first of a bundle; the first line of a notice."""
    if not message.subjects:
        first, _, _ = clean(message.text).strip().partition("\n")
        return one_line(first, _SUBJECT_LIMIT) or f"Watchbill: {message.purpose.value}"
    first_subject = message.subjects[0]
    title = one_line(first_subject.title, _SUBJECT_LIMIT - 30)
    count = len(message.subjects) + message.held
    if count == 1:
        return f"[#{first_subject.number}] {title}"
    return f"[{count} incidents] #{first_subject.number} {title}"


def message_id(delivery_id: str, domain: str) -> str:
    """The same for every try of a delivery, so that a mailbox that gets it twice can show it once."""
    return f"<{_token(delivery_id)}@{domain.rpartition('@')[2] or 'localhost'}>"


def _entries(message: Message) -> tuple[_Entry, ...]:
    limit = 50_000 if len(message.subjects) == 1 else _EXCERPT_LIMIT
    return tuple(_entry(subject, message.zone, limit) for subject in message.subjects)


def _entry(subject: Subject, zone: str, limit: int) -> _Entry:
    facts = (
        ("Opened", clock_text(subject.opened_at, zone)),
        ("Urgency", subject.urgency.value),
        ("State", subject.phase),
        ("Service", subject.service),
        ("Host", subject.host),
        ("Routing key", subject.routing_key),
        ("Reported by", subject.tool),
        ("Alerts", str(subject.alert_count) if subject.alert_count > 1 else ""),
    )
    return _Entry(
        number=subject.number,
        title=one_line(subject.title, 500) or "(no title)",
        facts=tuple((label, one_line(value, 300)) for label, value in facts if value),
        reason=one_line(subject.reason, 500),
        message=clean(subject.message, limit).strip(),
        notes=tuple(_note(*annotation) for annotation in subject.annotations),
    )


def _note(kind: str, label: str, value: str) -> _Note:
    # Only web addresses become links: "javascript:" and the like stay text. Images are linked, never loaded.
    link = kind in ("url", "image") and re.match(r"https?://", value, re.IGNORECASE) is not None
    return _Note(one_line(label, 100) or kind, one_line(value, 2_000) if link else cut(clean(value), 2_000), link)


def _token(text: str) -> str:
    """What may stand in an address or an id: a hostile code must not open a header or another address."""
    return re.sub(r"[^A-Za-z0-9._-]", "", text)
