"""Mail comes in over real SMTP: alerts as VictorOps reads them, and answers to pages, but never a machine's."""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from pathlib import Path

import pytest

from tests.stories.outside import Relay, post_mail, relay
from tests.stories.process import Server, eventually, founded, free_port, kept, serving
from watchbill.domain.incident import Phase
from watchbill.intake.smtpd import MOST_LINES

ORGANIZATION = """
watchbill: 1
people:
  ann:
    email: ann@example.com
    zone: UTC
    contacts: [{email: ann@example.com, verified: true}]
    paging: [{name: Primary, steps: [{by: [email], timeout: 1h}]}]
policies:
  ann: {steps: [{targets: [user: ann]}]}
routing_keys:
  db: {default: true, starts: [policy: ann]}
  web: {starts: [policy: ann]}
"""
DOMAIN = "alerts.example.com"


class Site:
    """A server with a mail door, and the relay that its pages go to."""

    def __init__(self, server: Server, door: int, key: str, relay: Relay, database: str) -> None:
        self.server = server
        self.door = door
        self.key = key
        self.relay = relay
        self.database = database

    def mail(self, subject: str, to: str = "", text: str = "", sender: str = "checks@example.com") -> str:
        return post_mail(self.door, to or f"{self.key}+web@{DOMAIN}", subject, text, sender)

    def page(self, number: int = 1) -> Message:
        """The n-th mail that Ann got."""
        return eventually(lambda: self.relay.to("ann@example.com")[number - 1 : number])[0]

    def phase(self, entity: str) -> Phase:
        return kept(self.database).of(entity).phase


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    database = f"sqlite:///{tmp_path}/watchbill.db"
    key = founded(database, ORGANIZATION)
    door = free_port()
    with relay() as mails:
        settings = {"smtp": mails.url, "mail_port": door, "mail_domain": DOMAIN}
        with serving(tmp_path, database, **settings) as server:
            yield Site(server, door, key, mails, database)


def test_a_subject_opens_and_resolves(site: Site) -> None:
    assert site.mail("CRITICAL: disk on db-1", text="97 % full") == "accepted"
    page = site.page()
    assert "disk on db-1" in str(page["Subject"])
    found = kept(site.database).of("disk on db-1")
    assert (found.phase, found.routing_key, found.message) == (Phase.TRIGGERED, "web", "97 % full")
    site.mail("Re: disk on db-1 RECOVERY")
    assert site.phase("disk on db-1") is Phase.RESOLVED


def test_the_key_alone_takes_the_default_route(site: Site) -> None:
    site.mail("PROBLEM disk", to=f"{site.key.upper()}@{DOMAIN.upper()}")
    assert kept(site.database).of("disk").routing_key in (None, "db", "")
    site.page()


def test_a_mailbox_that_is_none_of_ours_is_refused_before_the_mail(site: Site) -> None:
    for address in (f"nobody@{DOMAIN}", f"{site.key}@elsewhere.example", f"reply@{DOMAIN}", DOMAIN):
        with pytest.raises(smtplib.SMTPResponseException, match="550"):
            site.mail("CRITICAL: disk", to=address)
    assert kept(site.database).alerts == []


def test_a_reply_answers_the_page(site: Site) -> None:
    site.mail("CRITICAL: disk")
    reply_to = str(site.page()["Reply-To"])
    said = post_mail(site.door, reply_to, "Re: disk", "Ack, on it\n\n> resolve it?", "ann@example.com")
    assert said == "acknowledged"
    found = kept(site.database).of("disk")
    assert (found.phase, found.acked_by) == (Phase.ACKNOWLEDGED, "ann")
    assert "already" in post_mail(site.door, reply_to, "Re: disk", "ack", "ann@example.com")
    assert post_mail(site.door, reply_to, "Re: disk", "resolve", "ann@example.com") == "resolved"


def test_machines_never_answer(site: Site) -> None:
    site.mail("CRITICAL: disk")
    to = str(site.page()["Reply-To"])
    said = [
        post_mail(site.door, to, "Undelivered mail", "ack"),
        post_mail(site.door, to, "disk", "ack", sender=""),
        post_mail(site.door, to, "Re: disk", "ack", Auto_Submitted="auto-replied"),
        post_mail(site.door, to, "Automatic reply: disk", "ack"),
        post_mail(site.door, to, "Re: disk", "ack", Precedence="bulk"),
    ]
    assert ["nothing was asked" in one for one in said] == [True] * 5
    assert site.phase("disk") is Phase.TRIGGERED
    assert "nothing was asked" in post_mail(site.door, to, "Re: disk", "What is this?")
    with pytest.raises(smtplib.SMTPResponseException, match="550"):
        post_mail(site.door, to.replace("reply+", "reply+a"), "Re: disk", "ack")
    assert site.phase("disk") is Phase.TRIGGERED


def test_a_mail_with_a_large_attachment_is_an_alert(site: Site) -> None:
    content = b"Subject: CRITICAL: disk\r\n\r\nIt is full.\r\n" + b"log\r\n" * (1 << 20)
    with smtplib.SMTP("127.0.0.1", site.door, timeout=10) as smtp:
        smtp.sendmail("checks@example.com", [f"{site.key}@{DOMAIN}"], content)
    site.page()
    assert site.phase("disk") is Phase.TRIGGERED


def test_any_bytes_are_a_mail(site: Site) -> None:
    """And the door stays open."""
    for content in (b"", b"\r\n\r\n", b"\xff\x00\xfe" * 100, b"Subject: =?utf-8?b?////?= CRITICAL\r\n\r\n\xff"):
        with smtplib.SMTP("127.0.0.1", site.door, timeout=10) as smtp:
            smtp.sendmail("a@example.com", [f"{site.key}@{DOMAIN}"], content)
    with smtplib.SMTP("127.0.0.1", site.door, timeout=10) as smtp:
        smtp.ehlo()
        assert smtp.docmd("\x00\x07 junk")[0] >= 500
        with pytest.raises(smtplib.SMTPException):
            smtp.sendmail("a@example.com", [f"{site.key}@{DOMAIN}"], b"x" * (17 << 20))
    assert site.mail("CRITICAL: disk") == "accepted"
    site.page()
    assert len(kept(site.database).alerts) == 5


def test_callers_beyond_what_there_is_room_for_are_turned_away(site: Site) -> None:
    """And come in again as soon as others leave."""
    with ExitStack() as stack:
        for _ in range(MOST_LINES):
            caller = stack.enter_context(socket.create_connection(("127.0.0.1", site.door), timeout=10))
            assert caller.recv(3) == b"220"
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            site.mail("CRITICAL: disk")
        assert site.server.alert(site.key, "by http").status == 200
    eventually(lambda: _accepted(site))


def _accepted(site: Site) -> bool:
    try:
        return site.mail("CRITICAL: disk") == "accepted"
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        return False
