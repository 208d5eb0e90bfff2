"""Learning from examples: rows of a training file, and tickets that were closed (OpsRamp reference, part 12).

A row says which values of an alert's columns lead to which values of a ticket; an empty cell of the alert fits all.
The row with the most cells that fit exactly wins, of several the earliest. Rows with the same filled columns and the
same values in them are one group: so a lookup costs as much as there are sets of filled columns, however many rows.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from io import StringIO
from itertools import product

from watchbill.domain.alert import AlertEvent
from watchbill.domain.errors import Invalid, TooLarge
from watchbill.domain.incident import Incident
from watchbill.domain.record import record, replace
from watchbill.domain.ticketing import STATES

ESCALATION, FIRST_RESPONSE, CORRELATION = (
    "ALERT_ESCALATION_TRAINING",
    "ALERT_FIRST_RESPONSE_TRAINING",
    "ALERT_CORRELATION_TRAINING",
)
CATEGORIES = (ESCALATION, FIRST_RESPONSE, CORRELATION)
UPLOADED, QUEUED, COMPLETE, FAILED = "uploaded", "queued", "complete", "error"

LARGEST_FILE = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 50
# Different sets of filled columns in one file, and keys that one alert is looked up by.
MOST_SETS = 1_000
MOST_KEYS = 2_000
LONGEST_CELL = 1_000
OUTPUT = "incident."
NOT_SUPPORTED = ("resource.generalinfo.name",)
ANYTHING = ("", "*")


@record
class TrainingFile:
    """`inputs` and `outputs` are columns by name. `sets`: the sets of filled columns in it, a bit for each input.
    `why`: what was wrong, where nothing could be learned."""

    org: int
    category: str
    name: str
    created_at: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    state: str = UPLOADED
    rows: int = 0
    sets: tuple[int, ...] = ()
    why: str = ""


@record
class Group:
    """Rows that fit the same alerts. `first` is the number of the earliest (the header is row 1), `outputs` what that
    one says by column, `agreeing` how many of the `rows` say the same."""

    key: bytes
    exact: int
    first: int
    rows: int
    outputs: Mapping[str, str]
    agreeing: Mapping[str, int]


@record
class Case:
    """What people decided in a ticket that is closed: its fields, under what its alert was."""

    org: int
    key: bytes
    ticket: int
    at: int
    fields: Mapping[str, object] = field(default_factory=dict)


@record
class Finding:
    """A value for a field of a ticket, where it comes from, and how sure it is (from 0 to 1)."""

    field: str
    value: object
    source: str
    sure: float


# --- Reading a file


def columns(content: bytes) -> tuple[str, ...]:
    """The names in the header. Raises Invalid, TooLarge."""
    return next(_lines(content), ())


def learn(file: TrainingFile, content: bytes) -> tuple[TrainingFile, list[Group]]:
    """The file as trained, and its rows by what they fit. Raises Invalid, TooLarge."""
    lines = _lines(content)
    header = {name.lower(): place for place, name in enumerate(next(lines, ()))}
    inputs, outputs = (_places(names, header) for names in (file.inputs, file.outputs))
    groups: dict[bytes, _Building] = {}
    count = 0
    for number, cells in enumerate(lines, 2):
        count += 1
        values = [_folded(_cell(cells, place)) for place in inputs]
        filled = sum(1 << place for place, value in enumerate(values) if value not in ANYTHING)
        key = _key(filled, [value for value in values if value not in ANYTHING])
        said = tuple(_cell(cells, place) for place in outputs)
        groups.setdefault(key, _Building(filled, number)).said.append(said)
    if count > MOST_ROWS:
        raise TooLarge(f"The file has {count} rows; at most {MOST_ROWS} can be learned from")
    sets = sorted({one.filled for one in groups.values()}, key=lambda filled: (-filled.bit_count(), filled))
    if len(sets) > MOST_SETS:
        raise Invalid(f"The rows fill {len(sets)} different sets of columns; at most {MOST_SETS} are possible")
    trained = replace(file, state=COMPLETE, rows=count, sets=tuple(sets), why="")
    return trained, [_group(key, one, file.outputs) for key, one in groups.items()]


@record
class _Building:
    filled: int
    first: int
    said: list[tuple[str, ...]] = field(default_factory=list)


def _lines(content: bytes) -> Iterator[tuple[str, ...]]:
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"The file has {len(content)} bytes; at most {LARGEST_FILE} can be learned from")
    try:
        text = content.decode("utf-8-sig")
        for cells in csv.reader(StringIO(text.replace("\0", ""), newline="")):
            if any(cell.strip() for cell in cells):
                yield tuple(cell.strip()[:LONGEST_CELL] for cell in cells[: MOST_COLUMNS + 1])
    except UnicodeDecodeError as error:
        raise Invalid(f"The file is not UTF-8: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise Invalid(f"The file is no comma separated text: {error}") from error


def _places(names: Sequence[str], header: Mapping[str, int]) -> list[int]:
    missing = [name for name in names if name.lower() not in header]
    if missing:
        raise Invalid(f"The file has no column {', '.join(missing)}")
    return [header[name.lower()] for name in names]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _folded(text: str) -> str:
    return text.strip().casefold()


def _key(filled: int, values: Iterable[str]) -> bytes:
    return hashlib.sha256("\0".join((str(filled), *values)).encode("utf-8", "replace")).digest()


def _group(key: bytes, built: _Building, names: Sequence[str]) -> Group:
    outputs: dict[str, str] = {}
    agreeing: dict[str, int] = {}
    for place, name in enumerate(names):
        wanted = _folded(built.said[0][place])
        outputs[name] = built.said[0][place]
        agreeing[name] = sum(_folded(said[place]) == wanted for said in built.said)
    return Group(key, built.filled.bit_count(), built.first, len(built.said), outputs, agreeing)


# --- What an alert is

ATTRIBUTES: Mapping[str, Callable[[Incident, AlertEvent], str]] = {
    "metric": lambda incident, event: incident.service,
    "servicename": lambda incident, event: incident.service,
    "currentstate": lambda incident, event: STATES.get(incident.state, ""),
    "subject": lambda incident, event: incident.title,
    "description": lambda incident, event: incident.message,
    "app": lambda incident, event: incident.tool,
    "repeatcount": lambda incident, event: str(incident.alert_count),
    "resource.dnsname": lambda incident, event: incident.host,
    "resource.hostname": lambda incident, event: incident.host,
}
LISTS = {
    "devicegroup": "resource.deviceGroups",
    "servicegroup": "resource.serviceGroups",
    "location": "resource.location",
}


def values_of(name: str, incident: Incident, event: AlertEvent) -> tuple[str, ...]:
    """What a column may be of this alert, folded: a resource may be in several groups. Nothing where it is unknown."""
    plain = _folded(name).removeprefix("alert.")
    if plain in ATTRIBUTES:
        found: object = ATTRIBUTES[plain](incident, event)
    elif plain.partition(".")[0] in LISTS:
        listed = str(event.fields.get(LISTS[plain.partition(".")[0]], ""))
        return tuple(_folded(part) for part in listed.split(",") if part)
    else:
        found = _of_event(plain, event)
    text = _folded(str(found)) if found is not None else ""
    return (text,) if text else ()


def _of_event(plain: str, event: AlertEvent) -> object:
    """By its whole name, by its last part among those of the resource, or as a tag."""
    last = plain.rpartition(".")[2]
    for wanted, known in ((plain, event.fields), (f"resource.{last}", event.fields), (last, event.tags)):
        found = next((value for name, value in known.items() if name.lower() == wanted), None)
        if found is not None:
            return found
    return None


def keys(file: TrainingFile, incident: Incident, event: AlertEvent) -> list[bytes]:
    """What groups of the file fit this alert, by their keys."""
    values = [values_of(name, incident, event) for name in file.inputs]
    found: list[bytes] = []
    for filled in file.sets:
        wanted = [one for place, one in enumerate(values) if filled >> place & 1]
        for choice in product(*wanted):
            found.append(_key(filled, choice))
            if len(found) == MOST_KEYS:
                return found
    return found


def winner(groups: Iterable[Group]) -> Group | None:
    return min(groups, key=lambda one: (-one.exact, one.first), default=None)


# --- What is found

# The fields of a ticket that may be learned, by the names that people see.
FIELDS: Mapping[str, str] = {
    "assignee group": "assigneeGroup",
    "priority": "priority",
    "business impact": "businessImpact",
    "urgency": "urgency",
    "category": "category",
    "assignee": "assignedUser",
    "assigned user": "assignedUser",
}
LEARNED_BY_CASES = ("assigneeGroup", "priority")
# So many closed tickets are needed, and at most so many, the newest, are looked at.
LEAST_CASES, MOST_CASES = 5, 200


def wanted_fields(mapping: object) -> dict[str, str]:
    """The output column for each field of a ticket."""
    if not isinstance(mapping, Mapping):
        return {}
    named = {FIELDS.get(_folded(str(name))): str(column) for name, column in mapping.items()}
    return {name: column for name, column in named.items() if name is not None}


def from_rows(file: TrainingFile, group: Group, wanted: Mapping[str, str]) -> Iterator[Finding]:
    """What a group of rows says of these fields. How sure: how many of its rows agree."""
    by_name = {name.lower(): name for name in file.outputs}
    for name, column in wanted.items():
        known = by_name.get(column.lower(), "")
        value = group.outputs.get(known, "")
        if value:
            agree = group.agreeing[known]
            fit = f"{group.exact} of {len(file.inputs)} columns fit exactly"
            source = f"row {group.first} of {file.name} ({fit}; {agree} of {group.rows} such rows agree)"
            yield Finding(name, _as_field(name, value), source, agree / group.rows)


def _as_field(name: str, value: str) -> object:
    if name == "priority":
        return value
    return {"loginName": value} if name == "assignedUser" else {"name": value}


def case_key(metric: str, resource_type: str) -> bytes:
    """Alerts of one metric and one type of resource are alike."""
    return hashlib.sha256(f"{_folded(metric)}\0{_folded(resource_type)}".encode("utf-8", "replace")).digest()


def resource_type(event: AlertEvent) -> str:
    return str(event.fields.get("resource.resourceType") or event.fields.get("resource.type") or "")


def from_cases(cases: Sequence[Case], about: str, wanted: Iterable[str]) -> Iterator[Finding]:
    """What most of these closed tickets, the newest first, came to. Nothing from fewer than `LEAST_CASES`."""
    if len(cases) < LEAST_CASES:
        return
    for name in wanted:
        found = [(_identity(case.fields.get(name)), case.fields.get(name)) for case in cases]
        counts = Counter(identity for identity, _ in found if identity)
        if not counts:
            continue
        best, times = counts.most_common(1)[0]
        value = next(value for identity, value in found if identity == best)
        yield Finding(name, value, f"{times} of {len(cases)} closed tickets of {about}", times / len(cases))


def _identity(value: object) -> str:
    """What makes two values of a field the same."""
    if isinstance(value, Mapping):
        value = value.get("uniqueId") or value.get("name") or ""
    return _folded(str(value or ""))
