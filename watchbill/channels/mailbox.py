"""Reading mail that comes in: pure, and for any bytes whatsoever."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.policy import compat32
from email.utils import getaddresses
from html.parser import HTMLParser

from watchbill.channels.wording import clean, one_line

_MAIL_BOUND = 1024 * 1024
_HTML_BOUND = 128 * 1024
_TEXT_BOUND = 20_000
_HEADER_BOUND = 10_000
_MOST_ADDRESSES = 100


@dataclass(frozen=True, slots=True)
class InboundMail:
    """Addresses are bare; `sender` is in lower case. `recipients`: of the headers; the envelope knows better.

    `references`: the Message-IDs it answers. `auto_submitted`: a machine wrote it (out of office, bounce).
    """

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    references: tuple[str, ...]
    auto_submitted: bool


def read_mail(raw: bytes) -> InboundMail:
    """Never raises: what can't be read is empty, what can't be decoded replaced. It reads the first MiB."""
    try:
        mail = message_from_bytes(raw[:_MAIL_BOUND], policy=compat32)
    except Exception:  # the parser gives up on some hostile nestings, by errors of many kinds
        mail = Mail()
    return InboundMail(
        sender=next(iter(_addresses(mail, "From", "Sender")), "").lower(),
        recipients=_addresses(mail, "To", "Cc", "Delivered-To", "X-Original-To"),
        subject=one_line(_header(mail, "Subject"), 500),
        text=_text(mail),
        message_id=next(iter(_ids(mail, "Message-ID")), ""),
        references=tuple(dict.fromkeys(_ids(mail, "In-Reply-To", "References"))),
        auto_submitted=_is_automatic(mail),
    )


_REPLY_ADDRESS = re.compile(r"reply\+([a-z0-9._-]{1,64})@", re.IGNORECASE)


def reply_code(address: str) -> str | None:
    """The code in `reply+<code>@…`, as it was written: mailers keep its case, though they need not."""
    found = _REPLY_ADDRESS.match(address)
    return found.group(1) if found else None


def answer(mail: InboundMail) -> str | None:
    """What a person answered: "acknowledge", "resolve" or nothing. A machine's mail is no answer."""
    return None if mail.auto_submitted else reply_command(mail.text)


_ACKNOWLEDGE = ("ack", "acked", "acknowledge", "acknowledged", "acknowledging")
_RESOLVE = ("res", "resolve", "resolved", "resolving")
_COMMANDS = dict.fromkeys(_ACKNOWLEDGE, "acknowledge") | dict.fromkeys(_RESOLVE, "resolve")
_COURTESY = frozenset({"please", "pls", "ok", "okay", "thanks", "hi", "hello"})


def reply_command(text: str) -> str | None:
    """The command in the writer's own first words: "Ack, looking into it" has one, "can't ack" has not."""
    own = " ".join(_own_lines(text[:_TEXT_BOUND]))
    for word, mark in re.findall(r"([^\W_]+(?:['’]\w+)?)([^\w\s]*)", own[:500]):
        if word.lower() in _COURTESY:
            continue
        return None if "?" in mark else _COMMANDS.get(word.lower())
    return None


# What mail programs put before the mail they quote: most an "On … wrote:", Outlook a line or the old headers.
_ATTRIBUTION = re.compile(r"(on|le|am|el|il|op|em)\b.{0,300}(wrote|écrit|schrieb|escribió|scritto|schreef|escreveu)")
_HISTORY = re.compile(r"-{2,}\s*(original|forwarded) message|_{10,}|(from|von|de)\s?:\s|begin forwarded message")
_SIGNATURE = re.compile(r"(--\s*$|sent from my |get outlook for )")


def _own_lines(text: str) -> Iterator[str]:
    """The lines that the writer wrote: without quotes, and up to the signature or the unmarked history."""
    lines = [line.strip() for line in text.splitlines()]
    quoting = False
    for index, line in enumerate(lines):
        if line.startswith(">"):
            quoting = False
        elif quoting or not line:
            continue
        elif _ATTRIBUTION.match(_with_next(lines, index)):
            if not _quote_follows(lines, index):
                return
            quoting = True
        elif _HISTORY.match(line.lower()) or _SIGNATURE.match(line.lower()):
            return
        else:
            yield line


def _with_next(lines: list[str], index: int) -> str:
    """The line and the one after: attributions are often wrapped."""
    return " ".join(lines[index : index + 2]).lower()


def _quote_follows(lines: list[str], index: int) -> bool:
    following = [line for line in lines[index + 1 : index + 5] if line]
    return any(line.startswith(">") for line in following[:2])


def _header(mail: Mail, name: str) -> str:
    value = str(mail.get(name, ""))[:_HEADER_BOUND]
    with suppress(Exception):  # encoded words may name any charset and hold any bytes
        return str(make_header(decode_header(value)))
    return value


def _addresses(mail: Mail, *names: str) -> tuple[str, ...]:
    values = [str(value)[:_HEADER_BOUND] for name in names for value in mail.get_all(name, [])]
    found: list[str] = []
    with suppress(Exception):  # getaddresses fails on some malformed ones
        found = [one_line(address) for _, address in getaddresses(values) if "@" in address]
    return tuple(dict.fromkeys(found))[:_MOST_ADDRESSES]


def _ids(mail: Mail, *names: str) -> list[str]:
    return [found for name in names for found in re.findall(r"<[^<>\s]{1,500}>", _header(mail, name))]


_AUTOMATIC_SUBJECT = re.compile(
    r"(auto(matic|matische)?[ -]?(reply|response|antwort)|out of (the )?office|abwesen|réponse automatique"
    r"|undeliver|delivery status|mail delivery|returned mail)",
    re.IGNORECASE,
)


def _is_automatic(mail: Mail) -> bool:
    return (
        _header(mail, "Auto-Submitted").strip().lower() not in ("", "no")
        or _header(mail, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Failed-Recipients", "List-Id"))
        or _header(mail, "Return-Path").strip() == "<>"
        or mail.get_content_type() == "multipart/report"
        or _AUTOMATIC_SUBJECT.match(_header(mail, "Subject").strip()) is not None
    )


def _text(mail: Mail) -> str:
    """The plain text, or the HTML as text where no plain one says anything."""
    html = ""
    with suppress(Exception):  # walking may exhaust the stack on hostile nestings
        for part in mail.walk():
            if part.get_filename() or part.is_multipart():
                continue
            if part.get_content_type() == "text/plain" and (text := _decoded(part).strip()):
                return clean(text, _TEXT_BOUND)
            if part.get_content_type() == "text/html":
                html = html or _decoded(part)
    return clean(text_of_html(html), _TEXT_BOUND)


def _decoded(part: Mail) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    with suppress(LookupError, ValueError):  # a charset that does not exist
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    return raw.decode("utf-8", "replace")


def text_of_html(html: str) -> str:
    """The words of an HTML mail, a line for each block; quoted mail is left out."""
    reader = _Words()
    with suppress(Exception):  # the parser asserts on some malformed declarations; what it read until there counts
        reader.feed(html[:_HTML_BOUND])
        reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "hr", "section"})
    _HIDDEN = frozenset({"style", "script", "head", "title", "blockquote"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN:
            self._hidden += 1
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN and self._hidden:
            self._hidden -= 1
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
