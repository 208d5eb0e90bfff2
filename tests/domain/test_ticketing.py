"""Orders of tickets are free documents: whatever is in them, a ticket comes of it, and its alert escalates on."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.store.make import an_incident
from watchbill.domain import ticketing, training
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.incident import Cause
from watchbill.domain.plans import TicketOrder
from watchbill.domain.record import replace
from watchbill.domain.tickets import PRIORITIES, STATUSES, Ticket, revised

plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)
macros = st.lists(
    st.sampled_from(["$alert.", "$function.substring(", "subject", "description", "'", "\\", ",", ")", "a", "$", " "]),
    max_size=12,
).map("".join)
names = st.sampled_from(
    ["subject", "description", "priority", "status", "assigneeGroup", "customFields", "machineLearning", "other"]
)
flags = st.sampled_from(
    [*ticketing.ON_CHANGE, *ticketing.ON_REPEAT, *ticketing.NEW_SUBJECT, "none", "autoResolveIncident"]
)
fields = st.dictionaries(names, st.one_of(plain, macros), max_size=6)
updates = st.one_of(
    st.dictionaries(flags, st.one_of(plain, st.just(True)), max_size=6),
    st.fixed_dictionaries({"withAlertState": st.just(True), "priorityRules": plain, "autoHealWaitTime": plain}),
    st.fixed_dictionaries(
        {
            "withAlertState": st.just(True),
            "priorityRules": st.lists(st.fixed_dictionaries({"value": st.just("Critical"), "priority": plain})),
        }
    ),
)
orders = st.builds(TicketOrder, fields, updates, st.text(max_size=3))
EVENT = AlertEvent(Signal.CRITICAL, "k", "Disk", "All of it", fields={"a": "x"}, tags={"b": "y"})
INCIDENT = replace(an_incident(1), title="Disk", message="All of it", state=Signal.CRITICAL, host="db01")


@given(orders, st.dictionaries(names, plain, max_size=2))
def test_any_order_makes_a_ticket(order: TicketOrder, learned: dict[str, Any]) -> None:
    made = ticketing.drafted(INCIDENT, EVENT, order, learned)
    assert made.priority in PRIORITIES
    assert made.status in STATUSES
    assert made.incidents == (1,)


@given(orders, st.sampled_from(Cause), st.booleans())
def test_any_order_changes_a_ticket(order: TicketOrder, cause: Cause, changed: bool) -> None:
    ticket = Ticket(1, 1, 0, fields={"assignedUser": {}})
    assert ticketing.wants(order, changed) in (None, Cause.CHANGE, Cause.REPEAT)
    wait = ticketing.heals_after(order)
    assert wait is None or wait >= 0
    revision = ticketing.revision_of(ticket, INCIDENT, EVENT, order, cause)
    if revision is not None:
        after, _ = revised(ticket, revision, "", 1)
        assert after.priority in PRIORITIES
    ticketing.mails(order, cause)
    ticketing.learns_priority(order)


@given(macros)
def test_any_text_is_expanded(text: str) -> None:
    assert len(ticketing.expanded(text, INCIDENT, EVENT)) <= ticketing.LONGEST_TEXT


@given(plain)
def test_any_mapping_of_learned_fields(mapping: object) -> None:
    wanted = training.wanted_fields(mapping)
    assert set(wanted) <= set(training.FIELDS.values())


def test_what_the_alert_says_is_not_expanded_again() -> None:
    incident = replace(INCIDENT, title="$alert.description")
    assert ticketing.expanded("<$alert.subject>", incident, EVENT) == "<$alert.description>"
