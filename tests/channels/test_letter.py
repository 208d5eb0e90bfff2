"""What a reader sees of a page in their mail program."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from tests.channels.samples import BUNDLE, HOSTILE, incident, page
from watchbill.channels.letter import compose
from watchbill.domain.delivery import Message, Purpose
from watchbill.domain.people import Urgency

VOID = {"meta", "br"}


class Structure(HTMLParser):
    """The tags in order, and that each is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def mail(message: Message) -> EmailMessage:
    raw = compose(replace(message, address="ann@example.org"), "Watchbill <pager@example.org>", "reply.example.org")
    parsed = message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(message: Message, kind: str) -> str:
    part = mail(message).get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_plain_text_of_a_page() -> None:
    assert body(page(), "plain") == (
        f"""\
#123 Disk full on db-1
Opened: Mon 05 Jan 2026, 13:59 (Europe/Paris, UTC+01:00)
Urgency: high
State: triggered
Service: orders
Host: db-1
Routing key: database
Reported by: nagios
Alerts: 4
You are paged because: on call by layer 2 of Primary until Mon 18:00

97 % of /var used
Runbook: https://wiki.example.org/disk?a=1&b=2

Acknowledge: https://watchbill.example.org/act/ack/s3cr3t-link-t0ken
Resolve: https://watchbill.example.org/act/resolve/s3cr3t-link-t0ken
(Each opens a page with a button that confirms it.)
Open the incident: https://watchbill.example.org/incidents/123
Or answer this mail with the word "ack" or "resolve".

--{" "}
acme · sent by Watchbill to Ann Lee
"""
    )


def test_headers_that_machines_go_by() -> None:
    first = mail(page())
    assert first["Reply-To"] == "reply+7K2X@reply.example.org"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["X-Watchbill-Delivery"] == "0190c0de-0000-7000-8000-000000000001"
    assert first["Date"] == "Mon, 05 Jan 2026 13:00:00 +0000"
    assert first["Importance"] == "high"
    assert mail(page(incident(urgency=Urgency.LOW)))["Importance"] is None


def test_nobody_is_asked_to_answer_where_no_answer_is_read() -> None:
    raw = compose(page(address="ann@example.org"), "pager@example.org", "")
    assert b"Reply-To" not in raw
    assert b"answer this mail" not in raw
    assert mail(page(code=""))["Reply-To"] is None


def test_the_html_is_whole_accessible_and_loads_nothing() -> None:
    for message in (page(), page(*BUNDLE, held=2), page(HOSTILE)):
        structure = Structure(body(message, "html"))
        assert structure.all("html") == [{"lang": "en"}]
        assert len(structure.all("h1")) == 1
        assert len(structure.all("main")) == 1
        assert all(cell.get("scope") == "row" for cell in structure.all("th"))
        for loading in ("script", "img", "link", "style", "iframe", "form"):
            assert structure.all(loading) == []


def test_the_buttons_lead_to_the_links() -> None:
    links = [link["href"] for link in Structure(body(page(), "html")).all("a")]
    assert links == [
        "https://wiki.example.org/disk?a=1&b=2",
        page().links["acknowledge"],
        page().links["resolve"],
        page().links["incident"],
    ]


def test_hostile_text_stays_text() -> None:
    html = body(page(HOSTILE), "html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;img src=x onerror=alert(2)&gt;" in html
    assert "{{ 7 * 7 }} &lt;b&gt;because&lt;/b&gt;" in html
    assert not re.search(r"""href=["']?javascript""", html)
    assert not re.search("[\x00\x1b\u202e]", html)
    assert "x" * 20_000 in html


def test_a_bundle_tells_how_many_and_lists_them_in_order() -> None:
    for kind in ("plain", "html"):
        text = body(page(*BUNDLE, held=2), kind)
        assert "5 incidents need attention" in text
        assert "2 of them are not listed here." in text
        assert text.index("#7 First") < text.index("#8 Second") < text.index("#9 Third")


def test_the_subject_counts_what_a_bundle_does_not_list() -> None:
    assert str(mail(page(*BUNDLE, held=197))["Subject"]).startswith("[200 incidents] #7 First")


def test_a_mail_of_a_step_pages_nobody() -> None:
    text = body(page(purpose=Purpose.STEP, links={}, code=""), "plain")
    assert "You are told because" in text
    assert "Acknowledge" not in text


def test_a_question_whether_an_address_is_somebodys_own() -> None:
    link = "https://watchbill.example.org/p/code"
    ask = replace(page(), purpose=Purpose.VERIFY, subjects=(), links={"verify": link}, text="Ann is to be paged here.")
    for kind in ("plain", "html"):
        text = body(ask, kind)
        assert link in text
        assert "ack" not in text.replace("background", "")


def test_a_notice_is_its_text() -> None:
    notice = replace(page(), purpose=Purpose.NOTICE, subjects=(), links={}, code="", text="Nobody answered #5.\nLook.")
    assert mail(notice)["Subject"] == "Nobody answered #5."
    assert body(notice, "plain").startswith("Nobody answered #5.\nLook.\n")
    assert mail(replace(notice, text=""))["Subject"] == "Watchbill: notice"


def test_a_contact_may_want_one_format_only() -> None:
    def kinds(*formats: str) -> list[str]:
        parsed = mail(replace(page(), settings={"formats": list(formats)} if formats else {}))
        return [part.get_content_type() for part in parsed.iter_parts()]

    assert kinds("text") == ["text/plain"]
    assert kinds("html") == ["text/html"]
    assert kinds("html", "text") == kinds() == kinds("unknown") == ["text/plain", "text/html"]
