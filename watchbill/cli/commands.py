"""The commands but `serve`: what each takes, and what it runs."""

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from watchbill import config
from watchbill.cli import apply as applying
from watchbill.cli import asking, founding
from watchbill.cli import doctor as examining
from watchbill.cli import export as exporting
from watchbill.cli import key as renewing
from watchbill.cli import who as asking_who
from watchbill.cli.ending import guarded
from watchbill.cli.options import Database, Json, Org, When, Zone
from watchbill.cli.session import Session, in_session, show
from watchbill.cli.times import end_of, known_zone, look_ahead, moment
from watchbill.domain.errors import Invalid
from watchbill.store.backup import backup as back_up


def init(
    *,
    name: str = "My organization",
    slug: str = "main",
    url: str = "http://127.0.0.1:8080",
    database: Database = None,
    json: Json = False,
) -> int:
    """Make the first organization: a partner with one client organization, an administrator, and keys.

    Parameters
    ----------
    name
        The organization's name.
    slug
        Its short name, for --org.
    url
        The server's address, as printed with the keys.
    """

    def run(one: Session) -> None:
        keys = founding.init(one, name, slug, url)
        one.show(keys, founding.shown_keys(keys))

    return in_session(database, json, run, new=True)


def demo(*, host: str = "127.0.0.1", port: int = 8080) -> int:
    """Serve an example organization from a fresh database; pages arrive in pockets, simulated phones."""
    return guarded(lambda: founding.demo(host, port, os.environ), False)


def send(
    title: str,
    *,
    entity: str | None = None,
    type: str = "CRITICAL",
    message: str = "",
    routing_key: str | None = None,
    url: str | None = None,
    key: Annotated[str | None, Parameter(env_var="WATCHBILL_KEY")] = None,
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Send an alert: over HTTP with --url and --key, else straight into the database.

    Parameters
    ----------
    title
        What happened, in one line.
    entity
        The deduplication key; the title when left out.
    type
        CRITICAL, WARNING, INFO, ACKNOWLEDGEMENT or RECOVERY.
    message
        The long text.
    routing_key
        Which route it takes.
    url
        The server to send it to.
    key
        An ingest key of that server.
    """

    def fields() -> dict[str, object]:
        return asking.alert_fields(title, type, entity, message) | {"monitoring_tool": "watchbill send"}

    def over_http(one: Session) -> None:
        if key is None:
            raise Invalid("--url needs --key, an ingest key of that server (or WATCHBILL_KEY)", "key")
        answer = asking.send_to(str(url), key, routing_key, fields())
        one.show(answer, f"accepted: {answer.get('entity_id')}")

    def here(one: Session) -> None:
        receipt = asking.send_here(one, one.organization(org).number, asking.event_of(fields(), routing_key))
        shown = f"incident {receipt.incident}" if receipt.incident else "in the log only: it opens no incident"
        one.show(receipt, shown)

    return in_session("sqlite:///:memory:" if url else database, json, over_http if url else here)


def simulate(
    title: str = "A simulated alert",
    *,
    type: str = "CRITICAL",
    routing_key: str | None = None,
    entity: str | None = None,
    message: str = "",
    field: Annotated[list[str] | None, Parameter(help="NAME=VALUE, for rules; may be given several times.")] = None,
    at: When = "now",
    span: Annotated[str, Parameter(name="--for", help="How far to look ahead, 14d at most.")] = "1h",
    zone: Zone = "UTC",
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Who would be paged, when, over what, if this alert came at that moment and nobody answered. Sends nothing."""

    def run(one: Session) -> None:
        fields = dict(asking.named(field or [])) | asking.alert_fields(title, type, entity, message)
        event = asking.event_of(fields, routing_key)
        start = moment(at, known_zone(zone), one.clock())
        one.show(*asking.simulated(one, one.organization(org).number, event, (start, look_ahead(span), zone)))

    return in_session(database, json, run)


def explain(
    incident: str, *, zone: Zone = "UTC", org: Org = None, database: Database = None, json: Json = False
) -> int:
    """What happened to an incident, and why."""

    def run(one: Session) -> None:
        number = asking.number_of(incident)
        one.show(*asking.explained(one, one.organization(org).number, number, known_zone(zone)))

    return in_session(database, json, run)


def apply(
    file: Annotated[
        str, Parameter(help="The organization as YAML; - reads standard input.", allow_leading_hyphen=True)
    ],
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="Print what would change, and change nothing.")] = False,
    prune: Annotated[bool, Parameter(negative="", help="Remove what the file's sections leave out.")] = False,
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Make the organization what a file says: people, contacts, teams, schedules, policies, routes."""

    def run(one: Session) -> int:
        given = applying.File(file, contents(file), "watchbill apply", prune, dry_run)
        return one.tell(applying.run(one, one.organization(org).number, given))

    return in_session(database, json, run)


def contents(file: str) -> bytes:
    """Raises Invalid when the file can't be read."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Invalid(f"{file} can't be read: {error.strerror}", "file") from error


def export(
    *,
    secrets: Annotated[bool, Parameter(negative="", help="With the secrets of webhooks.")] = False,
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Print the organization as YAML, as `apply` takes it."""
    return in_session(database, json, lambda one: one.tell(exporting.run(one, one.organization(org).number, secrets)))


def key(
    integration: Annotated[str | None, Parameter(help="The integration's name.")] = None,
    *,
    victorops: Annotated[bool, Parameter(negative="", help="Keys for the API of VictorOps instead.")] = False,
    datadog: Annotated[str | None, Parameter(help="Keys of this user for the API of Datadog instead.")] = None,
    opsramp: Annotated[bool, Parameter(negative="", help="A key and a secret for the API of OpsRamp instead.")] = False,
    withdraw: Annotated[bool, Parameter(negative="", help="Withdraw the integration's older keys.")] = False,
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Make an ingest key for an integration, or a key of an API; it is shown once."""

    def run(one: Session) -> int:
        renewing.one_kind((integration is not None, victorops, datadog is not None, opsramp), withdraw)
        number = one.organization(org).number
        if victorops:
            return one.tell(renewing.victorops(one, number))
        if datadog is not None:
            return one.tell(renewing.datadog(one, number, datadog))
        if opsramp:
            return one.tell(renewing.opsramp(one, number))
        return one.tell(renewing.run(one, number, integration, withdraw))

    return in_session(database, json, run)


def who(
    *,
    at: When = "now",
    until: Annotated[str | None, Parameter(help="A table of the shifts from --at until then.")] = None,
    zone: Zone = "UTC",
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Who is on call, now, at a time, or over a range."""

    def run(one: Session) -> int:
        now, number = one.clock(), one.organization(org).number
        start = moment(at, known_zone(zone), now)
        if until is None:
            return one.tell(asking_who.run(one, number, start, zone))
        return one.tell(asking_who.run_range(one, number, (start, end_of(until, zone, start)), zone))

    return in_session(database, json, run)


def doctor(*, org: Org = None, database: Database = None, json: Json = False) -> int:
    """Find what would keep a page from getting through. Ends with 1 when there is something."""

    def run(one: Session) -> int:
        served = config.channels(config.read(os.environ, database))
        return one.tell(examining.run(one, one.organization(org).number, served))

    return in_session(database, json, run)


def backup(
    destination: Annotated[str, Parameter(help="The file to write; it must not be there yet.")],
    *,
    database: Database = None,
    json: Json = False,
) -> int:
    """Copy the database to a file, while the server goes on."""

    def run() -> int:
        path = asking.destination(destination)
        back_up(config.read(os.environ, database).database, path)
        data = {"file": str(path), "bytes": path.stat().st_size}
        return show(data, f"{path}: {data['bytes']:,} bytes", json)

    return guarded(run, json)
