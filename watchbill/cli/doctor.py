"""`watchbill doctor`: whether a page would get through."""

from collections.abc import Container, Sequence
from dataclasses import asdict

from rich.console import RenderableType
from rich.table import Table

from watchbill.cli.answer import Answer, cell
from watchbill.cli.ending import FINE, FOUND
from watchbill.cli.session import Session
from watchbill.domain.civil import DAY
from watchbill.usecases.doctor import examine
from watchbill.usecases.findings import Finding, Severity
from watchbill.usecases.ports import Tx

STYLES = {Severity.PROBLEM: "bold red", Severity.WARNING: "yellow"}

# How many deliveries of the last day are looked at.
LATELY = 1_000


def run(opened: Session, org: int, served: Container[str]) -> Answer:
    findings = opened.read(_examined, org, opened.clock(), served)
    return Answer([asdict(finding) for finding in findings], _shown(findings), FOUND if findings else FINE)


def _examined(tx: Tx, number: int, now: int, served: Container[str]) -> list[Finding]:
    recent = tx.recent_deliveries(number, now - DAY, LATELY)
    return examine(tx.organization(number), tx.health(now), recent, now, served)


def _shown(findings: Sequence[Finding]) -> RenderableType:
    if not findings:
        return "Nothing found: everybody on call can be reached, and every alert leads to somebody."
    table = Table("", "about", "found", "what to do", show_lines=True)
    for finding in findings:
        severity = f"[{STYLES[finding.severity]}]{finding.severity}[/]"
        table.add_row(severity, cell(finding.subject), cell(finding.message), cell(finding.advice))
    return table
