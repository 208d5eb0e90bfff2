import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.channels.contract import ProviderContract
from tests.channels.providers import HANG, Relay, relay
from tests.channels.samples import BUNDLE, HOSTILE, TOKEN, page
from watchbill.channels.settings import Security, SmtpSettings
from watchbill.channels.smtp import Smtp
from watchbill.domain.delivery import Message, Outcome

CERTS = Path(__file__).parent / "certs"
ANN = "ann@example.org"
PASSWORD = "s3cr3t-passw0rd"


def settings(port: int, **changes: object) -> SmtpSettings:
    plain = SmtpSettings(
        host="127.0.0.1",
        port=port,
        sender="Watchbill <pager@example.org>",
        security=Security.NONE,
        reply_domain="reply.example.org",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


class SmtpBench:
    address = ANN
    secrets = (PASSWORD, TOKEN)

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        relay.password = PASSWORD
        self.channel = self._called()

    def received(self) -> list[tuple[str, str]]:
        relay = self.relay
        return [
            (relay.read(index)["Message-ID"], relay.read(index)["Subject"] + relay.text(index))
            for index in range(len(relay.mails))
        ]

    def fails_for_now(self) -> None:
        self.relay.answers["RCPT"] = "451 4.3.0 busy"

    def fails_for_good(self) -> None:
        self.relay.answers["RCPT"] = f"550 5.1.1 no such user {PASSWORD} {' '.join(page().links.values())}"

    def hangs(self) -> None:
        self.relay.answers["DATA"] = HANG
        self.channel = self._called(timeout=0.3)

    def recovers(self) -> None:
        self.relay.answers.clear()

    def is_gone(self) -> None:
        assert self.relay.server is not None
        self.relay.server.close()

    def _called(self, **changes: object) -> Smtp:
        return Smtp(settings(self.relay.port, username="ann", password=PASSWORD, **changes))


@pytest.fixture
async def fake() -> AsyncIterator[Relay]:
    async with relay() as fake:
        yield fake


class TestContract(ProviderContract):
    @pytest.fixture
    async def bench(self, fake: Relay) -> AsyncIterator[SmtpBench]:
        bench = SmtpBench(fake)
        yield bench
        await bench.channel.close()


@pytest.fixture
async def channel(fake: Relay) -> AsyncIterator[Smtp]:
    channel = Smtp(settings(fake.port))
    yield channel
    await channel.close()


def to_ann(**changes: object) -> Message:
    return page(address=ANN, **changes)


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("RCPT", "550 5.1.1 user unknown", Outcome.NEVER),
        ("RCPT", "550 No such user here", Outcome.NEVER),
        ("RCPT", "501 5.1.3 bad destination syntax", Outcome.NEVER),
        ("RCPT", "553 mailbox name not allowed", Outcome.NEVER),
        ("RCPT", "552 5.2.2 mailbox full", Outcome.NEVER),
        ("DATA", "550 5.2.1 mailbox disabled", Outcome.NEVER),
        ("RCPT", "450 4.2.0 greylisted", Outcome.RETRY),
        ("DATA", "452 4.3.1 no space", Outcome.RETRY),
        ("RCPT", "554 5.7.1 Relay access denied", Outcome.RETRY),
        ("RCPT", "503 need MAIL first", Outcome.RETRY),
        ("RCPT", "550 relaying not permitted", Outcome.RETRY),
        ("RCPT", "550 5.7.1 client host blocked by policy", Outcome.RETRY),
        ("RCPT", "530 5.7.0 authentication required", Outcome.RETRY),
        ("RCPT", "550 5.1.8 bad sender address", Outcome.RETRY),
        ("RCPT", "421 4.3.2 closing", Outcome.RETRY),
        ("DATA", "554 5.3.0 system failure", Outcome.RETRY),
    ],
)
async def test_tells_the_mailbox_from_the_relay(
    fake: Relay, channel: Smtp, command: str, answer: str, outcome: Outcome
) -> None:
    fake.answers[command] = answer
    verdict = await channel.send(to_ann())
    assert verdict.outcome is outcome
    assert answer in verdict.reason


async def test_a_wrong_login_is_tried_over_the_next_relay(fake: Relay) -> None:
    fake.password = "another"
    channel = Smtp(settings(fake.port, username="ann", password=PASSWORD))
    verdict = await channel.send(to_ann())
    assert verdict.outcome is Outcome.RETRY
    assert verdict.reason == "the relay did not accept our login (535)"


async def test_a_relay_without_login_or_tls_is_tried_again(fake: Relay) -> None:
    for security in (Security.STARTTLS, Security.TLS):
        verdict = await Smtp(settings(fake.port, security=security)).send(to_ann())
        assert verdict.outcome is Outcome.RETRY
        assert "TLS" in verdict.reason


async def test_one_connection_serves_several_mails(fake: Relay, channel: Smtp) -> None:
    for _ in range(3):
        assert (await channel.send(to_ann())).outcome is Outcome.ACCEPTED
    assert len(fake.mails) == 3
    assert len(fake.connections) == 1


async def test_a_relay_that_hung_up_in_between_is_called_again(fake: Relay, channel: Smtp) -> None:
    await channel.send(to_ann())
    fake.hang_up()
    assert (await channel.send(to_ann())).outcome is Outcome.ACCEPTED
    assert len(fake.connections) == 2


async def test_a_relay_that_says_goodbye_in_between_is_called_again(fake: Relay, channel: Smtp) -> None:
    await channel.send(to_ann())
    fake.answers["MAIL"] = "421 4.4.2 idle for too long"
    fake.once = True
    assert (await channel.send(to_ann())).outcome is Outcome.ACCEPTED
    assert len(fake.connections) == 2


async def test_many_at_once_all_go_out(fake: Relay, channel: Smtp) -> None:
    verdicts = await asyncio.gather(*(channel.send(to_ann(delivery_id=f"d{n}")) for n in range(30)))
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    assert len({fake.read(n)["Message-ID"] for n in range(30)}) == 30


async def test_a_send_that_is_cancelled_stays_cancelled(fake: Relay, channel: Smtp) -> None:
    fake.answers["RCPT"] = HANG
    task = asyncio.create_task(channel.send(to_ann()))
    await fake.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_after_a_refusal_the_next_mail_goes_out(fake: Relay, channel: Smtp) -> None:
    fake.answers["RCPT"] = "550 5.1.1 unknown"
    await channel.send(to_ann())
    fake.answers.clear()
    assert (await channel.send(to_ann())).outcome is Outcome.ACCEPTED


async def test_the_reference_is_the_message_id_that_answers_name(fake: Relay, channel: Smtp) -> None:
    verdict = await channel.send(to_ann())
    assert verdict.reference == fake.read()["Message-ID"]
    assert fake.read()["Message-ID"] == "<0190c0de-0000-7000-8000-000000000001@reply.example.org>"


async def test_speaks_tls_to_a_relay_it_trusts_and_to_no_other() -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(CERTS / "cert.pem", CERTS / "key.pem")
    client = ssl.create_default_context(cafile=str(CERTS / "cert.pem"))
    client.check_hostname = False
    async with relay(tls=server) as fake:
        starttls = settings(fake.port, security=Security.STARTTLS)
        trusting = Smtp(starttls, client)
        assert (await trusting.send(to_ann())).outcome is Outcome.ACCEPTED
        await trusting.close()
        verdict = await Smtp(starttls).send(to_ann())
    assert verdict.outcome is Outcome.RETRY
    assert verdict.reason.startswith("the certificate is not trusted")
    assert len(fake.mails) == 1


def test_settings_do_not_show_the_password() -> None:
    assert PASSWORD not in repr(settings(25, password=PASSWORD))


async def test_hostile_content_adds_no_header_and_no_reader(fake: Relay, channel: Smtp) -> None:
    await channel.send(page(HOSTILE, address=ANN, code="7K2>,eve@example.org", delivery_id="1>\r\nBcc: eve"))
    mail = fake.read()
    assert fake.recipients == [ANN]
    assert mail["Bcc"] is None
    assert mail["To"] == ANN
    assert len(mail["Subject"]) <= 150
    assert mail["Subject"].startswith("[#123] Disk Bcc: evil@example.org <script>alert(1)</script> 🔥")
    assert mail["Reply-To"] == "reply+7K2eveexample.org@reply.example.org"
    assert mail["Message-ID"] == "<1Bcceve@reply.example.org>"


async def test_the_inbox_shows_number_and_title(fake: Relay, channel: Smtp) -> None:
    await channel.send(to_ann())
    await channel.send(page(*BUNDLE, address=ANN))
    assert fake.read(0)["Subject"] == "[#123] Disk full on db-1"
    assert fake.read(1)["Subject"] == "[3 incidents] #7 First of three"
