"""A team moves in: its Alertmanager, a real one, sends where it sent before, and people answer from their mail."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest

from tests.stories.outside import Relay, post_mail, relay, text_of
from tests.stories.process import Server, ask, eventually, founded, free_port, kept, serving
from watchbill.domain.alert import Signal
from watchbill.domain.incident import Incident, Phase

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="prometheus-alertmanager is not installed")

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
"""
DOMAIN = "alerts.example.com"

# The names are Alertmanager's own; the address ends in /alert/, as its documentation has it.
CONFIG = """
route:
  receiver: old
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - {{receiver: old, continue: true}}
    - {{receiver: new}}
receivers:
  - name: old
    victorops_configs:
      - api_url: {url}/integrations/generic/20131114/alert/
        api_key: {key}
        routing_key: db
  - name: new
    webhook_configs:
      - url: {url}/intake/alertmanager/{key}
"""
LABELS = {"alertname": "DiskFull", "instance": "db-1:9100", "severity": "critical"}
NOTES = {"summary": "Disk full on db-1", "description": "97 % of /var", "runbook_url": "https://wiki.example.com/disk"}


@contextmanager
def alertmanager(folder: Path, server: Server, key: str) -> Iterator[str]:
    """Its address."""
    assert PROGRAM is not None
    port = free_port()
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG.format(url=server.url, key=key))
    options = [f"--config.file={config}", f"--storage.path={folder}/data", "--cluster.listen-address="]
    with (folder / "alertmanager.log").open("wb") as log:
        command = [PROGRAM, *options, f"--web.listen-address=127.0.0.1:{port}"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: ready(url))
        yield url
    finally:
        process.kill()
        process.wait()


def ready(url: str) -> bool:
    try:
        return ask(f"{url}/-/ready").status == 200
    except OSError:
        return False


def tell(url: str, **more: str) -> None:
    """As Prometheus does."""
    alert = {"labels": LABELS, "annotations": NOTES, **more}
    assert ask(f"{url}/api/v2/alerts", "POST", json.dumps([alert]), Content_Type="application/json").status == 200


def test_from_alertmanager_to_a_mailbox_and_back(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/watchbill.db"
    key = founded(database, ORGANIZATION)
    door = free_port()
    with relay() as mails:
        settings = {"smtp": mails.url, "mail_port": door, "mail_domain": DOMAIN}
        with serving(tmp_path, database, **settings) as server, alertmanager(tmp_path, server, key) as url:
            tell(url)
            pages = eventually(lambda: two_pages(mails))
            old, new = both(database)
            said_alike(old, new)
            acknowledged_by_link(database, page_of(old, pages))
            acknowledged_by_mail(database, new, page_of(new, pages), door)
            tell(url, endsAt="2020-01-01T00:00:00Z")
            eventually(lambda: {one.phase for one in both(database)} == {Phase.RESOLVED})
    assert {one.resolved_by for one in both(database)} == {"alert"}
    assert len(kept(database).alerts) == 4
    assert len(mails.mails) == 2


def two_pages(mails: Relay) -> list[Message] | None:
    pages = mails.to("ann@example.com")
    return pages if len(pages) == 2 else None


def both(database: str) -> tuple[Incident, Incident]:
    """The incident of the VictorOps receiver and that of the webhook."""
    new, old = sorted(kept(database).incidents, key=lambda incident: len(incident.key))
    assert (len(new.key), len(old.key)) == (16, 64), "an alert's fingerprint; the hash of a group"
    return old, new


def said_alike(old: Incident, new: Incident) -> None:
    assert (old.phase, new.phase) == (Phase.TRIGGERED, Phase.TRIGGERED)
    assert (old.state, new.state) == (Signal.CRITICAL, Signal.CRITICAL)
    assert old.routing_key == "db"
    assert "DiskFull" in old.title
    assert (new.title, new.message, new.host) == ("Disk full on db-1", "97 % of /var", "db-1")
    assert [note.value for note in new.annotations][:1] == ["https://wiki.example.com/disk"]


def page_of(incident: Incident, pages: list[Message]) -> Message:
    (page,) = [page for page in pages if f"[#{incident.number}]" in str(page["Subject"])]
    return page


def acknowledged_by_link(database: str, page: Message) -> None:
    """A mail scanner follows the link, which changes nothing; then a person presses the button behind it."""
    (link,) = set(re.findall(r"http://\S+/p/\S+do=acknowledge", text_of(page)))
    shown = ask(link)
    assert (shown.status, b"<form" in shown.body) == (200, True)
    assert {one.phase for one in both(database)} == {Phase.TRIGGERED}
    address = link.partition("?")[0]
    answered = ask(f"{address}/acknowledge", "POST", "", Content_Type="application/x-www-form-urlencoded")
    assert answered.status == 200
    old, new = both(database)
    assert (old.phase, old.acked_by, new.phase) == (Phase.ACKNOWLEDGED, "ann", Phase.TRIGGERED)
    assert ask(f"{address[:-4]}aaaa").status == 404


def acknowledged_by_mail(database: str, new: Incident, page: Message, door: int) -> None:
    post_mail(door, str(page["Reply-To"]).strip(), f"Re: {new.title}", "ack\n\n> more", "ann@example.com")
    assert both(database)[1].acked_by == "ann"
