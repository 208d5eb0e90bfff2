"""`send`, `simulate`, `explain` and `backup`: an alert from a shell, and questions to the core."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from rich.console import RenderableType
from rich.table import Table

from watchbill.cli.answer import cell
from watchbill.cli.minting import token
from watchbill.cli.session import Session
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import local, utc
from watchbill.domain.errors import Invalid, NotFound, Refused
from watchbill.domain.transforms import SIGNALS
from watchbill.intake import victorops_rest
from watchbill.intake.fields import clean
from watchbill.usecases.alerts import Arrival, Receipt, receive
from watchbill.usecases.explain import Explanation, explain
from watchbill.usecases.ports import Tx
from watchbill.usecases.simulate import Simulation, simulate

# Of an incident's number: more, and a database would not take it for a number.
MOST_DIGITS = 18


def alert_fields(title: str, type: str, entity: str | None, message: str) -> dict[str, object]:
    """An alert as a shell tells it, in the fields of the VictorOps REST endpoint. Raises Invalid: that endpoint takes
    any type for INFO, and a slip of the fingers here would page nobody.
    """
    if not title.strip():
        raise Invalid("the title is empty; say what happened", "title")
    if type.strip().upper() not in SIGNALS:
        raise Invalid(f"'{type}' is none of {', '.join(Signal).upper()}", "type")
    return {
        "message_type": type,
        "entity_id": entity or title,
        "entity_display_name": title,
        "state_message": message,
    }


def event_of(fields: Mapping[str, object], routing_key: str | None) -> AlertEvent:
    """The alert that these fields of the VictorOps REST endpoint make. Raises Invalid."""
    body = msgspec.json.encode(_readable(fields))
    return victorops_rest.parse(body, {}, routing_key and clean(routing_key), lambda: token(16), "application/json")


def _readable(fields: Mapping[str, object]) -> dict[str, str]:
    """Those that say something. A shell passes on any bytes: an alert whose words are in another encoding than ours is
    sent all the same, with signs in place of what can't be read."""
    return {clean(name): clean(str(value)) for name, value in fields.items() if value not in (None, "")}


def send_here(opened: Session, org: int, event: AlertEvent) -> Receipt:
    """Straight into the database: a running server pages, or the next one that starts."""

    def take(tx: Tx, now: int) -> Receipt:
        integration = next(iter(tx.organization(org).integrations), "")
        return receive(tx, [Arrival(org, integration, event)], now)[0]

    return opened.write(take, opened.clock())


def send_to(url: str, key: str, routing_key: str | None, fields: Mapping[str, object]) -> Mapping[str, Any]:
    """Over HTTP, as any sender would. Raises Refused when the server does not take it."""
    place = f"{quote(key, errors='replace')}/{quote(clean(routing_key or ''))}"
    address = f"{url.rstrip('/')}/integrations/generic/20131114/alert/{place}"
    try:
        response = httpx.post(address, json=_readable(fields), timeout=30)
    except httpx.HTTPError as error:
        raise Refused(f"the server at {url} can't be reached: {error}") from error
    if response.status_code != httpx.codes.OK:
        raise Refused(f"the server answered {response.status_code}: {response.text[:300]}")
    answer: Mapping[str, Any] = response.json()
    return answer


def simulated(
    opened: Session, org: int, event: AlertEvent, span: tuple[int, int, str]
) -> tuple[dict[str, Any], RenderableType]:
    """`span`: the moment, how far to look ahead, and the zone in which to show it."""
    at, horizon, zone = span
    found = opened.read(simulate, org, event, at, horizon)
    pages = [
        {
            "at": utc(page.at).isoformat(),
            "user_id": page.user_id,
            "channel": page.channel,
            "address": page.address,
            "urgency": page.urgency.value,
            "reason": page.reason,
        }
        for page in found.pages
    ]
    data = {
        "opens": found.opens,
        "routing": found.selection.reason,
        "pages": pages,
        "timeline": [
            {"at": utc(one.at).isoformat(), "kind": one.kind.value, "text": one.text} for one in found.entries
        ],
    }
    return data, _story(found, at, zone)


def _story(found: Simulation, at: int, zone: str) -> RenderableType:
    if not found.opens:
        return "such an alert opens no incident: it only stands in the log"
    table = Table("when", "after", "what would happen", title=f"If nobody answered ({zone}); nothing is sent")
    for entry in found.entries:
        table.add_row(f"{local(entry.at, zone):%a %d %b %H:%M:%S}", _after(entry.at - at), cell(entry.text))
    return table


def _after(span: int) -> str:
    minutes, seconds = divmod(span // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def explained(opened: Session, org: int, number: int, zone: str) -> tuple[dict[str, Any], RenderableType]:
    """Raises NotFound."""
    found = opened.read(explain, org, number)
    incident = found.incident
    data = {
        "number": incident.number,
        "title": incident.title,
        "phase": incident.phase.value,
        "urgency": incident.urgency.value,
        "unreached": incident.unreached,
        "timeline": [asdict(line) | {"at": utc(line.at).isoformat()} for line in found.lines],
    }
    return data, _told(found, zone)


def _told(found: Explanation, zone: str) -> RenderableType:
    incident = found.incident
    title = f"Incident {incident.number}: {incident.title or incident.key} ({incident.phase})"
    table = Table("when", "kind", "what and why", "by", title=cell(title))
    for line in found.lines:
        table.add_row(f"{local(line.at, zone):%a %d %b %H:%M:%S}", line.kind, cell(line.text), cell(line.actor))
    return table


def named(pairs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each NAME=VALUE. Raises Invalid."""
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise Invalid(f"'{pair}' is not a field such as severity=high", "field")
        yield name, value


def number_of(text: str) -> int:
    """An incident's number as people type it, with or without `#`. Raises Invalid, or NotFound."""
    digits = text.lstrip("#")
    if not digits.isdecimal():
        raise Invalid(f"'{text}' is not the number of an incident, such as 42", "incident")
    if len(digits) > MOST_DIGITS:
        raise NotFound(f"there is no incident {digits}", "incident")
    return int(digits)


def destination(text: str) -> Path:
    """Where a backup goes: a file that is not there yet. Raises Invalid."""
    path = Path(text)
    if path.exists():
        raise Invalid(f"{path} is there already; a backup never writes over a file", "destination")
    return path
