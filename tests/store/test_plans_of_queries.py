"""However much history there is, a question is answered along an index: nothing is read from end to end or sorted."""

from collections.abc import Callable, Sequence

import pytest

from tests.store.make import NOW
from watchbill.domain.incident import Phase
from watchbill.domain.people import Urgency
from watchbill.domain.records import AlertQuery, IncidentQuery
from watchbill.store.cache import Cache
from watchbill.store.session import Row
from watchbill.store.snapshots import Pending
from watchbill.store.sqlite import MEMORY, SqliteConnection, _bound, _copy_image, _find, _unlocked, opened
from watchbill.store.tables import Lookup
from watchbill.store.transaction import Transaction

QUESTIONS: dict[str, Callable[[Transaction], object]] = {
    "open by key": lambda tx: tx.open_incidents([(1, "a"), (1, "b")]),
    "by number": lambda tx: tx.incidents_by_number([(1, 1), (1, 2)]),
    "by id": lambda tx: tx._session.rows("SELECT number FROM incident i WHERE i.org = ? AND i.id = ?", (1, "x")),
    "due": lambda tx: tx.due_incidents(NOW, 100),
    "next wake": lambda tx: tx.next_wake_at(),
    "newest": lambda tx: tx.incidents(IncidentQuery(1)),
    "next page": lambda tx: tx.incidents(IncidentQuery(1, before_number=500)),
    "open": lambda tx: tx.incidents(IncidentQuery(1, (Phase.TRIGGERED, Phase.ACKNOWLEDGED))),
    "resolved": lambda tx: tx.incidents(IncidentQuery(1, (Phase.RESOLVED,), before_number=9)),
    "of a routing key": lambda tx: tx.incidents(IncidentQuery(1, routing_key="db", before_number=7)),
    "open of a routing key": lambda tx: tx.incidents(IncidentQuery(1, (Phase.TRIGGERED,), "db", Urgency.LOW)),
    "of low urgency": lambda tx: tx.incidents(IncidentQuery(1, urgency=Urgency.LOW)),
    "of a span": lambda tx: tx.incidents(IncidentQuery(1, opened_from=NOW, opened_until=NOW + 9)),
    "resolved of a key": lambda tx: tx.incidents(IncidentQuery(1, (Phase.RESOLVED,), key="disk")),
    "further on": lambda tx: tx.incidents(IncidentQuery(1, (Phase.RESOLVED,), key="disk", offset=5)),
    "of the organization": lambda tx: tx.org_timeline(1, 0, 20),
    "count": lambda tx: tx.count_incidents(IncidentQuery(1, (Phase.RESOLVED,))),
    "of a host": lambda tx: tx.incidents(IncidentQuery(1, (Phase.RESOLVED,), hosts=("eu-3",), services=("a", "b"))),
    "open, somebody was paged for": lambda tx: tx.incidents(IncidentQuery(1, (Phase.TRIGGERED,), paged="ann")),
    "current": lambda tx: tx.current_incidents(1, NOW, 9),
    "timeline": lambda tx: tx.timeline(1, 1),
    "alerts": lambda tx: tx.alerts(AlertQuery(1, before_id="x")),
    "alerts of one": lambda tx: tx.alerts(AlertQuery(1, 1, "x")),
    "claim": lambda tx: tx.claim_deliveries(NOW, 9, "n", 100),
    "claim for contacts": lambda tx: tx.claim_deliveries(NOW, 9, "n", 100, [(1, "c1"), (1, "c2")]),
    "next delivery": lambda tx: tx.next_delivery_due_at(),
    "deliveries": lambda tx: tx.deliveries(1, 1),
    "sends": lambda tx: tx.sends_since([(1, "c1"), (1, "c2")], NOW),
    "health": lambda tx: tx.health(NOW),
    "forget": lambda tx: tx.forget_before(NOW, 100),
    "credential": lambda tx: tx.credential(b"x"),
    "history": lambda tx: list(tx.changes_back_to(1, NOW)),
}

INDEXES = {
    "open by key": "incident_open_key (org=? AND key=?)",
    "due": "incident_wake",
    "open": "incident_phase (org=? AND phase=?)",
    "of a routing key": "incident_routing_key (org=? AND routing_key=? AND number<?)",
    "of low urgency": "incident_low (org=?)",
    "resolved of a key": "incident_resolved_key (org=? AND key=?)",
    "current": "incident_resolved (org=? AND phase_at>?)",
    "alerts of one": "alert_incident (org=? AND incident=? AND id<?)",
    "claim": "delivery_due (rank=? AND due_at<?)",
    "claim for contacts": "delivery_due (rank=? AND due_at<?)",
    "sends": "delivery_sent (org=? AND contact=? AND sent_at>?)",
}


class Explained(SqliteConnection):
    """Notes how each question would be answered."""

    def __init__(self) -> None:
        connection = opened(MEMORY)
        _copy_image(connection)
        super().__init__(connection)
        self.steps: list[str] = []

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        self._explain(_unlocked(sql), params)
        return super().rows(sql, params)

    def find(self, lookup: Lookup, keys: Sequence[Row]) -> list[Row]:
        shape, values = _bound(keys)
        self._explain(_find(lookup, shape), values)
        return super().find(lookup, keys)

    def _explain(self, sql: str, params: Sequence[object]) -> None:
        self.steps += [row[3] for row in self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_along_an_index(question: str) -> None:
    explained = Explained()
    QUESTIONS[question](Transaction(explained, Cache(), Pending()))
    bad = [step for step in explained.steps if is_slow(step)]
    assert explained.steps
    assert not bad, explained.steps
    assert INDEXES.get(question, "") in " ".join(explained.steps)
    explained.close()


def is_slow(step: str) -> bool:
    """Reading along a partial index is fine: it holds what is asked for and nothing else."""
    reads_all = step.startswith("SCAN") and " INDEX " not in step and "CONSTANT" not in step and "wanted" not in step
    return reads_all or "USE TEMP B-TREE FOR ORDER BY" in step
