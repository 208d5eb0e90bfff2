"""`watchbill who`: who is on call, now or over a range."""

from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table

from watchbill.cli.answer import Answer, cell
from watchbill.cli.session import Session
from watchbill.domain.civil import local, utc
from watchbill.domain.organization import Organization
from watchbill.usecases.ports import Tx
from watchbill.usecases.rotas import Row, who, who_range


def run(opened: Session, org: int, at: int, zone: str) -> Answer:
    """Times are shown in that zone."""
    rows = who(opened.read(_organization, org), at)
    return Answer([_data(row) for row in rows], _now(rows, at, zone))


def run_range(opened: Session, org: int, span: tuple[int, int], zone: str) -> Answer:
    rows = who_range(opened.read(_organization, org), *span)
    return Answer([_data(row) for row in rows], _range(rows, zone))


def _organization(tx: Tx, number: int) -> Organization:
    return tx.organization(number)


def _data(row: Row) -> dict[str, object]:
    moments = {name: getattr(row, name) for name in ("start", "end", "next_at")}
    shown = {name: None if at is None else utc(at).isoformat() for name, at in moments.items()}
    return {**asdict(row), **shown}


def _now(rows: Iterable[Row], at: int, zone: str) -> RenderableType:
    tables = []
    for kind, title in (("policy", "Escalation policies"), ("schedule", "Schedules")):
        table = Table("team", kind, "on call", "by", "until", "next", title=f"{title} at {_time(at, zone)} ({zone})")
        for row in rows:
            if row.kind == kind:
                until = _time(row.end, zone) if row.end is not None else ""
                table.add_row(
                    _listed(row.teams), cell(row.name), _people(row.people), cell(row.by), until, _next(row, zone)
                )
        if table.row_count:
            tables.append(table)
    return Group(*tables) if tables else "There are no escalation policies and no schedules."


def _range(rows: Iterable[Row], zone: str) -> RenderableType:
    table = Table("where", "from", "to", "on call", "by", title=f"On call, times in {zone}")
    last = None
    for row in rows:
        if last not in (None, row.slug):
            table.add_section()
        start, end = (_time(at, zone) if at is not None else "" for at in (row.start, row.end))
        table.add_row(cell(row.name) if last != row.slug else "", start, end, _people(row.people), cell(row.by))
        last = row.slug
    return table


def _people(people: Iterable[str]) -> str:
    return _listed(people) or "[bold red]nobody[/]"


def _listed(names: Iterable[str]) -> str:
    return cell(", ".join(names))


def _next(row: Row, zone: str) -> str:
    if row.next_at is None:
        return ""
    return f"{_people(row.next_people)} at {_time(row.next_at, zone)}"


def _time(at: int, zone: str) -> str:
    return f"{local(at, zone):%a %d %b %H:%M}"
