"""Reading answers that come by mail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.channels.mailbox import InboundMail, answer, read_mail, reply_code, reply_command, text_of_html

ANSWER = b"""From: Ann Lee <Ann@Example.org>
To: Watchbill <reply+7K2@reply.example.org>
Cc: "Bob, B." <bob@example.org>
Subject: =?utf-8?q?Re=3A_=5B=23123=5D_Disk_=F0=9F=94=A5?=
Message-ID: <mine@example.org>
In-Reply-To: <0190@reply.example.org>
References: <older@reply.example.org>
 <0190@reply.example.org>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Ack, d=E9j=E0 vu.

On Mon, Jan 5, 2026 at 2:03 PM Watchbill <pager@example.org> wrote:
> Or answer this mail with the word "ack" or "resolve".
"""


def test_reads_an_answer() -> None:
    mail = read_mail(ANSWER)
    assert mail.sender == "ann@example.org"
    assert mail.recipients == ("reply+7K2@reply.example.org", "bob@example.org")
    assert mail.subject == "Re: [#123] Disk 🔥"
    assert mail.text.startswith("Ack, déjà vu.\n")
    assert mail.message_id == "<mine@example.org>"
    assert mail.references == ("<0190@reply.example.org>", "<older@reply.example.org>")
    assert not mail.auto_submitted
    assert answer(mail) == "acknowledge"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("ack", "acknowledge"),
        ("ACK", "acknowledge"),
        ("Ack.", "acknowledge"),
        ("  acked!!", "acknowledge"),
        ("acknowledge", "acknowledge"),
        ("Acknowledged, on it.", "acknowledge"),
        ("*ack*", "acknowledge"),
        ("please ack", "acknowledge"),
        ("Ok, ack", "acknowledge"),
        ("Hi,\n\nack", "acknowledge"),
        ("resolve", "resolve"),
        ("Resolved - was a test", "resolve"),
        ("resolved\n\n-- \nAnn", "resolve"),
        ("ack\r\n\r\nSent from my iPhone", "acknowledge"),
        ("> ack\n> resolve\nresolve", "resolve"),
        ("On Mon, Ann wrote:\n> ack?\n\nresolve", "resolve"),
        (
            "On Monday 5 January 2026 at 14:03, Watchbill\n<pager@example.org> wrote:\n> x\n\nack",
            "acknowledge",
        ),
        ("Am 05.01.2026 um 14:03 schrieb Watchbill:\n> Disk\n\nack", "acknowledge"),
        ("Ack\n\n-----Original Message-----\nFrom: x\nresolve", "acknowledge"),
        ("", None),
        ("can't ack this", None),
        ("not resolved", None),
        ("resolved?", None),
        ("I will resolve it", None),
        ("acknowledgement of receipt", None),
        ("ackermann", None),
        ("thanks", None),
        ("> ack", None),
        ("On Mon, Ann wrote:\nack", None),
        ("From: Watchbill\nSent: Monday\nack", None),
        ("-----Original Message-----\nack", None),
        ("________________________________\nFrom: x\nack", None),
        ("-- \nack", None),
        ("Sent from my ack", None),
        ("Someone took this\nack", None),
        ("🔥🔥\x00", None),
    ],
)
def test_the_first_own_words_decide(text: str, command: str | None) -> None:
    assert reply_command(text) == command


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner=x",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "Return-Path: <>",
        "List-Id: <ops.example.org>",
        "Content-Type: multipart/report; boundary=x",
        "Subject: Automatic reply: [#123] Disk full",
        "Subject: Out of Office: [#123]",
        "Subject: Undeliverable: [#123]",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique?= : absent",
    ],
)
def test_machines_do_not_answer(header: str) -> None:
    mail = read_mail(f"From: ann@example.org\n{header}\n\nack\n".encode())
    assert mail.auto_submitted
    assert answer(mail) is None


def test_a_person_may_say_that_no_machine_wrote_it() -> None:
    assert answer(read_mail(b"Auto-Submitted: no\nReturn-Path: <ann@example.org>\n\nack")) == "acknowledge"


def test_html_mail_is_read_as_text_without_what_it_quotes() -> None:
    raw = (
        "Content-Type: text/html; charset=utf-8\n\n"
        "<html><head><style>p{}</style><title>t</title></head><body><div>Ack &amp; on&nbsp;it</div>"
        "<br><div class=gmail_quote>On Mon, Watchbill wrote:<blockquote><p>resolve</p></blockquote></div>"
    )
    mail = read_mail(raw.encode())
    assert mail.text == "Ack & on it\nOn Mon, Watchbill wrote:"
    assert answer(mail) == "acknowledge"


def test_plain_text_wins_over_html_and_attachments_are_left_out() -> None:
    raw = b"""Content-Type: multipart/mixed; boundary=B

--B
Content-Type: text/plain
Content-Disposition: attachment; filename=ack.txt

resolve
--B
Content-Type: multipart/alternative; boundary=A

--A
Content-Type: text/html

<p>html</p>
--A
Content-Type: text/plain; charset=utf-8

ack
--A--
--B--
"""
    assert read_mail(raw).text == "ack"


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", b"ack \xff", "ack �"),
        ("no-such-charset", b"ack \xc3\xa9", "ack é"),
        ("utf-16", b"\xff\xfea\x00c\x00k\x00", "ack"),
        ("", b"ack\x00\x07", "ack"),
    ],
)
def test_any_charset_is_read(charset: str, body: bytes, text: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode() + body
    assert read_mail(raw).text == text


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("reply+7K2@reply.example.org", "7K2"),
        ("Reply+a-b.c_9@x", "a-b.c_9"),
        ("reply@reply.example.org", None),
        ("reply+@x", None),
        ("ann+7K2@example.org", None),
        ("", None),
    ],
)
def test_the_code_stands_in_the_address(address: str, code: str | None) -> None:
    assert reply_code(address) == code


def test_what_is_huge_is_bounded() -> None:
    mail = read_mail(b"To: " + b"a@b.c, " * 100_000 + b"\nSubject: " + b"s" * 100_000 + b"\n\n" + b"t" * 5_000_000)
    assert len(mail.text) == 20_000
    assert len(mail.subject) == 500
    assert len(mail.recipients) <= 100


def test_hostile_nestings_end() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000))
    assert isinstance(read_mail(nested), InboundMail)
    assert isinstance(read_mail(b"Content-Type: message/rfc822\n\n" * 5_000), InboundMail)
    assert text_of_html("<div>" * 20_000 + "ack") == "ack"
    assert text_of_html("<![x <!-- " * 1_000) is not None
    assert reply_command("on " * 6_000 + "\n" * 6_000) is None


HEADERS = ["From", "To", "Subject", "Message-ID", "References", "Content-Type", "Content-Transfer-Encoding"]
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"=?utf-8?b?////?=",
            b"=?x?q?=FF?=",
            b"multipart/mixed",
            b"multipart/mixed; boundary=",
            b"text/html; charset=\x00",
            b"text/plain; charset*=x'y'%ff",
            b"base64",
            b"uuencode",
            b"<a@b> (\xff",
            b'"unended <a@b',
            b"[",
            b"@",
        ]
    ),
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=8), st.binary(max_size=200))
def test_no_bytes_are_too_odd(headers: list[tuple[str, bytes]], body: bytes) -> None:
    head = b"".join(name.encode() + b": " + value + b"\n" for name, value in headers)
    for raw in (head + b"\n" + body, body):
        mail = read_mail(raw)
        mail.text.encode()
        mail.subject.encode()
        assert answer(mail) in ("acknowledge", "resolve", None)


@settings(max_examples=150)
@given(st.text(max_size=200))
def test_any_text_has_a_command_or_none(text: str) -> None:
    assert reply_command(text) in ("acknowledge", "resolve", None)
