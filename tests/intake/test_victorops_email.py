"""Alerts by mail (VictorOps reference, 3.5)."""

import pytest

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.intake import victorops_email
from watchbill.intake.victorops_email import Mail


def parse(
    subject: str, text: str = "", unparseable: Signal = Signal.CRITICAL, routing_key: str | None = None
) -> AlertEvent:
    mail = Mail("nagios@acme.example", subject, text, routing_key)
    return victorops_email.parse(mail, lambda: "made-up", unparseable)


@pytest.mark.parametrize(
    ("subject", "signal", "key"),
    [
        ("CRITICAL disk full on eu-3", Signal.CRITICAL, "disk full on eu-3"),
        ("disk full on eu-3 problem", Signal.CRITICAL, "disk full on eu-3"),
        ("Warn disk", Signal.WARNING, "disk"),
        ("disk WARNING", Signal.WARNING, "disk"),
        ("info disk", Signal.INFO, "disk"),
        ("informational disk", Signal.INFO, "disk"),
        ("information disk", Signal.INFO, "disk"),
        ("acked disk", Signal.ACKNOWLEDGEMENT, "disk"),
        ("acknowledge disk", Signal.ACKNOWLEDGEMENT, "disk"),
        ("acknowledgement disk", Signal.ACKNOWLEDGEMENT, "disk"),
        ("acknowledged disk", Signal.ACKNOWLEDGEMENT, "disk"),
        ("resolved disk", Signal.RECOVERY, "disk"),
        ("recovered disk", Signal.RECOVERY, "disk"),
        ("recovery disk", Signal.RECOVERY, "disk"),
        ("ok disk", Signal.RECOVERY, "disk"),
        ("closed disk", Signal.RECOVERY, "disk"),
        ("Re: Fwd: FW: CRITICAL disk", Signal.CRITICAL, "disk"),
        ("re:critical disk", Signal.CRITICAL, "disk"),
        ("critical then resolved disk", Signal.CRITICAL, "then resolved disk"),
        ("[CRITICAL] disk", Signal.CRITICAL, "disk"),
        ("CRITICAL: disk", Signal.CRITICAL, "disk"),
        ("disk - OK", Signal.RECOVERY, "disk"),
        ("eu-3: disk is critical now", Signal.CRITICAL, "eu-3: disk is now"),
        ("folded\r\n subject  critical", Signal.CRITICAL, "folded subject"),
        ("tokens and criticality", Signal.CRITICAL, "tokens and criticality"),
        ("Request: disk", Signal.CRITICAL, "Request: disk"),
    ],
)
def test_the_subject_tells_the_signal_and_the_entity(subject: str, signal: Signal, key: str) -> None:
    event = parse(subject)
    assert (event.signal, event.key, event.title) == (signal, key, key)


def test_a_problem_and_its_recovery_are_one_entity() -> None:
    assert parse("CRITICAL: disk full").key == parse("RE: RECOVERY - disk full").key


@pytest.mark.parametrize("signal", [Signal.INFO, Signal.CRITICAL])
def test_the_organization_chooses_what_mail_without_a_keyword_means(signal: Signal) -> None:
    assert parse("disk full", unparseable=signal).signal is signal


@pytest.mark.parametrize("subject", ["", "   ", "Re:", "\0"])
def test_no_subject_makes_up_a_key(subject: str) -> None:
    assert (parse(subject).key, parse(subject).title) == ("made-up", "made-up")


def test_only_a_keyword_is_a_title_and_no_key() -> None:
    assert (parse("CRITICAL").key, parse("CRITICAL").title) == ("made-up", "CRITICAL")


def test_the_rest_of_a_mail() -> None:
    event = parse("CRITICAL disk", "97 % used\n-- \nnagios", routing_key="Database")
    assert event.message == "97 % used\n-- \nnagios"
    assert (event.monitor, event.routing_key) == ("nagios@acme.example", "Database")
    assert event.fields == {
        "message_type": "CRITICAL",
        "entity_id": "disk",
        "entity_display_name": "disk",
        "state_message": "97 % used\n-- \nnagios",
        "sender": "nagios@acme.example",
        "monitor_name": "nagios@acme.example",
        "subject": "CRITICAL disk",
        "routing_key": "Database",
    }


def test_the_raw_mail_is_kept() -> None:
    mail = Mail("a@acme.example", "CRITICAL disk", "97 %", raw=b"Subject: CRITICAL disk\r\n\r\n97 %")
    event = victorops_email.parse(mail, lambda: "made-up", Signal.INFO)
    assert (event.raw, event.content_type) == (mail.raw, "message/rfc822")
    assert parse("CRITICAL disk", "97 %").raw == b"97 %"


def test_long_and_unkeepable_mail_is_cut_and_cleaned() -> None:
    event = parse("CRITICAL " + "x" * 3000, "a\0b\ud800" + "y" * 30_000)
    assert (event.key, event.title) == ("x" * 512, "x" * 1024)
    assert event.message.startswith("ab\ufffdyy")
    assert len(event.message) == 20_480


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        ("abc123+database@alert.example", ("abc123", "database")),
        ("abc123.database@alert.example", ("abc123", "database")),
        ("ABC123+Database@ALERT.example", ("abc123", "Database")),
        ("abc123@alert.example", ("abc123", None)),
        ("abc123+@alert.example", ("abc123", None)),
        ("abc123+data.base+x@alert.example", ("abc123", "data.base+x")),
        ("<abc123+database@alert.example>", ("abc123", "database")),
        ("5b2a-11ee+database@pages.example", ("5b2a-11ee", "database")),
        ("abc123+database@elsewhere.example", None),
        ("+database@alert.example", None),
        ("@alert.example", None),
        ("abc123", None),
        ("", None),
    ],
)
def test_addresses(recipient: str, expected: tuple[str, str | None] | None) -> None:
    assert victorops_email.address(recipient, "alert.example", "Pages.example") == expected
