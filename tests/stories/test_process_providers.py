"""What goes wrong with the world outside stays there: one provider that hangs, refuses or is down holds up no other."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stories.outside import relay, sink
from tests.stories.process import Server, eventually, founded, kept, let_retries_come, serving
from watchbill.channels.settings import WebhookSettings
from watchbill.domain.delivery import State
from watchbill.domain.timeline import Kind

ORGANIZATION = """
watchbill: 1
people:
  ann:
    email: ann@example.com
    zone: UTC
    contacts:
      - {{email: gone@example.com, label: old, verified: true}}
      - {{email: ann@example.com, label: work, verified: true}}
    paging: [{{name: Primary, steps: [{{by: ["email: old"], timeout: 1h}}, {{by: ["email: work"], timeout: 1h}}]}}]
  bob:
    email: bob@example.com
    zone: UTC
    contacts: [{{email: bob@example.com, verified: true}}]
    paging: [{{name: Primary, steps: [{{by: [email], timeout: 1h}}]}}]
endpoints:
  sink: {{kind: webhook, address: "{url}/page"}}
policies:
  both: {{steps: [{{targets: [{{webhook: sink}}, {{user: bob}}]}}]}}
  ann: {{steps: [{{targets: [{{user: ann}}]}}]}}
routing_keys:
  db: {{default: true, starts: [policy: both]}}
  ann: {{starts: [policy: ann]}}
settings: {{bundle_after: 1000}}
"""
GIVEN_UP = WebhookSettings().timeout


@contextmanager
def site(folder: Path, url: str, *relays: str) -> Iterator[tuple[Server, str, str]]:
    """A server, an ingest key and the database."""
    database = f"sqlite:///{folder}/watchbill.db"
    key = founded(database, ORGANIZATION.format(url=url))
    settings: dict[str, Any] = dict(zip(("smtp", "smtp_substitute"), relays, strict=False))
    with serving(folder, database, webhook_allow_private=1, mail_from="w@example.com", **settings) as server:
        yield server, key, database


def test_a_webhook_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    release = threading.Event()

    def hang(path: str, told: dict[str, Any]) -> int:
        release.wait(30)
        return 200

    with relay() as mails, sink(hang) as receiver, site(tmp_path, receiver.url, mails.url) as (server, key, _):
        for n in range(40):
            assert server.alert(key, f"disk {n}").status == 200
            eventually(lambda n=n: len(mails.to("bob@example.com")) == n + 1, GIVEN_UP / 2)  # type: ignore[misc]
        assert len(receiver.bodies) > 0, "the webhooks are under way"
        release.set()


def test_a_webhook_that_refuses_for_now_is_tried_again(tmp_path: Path) -> None:
    statuses = iter([429, 503])

    def refuse(path: str, told: dict[str, Any]) -> int:
        return next(statuses, 200)

    with relay() as mails, sink(refuse) as receiver, site(tmp_path, receiver.url, mails.url) as (server, key, database):
        server.alert(key, "disk")
        eventually(lambda: len(receiver.bodies) == 3, 12)
        (delivery,) = eventually(lambda: [one for one in webhooks(database) if one.state is State.SENT])
        retries = [entry.text for entry in kept(database).timelines[1] if entry.kind is Kind.RETRY]
    assert [body["attempt"] for body in receiver.bodies] == [1, 2, 3]
    assert set(receiver.sends()) == {delivery.id}
    assert ["429" in retries[0], "503" in retries[1]] == [True, True]


def webhooks(database: str) -> list[Any]:
    return [one for one in kept(database).deliveries[1] if one.channel == "webhook"]


def test_a_webhook_that_refuses_for_good_is_not_tried_again(tmp_path: Path) -> None:
    with (
        relay() as mails,
        sink(lambda path, told: 410) as receiver,
        site(tmp_path, receiver.url, mails.url) as (server, key, database),
    ):
        server.alert(key, "disk")
        eventually(lambda: [one for one in webhooks(database) if one.state is State.FAILED])
        server.alert(key, "other")
        eventually(lambda: len(receiver.bodies) == 2)
    assert Counter(receiver.sends().values()) == Counter({1: 2})


def test_the_substitute_relay_takes_over(tmp_path: Path) -> None:
    """The first relay accepts connections and says nothing, as one behind a firewall."""
    with socket.socket() as mute, relay() as substitute, sink() as receiver:
        mute.bind(("127.0.0.1", 0))
        mute.listen(50)
        first = f"smtp://127.0.0.1:{mute.getsockname()[1]}?timeout=0.2"
        with site(tmp_path, receiver.url, first, substitute.url) as (server, key, database):
            server.alert(key, "disk")
            eventually(lambda: let_retries_come(database) >= 0 and substitute.to("bob@example.com"))
            mails = [one for one in kept(database).deliveries[1] if one.channel == "email"]
    assert [one.provider for one in mails] == [1]
    assert len(substitute.mails) == 1


def test_a_contact_refused_for_good_leads_to_the_next_at_once(tmp_path: Path) -> None:
    def refuse(address: str) -> str | None:
        return "550 5.1.1 no such user" if address.startswith("gone") else None

    with relay(refuse) as mails, sink() as receiver, site(tmp_path, receiver.url, mails.url) as (server, key, database):
        server.alert(key, "disk", "ann")
        eventually(lambda: mails.to("ann@example.com"))  # by itself the step would last an hour
        assert "550" in " ".join(entry.text for entry in kept(database).timelines[1] if entry.kind is Kind.FAILED)
