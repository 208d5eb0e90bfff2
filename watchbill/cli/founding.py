"""`watchbill init` and `watchbill demo`: the first organization, and one to play with."""

import tempfile
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pwdlib import PasswordHash
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from watchbill import config
from watchbill.cli import serve as serving
from watchbill.cli.minting import mint, token
from watchbill.cli.orgfile import plan, read
from watchbill.cli.session import Session, session
from watchbill.domain.delivery import Message
from watchbill.domain.errors import Conflict
from watchbill.domain.tokens import pocket_token
from watchbill.usecases import directory
from watchbill.usecases.keys import Fresh, Keys, found
from watchbill.usecases.ports import Tx
from watchbill.wiring.node import Node


def slow_hash(password: str) -> str:
    return PasswordHash.recommended().hash(password)


def _found(tx: Tx, name: str, slug: str, now: int) -> Keys:
    if tx.organization_numbers():
        raise Conflict("this database has an organization already; `watchbill apply` changes it")
    return found(tx, name, slug, Fresh(token, slow_hash), now)


def init(opened: Session, name: str, slug: str, url: str) -> dict[str, Any]:
    """Makes the first organization; its keys, in the shape that `init --json` prints."""
    keys = opened.write(_found, name, slug, opened.clock())
    return {
        "url": url,
        "web": {"username": keys.username, "password": keys.password},
        "ingest": {"key": keys.ingest},
        "victorops": {
            "api_id": keys.victorops_id,
            "api_key": keys.victorops_key,
            "readonly_key": keys.victorops_readonly,
        },
        "datadog": {"api_key": keys.datadog_api, "app_key": keys.datadog_app},
        "opsramp": {
            "tenant": keys.opsramp_tenant,
            "partner": keys.opsramp_partner,
            "key": keys.opsramp_key,
            "secret": keys.opsramp_secret,
        },
    }


def shown_keys(keys: dict[str, Any]) -> str:
    parts = ((part, of) for part, of in keys.items() if isinstance(of, dict))
    lines = [f"{part}.{name}: {value}" for part, of in parts for name, value in of.items()]
    return "\n".join(["Keys, shown once (they are stored hashed):", *(f"  {line}" for line in lines)])


def curl_line(url: str, key: str, routing_key: str) -> str:
    """An alert, ready to be sent from a shell."""
    body = '{"message_type":"CRITICAL","entity_id":"disk/eu-3","entity_display_name":"Disk full on eu-3"}'
    return f"curl -d '{body}' {url}/integrations/generic/20131114/alert/{key}/{routing_key}"


def demo(host: str, port: int, environment: Mapping[str, str]) -> None:
    """Serves the example organization from a fresh database until it is stopped."""
    console = Console()
    listener = serving.bound_socket(host, port)
    url = serving.address_of(listener)
    with tempfile.TemporaryDirectory(prefix="watchbill-demo-") as folder:
        settings = config.read(environment, f"sqlite:///{Path(folder) / 'watchbill.db'}", url)
        with session(settings.database, False, new=True) as opened:
            keys = init(opened, "Example", "example", url)
            people = _apply_example(opened)
        serving.configure_logs(settings.log_json)
        serving.run_node(settings, listener, _greeting(console, url, keys, people), _teller(console, url))


def _apply_example(opened: Session) -> list[str]:
    """Applies the example organization; the user names of its people."""
    text = resources.files("watchbill.cli").joinpath("example.yaml").read_text("utf-8")

    def fill(tx: Tx, now: int) -> list[str]:
        org = tx.organization_by_slug("example")
        desired = read(text, "example.yaml", org, mint(tx, org.number, now))
        filled = directory.apply(tx, org.number, plan(org, desired), "demo", now)
        return [user.username for user in filled.users.values() if any(c.kind == "pocket" for c in user.contacts)]

    return opened.write(fill, opened.clock())


def _greeting(console: Console, url: str, keys: dict[str, Any], people: list[str]) -> Callable[[Node], None]:
    def greet(running: Node) -> None:
        console.print(Panel(f"Watchbill listens on {url}", style="bold green"))
        console.print(Text(shown_keys(keys)), soft_wrap=True)
        console.print("Pockets (simulated phones), one each:")
        for name in people:
            console.print(f"  {name}: {url}/pocket/{pocket_token(running.secret, name)}", soft_wrap=True)
        console.print("\nSend an alert:\n")
        console.print(Text("  " + curl_line(url, keys["ingest"]["key"], "database"), style="bold"), soft_wrap=True)
        console.print("\nIt pages who is on call, here and in the pocket; unanswered, it escalates. Ctrl-C ends it.\n")

    return greet


def _teller(console: Console, url: str) -> Callable[[Message], None]:
    """Prints what a pocket gets, with the commands that answer it."""

    def tell(message: Message) -> None:
        who = message.recipient or message.address
        for one in message.subjects:
            console.print(Text(f"{who}'s pocket: #{one.number} {one.title}", style="bold yellow"), soft_wrap=True)
            console.print(Text(f"  {one.urgency} urgency; {one.reason}"), soft_wrap=True)
        for verb in ("acknowledge", "resolve"):
            console.print(Text(f"  {verb}: curl -X POST {url}/p/{message.code}/{verb}", style="dim"), soft_wrap=True)

    return tell
