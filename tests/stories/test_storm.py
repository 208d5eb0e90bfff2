"""What opens alike in a storm is kept just as if each had been decided about by itself."""

import json
import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stories.town import hook, person, ring, user
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.escalation import advance
from watchbill.domain.incident import Incident, Outcome
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Assignment, Step
from watchbill.domain.records import Opening
from watchbill.domain.routes import Condition
from watchbill.usecases import alerts, incidents, storm
from watchbill.usecases.ports import Tx

COLUMNS = {
    "incident": "org number key phase urgency state routing_key opened_at phase_at last_alert_at version alert_count "
    "muted wake_at live head",
    "delivery": "org contact rank state due_at sent_at attempts claimed_by body",
    "alert": "org incident integration_id received_at content_type event raw",
    "turn": "step_id used",
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Ids differ from run to run, and with them which of the pages in a bundle carries the others.
LINKS = (
    "SELECT i.number, f.incident, l.incident, l.id = i.last_alert_id FROM incident i "
    "JOIN alert f ON f.org = i.org AND f.id = json_extract(i.head, '$.first_alert_id') "
    "JOIN alert l ON l.org = i.org AND l.id = i.last_alert_id",
    "SELECT incident, contact, due_at, attempts FROM delivery",
)


KEYS = [None, "db", "db", "db", "web", "told", "nobody", "both", "low", "muted", "unheard of"]


def town(world: World) -> None:
    world.has(
        person("ann", ring("pocket", then=1 * MINUTE), ring("pocket", "sms")), person("bob", ring("sms", "email"))
    )
    world.hook("machine")
    world.policy("db", Step("", (user("ann"),)), Step("", (user("bob"),), wait=5 * MINUTE))
    world.policy("web", Step("", (user("bob"), user("ann"))), Step("", (hook("machine"),), wait=1 * MINUTE))
    world.policy("told", Step("", (hook("machine"), user("ann"))))
    world.policy("nobody")
    for name in ("db", "web", "told", "nobody"):
        world.key(name, name, default=name == "db")
    world.key("muted", "db")
    world.key("both", "db", "web", multi=True)
    world.key("low", "db", urgency=Urgency.LOW)
    world.rule("odd", condition=Condition(field="host", value="odd"), starts=(), go_on=True)
    world.window("works", "muted", start=0, end=None)


def events() -> st.SearchStrategy[AlertEvent]:
    return st.builds(
        AlertEvent,
        signal=st.sampled_from([Signal.CRITICAL] * 4 + [Signal.WARNING, Signal.INFO, Signal.RECOVERY]),
        key=st.integers(0, 40).map(lambda number: f"k{number}"),
        title=st.sampled_from(["disk", "load"]),
        message=st.sampled_from(["", "full"]),
        routing_key=st.sampled_from(
            [None, "db", "db", "db", "web", "told", "nobody", "both", "low", "muted", "unheard of"]
        ),
        host=st.sampled_from(["", "db1", "odd"]),
        urgency=st.sampled_from([None, None, Urgency.LOW]),
        lasting=st.sampled_from([False, False, False, True]),
        annotations=st.sampled_from([(), (Annotation(AnnotationKind.NOTE, "see", "this"),)]),
    )


STORMS = st.lists(
    st.tuples(st.lists(events(), min_size=1, max_size=30), st.sampled_from([0, 1 * SECOND, 2 * MINUTE])),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(storms=STORMS, in_turn=st.booleans())
def test_alike_or_each_by_itself_the_same_is_kept(
    storms: Sequence[tuple[list[AlertEvent], int]], in_turn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = lived_through(storms, in_turn)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "openings", by_itself)
        patch.setattr(incidents, "Advances", ByItself)
        apart = lived_through(storms, in_turn)
    assert together == apart


class ByItself:
    def __init__(self, now: int) -> None:
        self._now = now

    def of(self, incident: Incident, org: Organization, turns: Mapping[str, int]) -> Outcome:
        return advance(incident, org, self._now, turns)


def by_itself(tx: Tx, patterns: Sequence[Outcome], node: str | None, now: int) -> list[Opening | None]:
    return [None for _ in patterns]


def lived_through(storms: Sequence[tuple[list[AlertEvent], int]], in_turn: bool) -> list[object]:
    world = World()
    try:
        town(world)
        if in_turn:
            both = (user("ann"), user("bob"))
            world.policy("turns", Step("", both, assignment=Assignment.ROUND_ROBIN))
            world.key("unheard of", "turns")
        for some, span in storms:
            world.alerts(*some)
            world.pass_(span)
        return world.write(everything)
    finally:
        world.close()


def everything(tx: Tx) -> list[object]:
    session = tx._session  # type: ignore[attr-defined]
    kept: list[object] = []
    for table, columns in COLUMNS.items():
        names = ", ".join(columns.split())
        rows = session.rows(f"SELECT {names} FROM {table}")
        kept.append(sorted(UUID.sub("#", repr([_in_order(cell) for cell in row])) for row in rows))
    for (number,) in session.rows("SELECT number FROM incident ORDER BY number"):
        kept.append(UUID.sub("#", repr((tx.incident(1, number), tx.timeline(1, number)))))
    return [*kept, *(sorted(map(repr, session.rows(sql))) for sql in LINKS)]


def _in_order(cell: object) -> object:
    """A document with its fields in one order: it says the same in any. Which page of a bundle carries the others is
    told by their ids alone."""
    if cell == "carried":
        return "sent"
    if not (isinstance(cell, str) and cell.startswith(("{", "["))):
        return cell
    told = json.loads(cell)
    if isinstance(told, dict) and told.pop("carrier_id", None):
        told["verdict"] = "accepted"
    return json.dumps(told, sort_keys=True)


def test_a_key_that_opens_twice_in_a_storm_leaves_every_other_alert_its_incident() -> None:
    """It takes one number more than there are keys."""
    world = World()
    town(world)
    numbers = world.alerts(
        AlertEvent(Signal.CRITICAL, "again", "disk", routing_key="nobody"),
        AlertEvent(Signal.RECOVERY, "again", "disk"),
        AlertEvent(Signal.CRITICAL, "again", "disk", routing_key="nobody"),
        *(AlertEvent(Signal.CRITICAL, f"alike-{one}", "disk", routing_key="muted") for one in range(5)),
    )
    assert len({receipt.incident for receipt in numbers}) == 7
    world.close()


def test_a_storm_to_one_person_is_kept_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the property above is about something."""
    seen: list[Opening | None] = []

    def spied(*args: object) -> list[Opening | None]:
        found = once(*args)  # type: ignore[arg-type]
        seen.extend(found)
        return found

    once = storm.openings
    monkeypatch.setattr(alerts, "openings", spied)
    world = World()
    town(world)
    for number in range(3):
        world.alerts(*(AlertEvent(Signal.CRITICAL, f"{number}-{one}", "disk", routing_key="db") for one in range(50)))
    kept = [opening for opening in seen if opening is not None]
    assert [len(opening.incidents) for opening in kept][-1] == 50
    assert len(world.phone("ann").received) < 10
    world.close()
