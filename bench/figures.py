"""Medians, percentiles, and the tables that show them: Markdown, which reads as well in a terminal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one part. `bar` is what the design asks for; `holds` whether, `how` it is met (None: no bar)."""

    what: str
    value: str
    bar: str = ""
    holds: bool | None = None
    data: dict[str, object] = field(default_factory=dict)
    how: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    title: str
    rows: list[Row]
    notes: list[str] = field(default_factory=list)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed; not a number when there is none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def middle(values: Sequence[float]) -> float:
    return median(values) if values else math.nan


def at_least(value: float, bar: float) -> bool:
    return value >= bar


def at_most(value: float, bar: float) -> bool:
    return value <= bar


def shown(part: Part) -> str:
    lines = [f"### {part.title}", "", "| what | measured | bar | |", "| --- | --- | --- | --- |"]
    for row in part.rows:
        mark = {True: "holds", False: "**missed**", None: ""}[row.holds]
        lines.append(f"| {row.what} | {row.value} | {row.bar} | {' '.join(filter(None, (mark, row.how)))} |")
    return "\n".join([*lines, "", *(f"{note}  " for note in part.notes), ""])


def number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"


def milliseconds(seconds: float) -> str:
    return "-" if math.isnan(seconds) else f"{seconds * 1000:.1f} ms"
