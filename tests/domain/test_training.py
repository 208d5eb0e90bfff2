"""The table rule: which row of a training file fits an alert best, and how sure that is (reference, part 12)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.make import an_incident
from watchbill.domain import training
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Invalid, Refused, TooLarge
from watchbill.domain.incident import Incident
from watchbill.domain.record import replace
from watchbill.domain.training import COMPLETE, ESCALATION, Case, Finding, Group, TrainingFile

GROUP, PRIORITY = "incident.assigneeGroup", "incident.priority"
WANTED = {"assigneeGroup": GROUP, "priority": PRIORITY}


def alert(metric: str = "disk", state: Signal = Signal.CRITICAL, **fields: str) -> tuple[Incident, AlertEvent]:
    incident = replace(an_incident(1), title="Disk full", message="All of it", service=metric, host="db01", state=state)
    told = {name.replace("_", "."): value for name, value in fields.items()}
    return incident, AlertEvent(state, "k", "Disk full", service=metric, fields=told, tags={"rack": "R7"})


def learned(text: str, *inputs: str, outputs: tuple[str, ...] = (GROUP, PRIORITY)) -> tuple[TrainingFile, list[Group]]:
    named = inputs or tuple(name for name in text.splitlines()[0].split(",") if not name.startswith("incident."))
    file = TrainingFile(1, ESCALATION, "teams.csv", 0, named, outputs)
    return training.learn(file, text.encode())


def best(text: str, about: tuple[Incident, AlertEvent], *inputs: str) -> list[Finding]:
    file, groups = learned(text, *inputs)
    keys = set(training.keys(file, *about))
    found = training.winner(group for group in groups if group.key in keys)
    return list(training.from_rows(file, found, WANTED)) if found else []


TABLE = f"""metric,currentState,{GROUP},{PRIORITY}
disk,,Storage,Normal
disk,Critical,Storage night,Urgent
*,Critical,,High
cpu,Critical,Compute,Low
,,Everybody,
"""


@pytest.mark.parametrize(
    ("metric", "state", "group", "priority", "row"),
    [
        ("disk", Signal.CRITICAL, "Storage night", "Urgent", 3),
        ("DISK", Signal.WARNING, "Storage", "Normal", 2),
        ("memory", Signal.CRITICAL, None, "High", 4),
        ("cpu", Signal.CRITICAL, "Compute", "Low", 5),
        ("cpu", Signal.WARNING, "Everybody", None, 6),
    ],
)
def test_the_row_with_the_most_exact_cells_wins(
    metric: str, state: Signal, group: str | None, priority: str | None, row: int
) -> None:
    found = {one.field: one for one in best(TABLE, alert(metric, state))}
    assert found.get("priority") is None or found["priority"].value == priority
    assert ("assigneeGroup" in found) is (group is not None)
    if group is not None:
        assert found["assigneeGroup"].value == {"name": group}
        assert f"row {row} of teams.csv" in found["assigneeGroup"].source


def test_of_equals_the_earlier_row_wins() -> None:
    text = f"metric,resource.state,{GROUP},{PRIORITY}\ndisk,,First,\n,up,Second,\n"
    assert best(text, alert(resource_state="up"))[0].value == {"name": "First"}


def test_it_says_how_sure_it_is() -> None:
    rows = "".join(f"disk,{name},High\n" for name in ("Storage", "Storage", "Network", "storage"))
    group, priority = best(f"metric,{GROUP},{PRIORITY}\n{rows}", alert())
    assert (group.sure, priority.sure) == (0.75, 1.0)
    assert group.source == "row 2 of teams.csv (1 of 1 columns fit exactly; 3 of 4 such rows agree)"


def test_nothing_fits() -> None:
    assert best(f"metric,{GROUP},{PRIORITY}\ncpu,Compute,Low\n", alert()) == []


COLUMNS = [
    ("alert.metric", "disk"),
    ("Metric", "disk"),
    ("component", "/var"),
    ("alertType", "Monitoring"),
    ("resource.generalInfo.resourceType", "linux"),
    ("resource.generalInfo.make", "Dell"),
    ("resource.dnsName", "DB01"),
    ("deviceGroup.name", "Databases"),
    ("deviceGroup.name", "Linux"),
    ("location.name", "Paris"),
    ("rack", "r7"),
    ("custom.rack", "R7"),
    ("resource.generalInfo.osName", "Debian, the 12th"),
]


@pytest.mark.parametrize(("column", "cell"), COLUMNS)
def test_a_column(column: str, cell: str) -> None:
    about = alert(
        component="/var",
        alertType="Monitoring",
        resource_resourceType="Linux",
        resource_make="dell",
        resource_osName="Debian, the 12th",
        resource_deviceGroups=",DGP-1,Databases,DGP-2,Linux,",
        resource_location=",7_P,Paris,",
    )
    text = f'"{column}",{GROUP},{PRIORITY}\n"{cell}",Storage,High\n'
    assert best(text, about, column)[0].value == {"name": "Storage"}
    assert best(f'"{column}",{GROUP},{PRIORITY}\n"{cell} not",Storage,High\n', about, column) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\xff\xfe", Invalid),
        (b"", Invalid),
        (b"cpu\n1\n", Invalid),
        (b"metric,incident.assigneeGroup,incident.priority\n" + b"x" * training.LARGEST_FILE, TooLarge),
        (b"metric,incident.assigneeGroup,incident.priority\n" + b"a,b,c\n" * (training.MOST_ROWS + 1), TooLarge),
        (b'metric,incident.assigneeGroup,incident.priority\n"' + b"x" * 200_000 + b'"\n', Invalid),
    ],
)
def test_what_can_not_be_learned_from(content: bytes, error: type[Refused]) -> None:
    file = TrainingFile(1, ESCALATION, "teams.csv", 0, ("metric",), (GROUP, PRIORITY))
    with pytest.raises(error):
        training.learn(file, content)


def test_too_many_sets_of_filled_columns() -> None:
    names = [f"c{n}" for n in range(12)]
    rows = [",".join("x" if n >> place & 1 else "" for place in range(12)) + ",a,b" for n in range(2048)]
    with pytest.raises(Invalid, match="sets of columns"):
        learned("\n".join([",".join([*names, GROUP, PRIORITY]), *rows]), *names)


def test_a_byte_order_mark_and_short_rows_are_all_right() -> None:
    file = TrainingFile(1, ESCALATION, "teams.csv", 0, ("metric",), (GROUP, PRIORITY))
    trained, groups = training.learn(
        file, b"\xef\xbb\xbfMETRIC,incident.assigneeGroup,incident.priority\r\n\r\ndisk,A\r\n"
    )
    assert (trained.state, trained.rows, groups[0].outputs) == (COMPLETE, 1, {GROUP: "A", PRIORITY: ""})


words = st.sampled_from(["", "*", "a", "b", "A", "c"])


@given(st.lists(st.tuples(words, words, words), max_size=30), words, words, words)
def test_the_groups_find_what_a_look_at_every_row_would(
    rows: list[tuple[str, str, str]], one: str, two: str, three: str
) -> None:
    text = "\n".join([f"x,y,z,{GROUP},{PRIORITY}", *(",".join((*row, f"g{n}", "")) for n, row in enumerate(rows))])
    about = alert(x=one, y=two, z=three)
    values = [value.lower() if value else "" for value in (one, two, three)]

    def score(row: tuple[str, str, str]) -> int | None:
        cells = [cell.lower() for cell in row]
        if any(cell not in ("", "*") and cell != value for cell, value in zip(cells, values, strict=True)):
            return None
        return sum(cell not in ("", "*") for cell in cells)

    scores = [(-found, n) for n, row in enumerate(rows) if (found := score(row)) is not None]
    expected = [{"name": f"g{min(scores)[1]}"}] if scores else []
    assert [one.value for one in best(text, about, "x", "y", "z")] == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_learned_from_or_refused(content: bytes) -> None:
    file = TrainingFile(1, ESCALATION, "teams.csv", 0, ("metric",), (GROUP,))
    refused: Any = None
    try:
        training.learn(file, content)
    except Refused as error:
        refused = error
    assert refused is None or refused.message


# --- Closed tickets


def cases(*groups: str | None, priority: str = "High") -> list[Case]:
    told = [{"assigneeGroup": {"name": group}} if group else {} for group in groups]
    return [Case(1, b"k", n, 0, {**fields, "priority": priority}) for n, fields in enumerate(told)]


def test_most_of_the_closed_tickets_decide() -> None:
    found = list(
        training.from_cases(cases("A", "B", "A", None, "a"), "metric disk on Linux", ("assigneeGroup", "priority"))
    )
    assert [(one.field, one.value, one.sure) for one in found] == [
        ("assigneeGroup", {"name": "A"}, 0.6),
        ("priority", "High", 1.0),
    ]
    assert found[0].source == "3 of 5 closed tickets of metric disk on Linux"


def test_a_few_closed_tickets_decide_nothing() -> None:
    assert list(training.from_cases(cases("A", "A", "A", "A"), "x", ("assigneeGroup",))) == []


def test_the_fields_that_are_wanted() -> None:
    mapping = {"Assignee Group": GROUP, "priority": PRIORITY, "Colour": "incident.colour"}
    assert training.wanted_fields(mapping) == WANTED
    assert training.wanted_fields(None) == training.wanted_fields([]) == {}
