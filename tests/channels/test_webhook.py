import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from socket import gaierror

import pytest

from tests.channels.contract import ProviderContract
from tests.channels.providers import HANG, Site, reply, site
from tests.channels.samples import AT, BUNDLE, HOSTILE, SECRET, page
from watchbill.channels import payload as payload_module
from watchbill.channels.payload import payload
from watchbill.channels.settings import WebhookSettings
from watchbill.channels.webhook import Webhook
from watchbill.domain.civil import HOUR, SECOND
from watchbill.domain.delivery import Message, Outcome, Verdict

CERTS = Path(__file__).parent / "certs"
PASSWORD = "s3cr3t-passw0rd"
PATH_TOKEN = "s3cr3t-path"


class WebhookBench:
    secrets = (PASSWORD, PATH_TOKEN, SECRET)

    def __init__(self, site: Site) -> None:
        self.site = site
        self.address = f"http://ann:{PASSWORD}@127.0.0.1:{site.port}/hooks/{PATH_TOKEN}"
        self.channel = Webhook(WebhookSettings(allow_private=True))

    def received(self) -> list[tuple[str, str]]:
        return [(each.headers["X-Watchbill-Delivery"], each.body.decode()) for each in self.site.requests]

    def fails_for_now(self) -> None:
        self.site.answer = lambda request: reply(503)

    def fails_for_good(self) -> None:
        self.site.answer = lambda request: reply(404, body=f"{request} {SECRET} {PASSWORD}")

    def hangs(self) -> None:
        self.site.answer = lambda request: HANG
        self.channel = Webhook(WebhookSettings(allow_private=True, timeout=0.1))

    def is_gone(self) -> None:
        assert self.site.server is not None
        self.site.server.close()

    def recovers(self) -> None:
        self.site.answer = lambda request: reply(200)


@pytest.fixture
async def fake() -> AsyncIterator[Site]:
    async with site() as fake:
        yield fake


class TestContract(ProviderContract):
    @pytest.fixture
    async def bench(self, fake: Site) -> AsyncIterator[WebhookBench]:
        bench = WebhookBench(fake)
        yield bench
        await bench.channel.close()


@pytest.fixture
async def channel() -> AsyncIterator[Webhook]:
    channel = Webhook(WebhookSettings(allow_private=True), {"shout": shout})
    yield channel
    await channel.close()


def shout(message: Message) -> tuple[bytes, Mapping[str, str]]:
    return message.subjects[0].title.upper().encode(), {"Content-Type": "text/plain", "X-Extra": "1"}


def to(fake: Site, **changes: object) -> Message:
    return page(**({"address": f"http://127.0.0.1:{fake.port}/in?x=1"} | changes))


async def test_the_body_is_the_documented_one(fake: Site, channel: Webhook) -> None:
    await channel.send(to(fake))
    body = json.loads(fake.requests[0].body)
    assert fake.requests[0].line == "POST /in?x=1 HTTP/1.1"
    assert fake.requests[0].headers["Content-Type"] == "application/json"
    assert {key: body[key] for key in ("version", "delivery", "attempt", "sent_at", "purpose")} == {
        "version": 1,
        "delivery": "0190c0de-0000-7000-8000-000000000001",
        "attempt": 1,
        "sent_at": "2026-01-05T13:00:00.000000Z",
        "purpose": "page",
    }
    assert body["incidents"] == [
        {
            "number": 123,
            "title": "Disk full on db-1",
            "message": "97 % of /var used",
            "urgency": "high",
            "phase": "triggered",
            "opened_at": "2026-01-05T12:59:00.000000Z",
            "alert_count": 4,
            "routing_key": "database",
            "service": "orders",
            "host": "db-1",
            "tool": "nagios",
            "reason": "on call by layer 2 of Primary until Mon 18:00",
            "annotations": [{"kind": "url", "label": "Runbook", "value": "https://wiki.example.org/disk?a=1&b=2"}],
            "fields": {"used": 97},
        }
    ]


def test_the_shape_is_documented_key_by_key() -> None:
    body = json.loads(payload(page()))
    for key in (*body, *body["incidents"][0], *body["links"], *body["incidents"][0]["annotations"][0]):
        assert f'"{key}":' in (payload_module.__doc__ or "")


async def test_a_receiver_can_check_the_signature(fake: Site, channel: Webhook) -> None:
    await channel.send(to(fake))
    request = fake.requests[0]
    stamp, digest = (part.partition("=")[2] for part in request.headers["X-Watchbill-Signature"].split(","))
    expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert stamp == str(AT // SECOND)
    assert digest == expected


async def test_without_secret_nothing_is_signed(fake: Site, channel: Webhook) -> None:
    await channel.send(to(fake, secret=""))
    assert "X-Watchbill-Signature" not in fake.requests[0].headers


async def test_user_and_password_of_the_url_become_a_login(fake: Site, channel: Webhook) -> None:
    await channel.send(to(fake, address=f"http://ann:p%40ss@127.0.0.1:{fake.port}/"))
    headers = fake.requests[0].headers
    assert headers["Authorization"] == "Basic YW5uOnBAc3M="
    assert headers["Host"] == f"127.0.0.1:{fake.port}"


async def test_a_dialect_brings_its_own_words(fake: Site, channel: Webhook) -> None:
    await channel.send(to(fake, settings={"format": "shout"}))
    request = fake.requests[0]
    assert request.body == b"DISK FULL ON DB-1"
    assert request.headers["Content-Type"] == "text/plain"
    assert request.headers["X-Extra"] == "1"
    assert request.headers["X-Watchbill-Delivery"]
    unknown = await channel.send(to(fake, settings={"format": "whisper"}))
    assert unknown == Verdict(Outcome.NEVER, "its format is not one we know")


async def test_a_dialect_that_fails_is_tried_again(fake: Site, channel: Webhook) -> None:
    verdict = await channel.send(to(fake, subjects=(), settings={"format": "shout"}))
    assert verdict == Verdict(Outcome.RETRY, "sending failed (IndexError)")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, Outcome.ACCEPTED) for status in (200, 201, 202, 204, 299)),
        *((status, Outcome.RETRY) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, Outcome.NEVER) for status in (301, 304, 307, 400, 401, 403, 404, 410, 422)),
    ],
)
async def test_the_status_decides(fake: Site, channel: Webhook, status: int, outcome: Outcome) -> None:
    fake.answer = lambda request: reply(
        status, "Location: http://127.0.0.1:1/\r\n", "" if status in (204, 304) else "ok"
    )
    verdict = await channel.send(to(fake))
    assert verdict.outcome is outcome
    assert str(status) in verdict.reason


async def test_redirects_are_not_followed(fake: Site, channel: Webhook) -> None:
    fake.answer = lambda request: reply(302, f"Location: http://127.0.0.1:{fake.port}/other\r\n")
    verdict = await channel.send(to(fake))
    assert verdict.reason == "it answered 302 Found; redirects are not followed, give the final URL"
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ("120", 120 * SECOND),
        ("0", 0),
        ("99999999999999999999", HOUR),
        ("Mon, 05 Jan 2026 13:00:30 GMT", 30 * SECOND),
        ("Mon, 05 Jan 2026 12:00:00 GMT", 0),
        ("Mon, 05 Jan 2099 13:00:30 GMT", HOUR),
        ("Mon, 05 Jan 2026 13:00:30", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("", None),
    ],
)
async def test_waits_as_long_as_it_is_asked_to(fake: Site, channel: Webhook, told: str, after: int | None) -> None:
    head = f"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: {told}\r\n\r\n".encode("latin-1")
    fake.answer = lambda request: head
    verdict = await channel.send(to(fake))
    assert verdict.outcome is Outcome.RETRY
    assert verdict.after == after


async def test_a_huge_body_is_not_read_to_its_end(fake: Site, channel: Webhook) -> None:
    fake.answer = lambda request: reply(200, body="x" * 5_000_000)
    assert (await channel.send(to(fake))).outcome is Outcome.ACCEPTED
    assert (await channel.send(to(fake))).outcome is Outcome.ACCEPTED
    assert fake.connections == 2, "it should have hung up on the first"


async def test_a_body_that_stalls_changes_nothing_but_the_connection_is_not_used_again(
    fake: Site, channel: Webhook
) -> None:
    fake.answer = lambda request: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"
    for _ in range(2):
        assert (await channel.send(to(fake))).outcome is Outcome.ACCEPTED
    assert fake.connections == 2


async def test_a_long_head_is_an_answer_too(fake: Site, channel: Webhook) -> None:
    fake.answer = lambda request: reply(200, f"X-Policy: {'x' * 20_000}\r\n")
    assert (await channel.send(to(fake))).outcome is Outcome.ACCEPTED


async def test_nonsense_is_tried_again(fake: Site, channel: Webhook) -> None:
    for nonsense in (
        "SSH-2.0-OpenSSH_9\r\n\r\n",
        "\x00" * 5000,
        "HTTP/1.1 200 OK\r\n" + "A: b\r\n" * 100_000,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ):
        fake.answer = lambda request, nonsense=nonsense: nonsense  # type: ignore[misc]
        verdict = await channel.send(to(fake))
        assert verdict.outcome is Outcome.RETRY
        assert verdict.reason.startswith("sending failed")


async def test_hostile_fields_arrive_as_valid_json(fake: Site, channel: Webhook) -> None:
    await channel.send(to(fake, subjects=(HOSTILE, *BUNDLE)))
    body = json.loads(fake.requests[0].body)
    assert body["incidents"][0]["fields"] == {"nan": None, "deep": [{"bytes": "b'\\xff'", "text": "?"}]}
    assert len(body["incidents"]) == 4


async def test_one_connection_serves_several_posts(fake: Site, channel: Webhook) -> None:
    for _ in range(3):
        await channel.send(to(fake))
    assert (len(fake.requests), fake.connections) == (3, 1)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "http://localhost:8080/",
        "http://db.localhost/",
        "http://LOCALHOST/",
    ],
)
async def test_forms_refuse_what_is_plainly_inside(address: str) -> None:
    channel = Webhook(WebhookSettings())
    assert "not on the internet" in (channel.check_address(address) or "")
    assert (await channel.send(page(address=address))).outcome is Outcome.NEVER


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "example.org",
        "https://",
        "http:///x",
        "https://a b/",
        "https://x/" + "y" * 3_000,
    ],
)
def test_forms_refuse_what_is_no_url(address: str) -> None:
    assert Webhook(WebhookSettings()).check_address(address) == (
        "a webhook needs a URL such as https://hooks.example.org/watchbill"
    )


async def test_a_name_that_leads_inside_is_refused_when_sending(fake: Site) -> None:
    channel = Webhook(WebhookSettings(), resolve=always("127.0.0.1"))
    verdict = await channel.send(page(address=f"http://hooks.example.test:{fake.port}/"))
    await channel.close()
    assert verdict == Verdict(Outcome.NEVER, "its name leads into a network that webhooks may not reach")
    assert fake.connections == 0


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0177.0.0.1"])
async def test_odd_spellings_of_an_address_are_not_called(host: str, channel: Webhook) -> None:
    verdict = await channel.send(page(address=f"http://{host}/"))
    assert verdict == Verdict(Outcome.NEVER, "its host is not one that can be called")


async def test_a_name_that_is_not_found_is_tried_again() -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise gaierror("no such name")

    channel = Webhook(WebhookSettings(), resolve=nothing)
    verdict = await channel.send(page(address="https://gone.example.test/"))
    await channel.close()
    assert verdict == Verdict(Outcome.RETRY, "the name can't be resolved")


async def test_the_pinned_address_must_prove_to_be_the_name() -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(CERTS / "cert.pem", CERTS / "key.pem")
    client = ssl.create_default_context(cafile=str(CERTS / "cert.pem"))
    async with site(tls=server) as fake:
        settings = WebhookSettings(allow_private=True)
        channel = Webhook(settings, resolve=always("127.0.0.1"), tls=client)
        right = await channel.send(page(address=f"https://hooks.example.test:{fake.port}/"))
        wrong = await channel.send(page(address=f"https://other.example.test:{fake.port}/"))
        await channel.close()
    assert right.outcome is Outcome.ACCEPTED
    assert fake.requests[0].headers["Host"] == f"hooks.example.test:{fake.port}"
    assert wrong.outcome is Outcome.RETRY
    assert "Hostname mismatch" in wrong.reason
    assert len(fake.requests) == 1


def always(address: str):  # type: ignore[no-untyped-def]
    async def resolve(host: str, port: int) -> list[str]:
        return [address]

    return resolve
