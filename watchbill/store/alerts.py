"""Alerts as they came, with their raw bodies."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Sequence

from watchbill.domain.alert import AlertEvent
from watchbill.domain.errors import NotFound
from watchbill.domain.records import Alert, AlertQuery
from watchbill.store.base import Part
from watchbill.store.codec import Rest, builder
from watchbill.store.ids import first_id
from watchbill.store.session import Row
from watchbill.store.tables import ALERT, INT, TEXT, Lookup

EVENT = Rest(AlertEvent, ("raw", "content_type"))
build_event = builder(AlertEvent, (*EVENT.names, "content_type", "raw"))
COLUMNS = ("org", "id", "integration_id", "received_at", "incident", "raw_of", "content_type", "event")
SELECT = f"SELECT {', '.join(COLUMNS)} FROM alert"
BY_ID = Lookup(
    {"org": INT, "id": TEXT},
    f"SELECT {', '.join('a.' + name for name in COLUMNS)} FROM wanted CROSS JOIN alert a "
    "WHERE a.org = wanted.org AND a.id = wanted.id",
)
# Ids tell milliseconds apart.
MILLISECOND = 1_000
NO_ALERT = "there is no alert '{}'"


def _row(alert: Alert) -> Row:
    event = alert.event
    return (
        alert.org,
        alert.id,
        alert.incident,
        alert.integration_id,
        alert.received_at,
        alert.raw_of,
        event.content_type,
        EVENT.encode(event),
        event.raw,
    )


def _alert(row: Row) -> Alert:
    """Without the raw body, which is read by itself."""
    org, id, integration_id, received_at, incident, raw_of, content_type, event = row
    return Alert(
        org=org,
        id=id,
        integration_id=integration_id,
        received_at=received_at,
        incident=incident,
        raw_of=raw_of,
        event=build_event((*EVENT.decode(event), content_type, b"")),
    )


class Alerts(Part):
    def add_alerts(self, alerts: Sequence[Alert]) -> None:
        self._session.insert(ALERT, [_row(alert) for alert in alerts])

    def alerts(self, query: AlertQuery) -> list[Alert]:
        conditions = ["org = ?"]
        params: list[object] = [query.org]
        for condition, value in (
            ("incident = ?", query.incident),
            ("id < ?", query.before_id),
            ("received_at >= ?", query.received_from),
            ("received_at < ?", query.received_until),
            ("id >= ?", None if query.received_from is None else first_id(query.received_from)),
            ("id < ?", None if query.received_until is None else first_id(query.received_until + MILLISECOND)),
        ):
            if value is not None:
                conditions.append(condition)
                params.append(value)
        newest = f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?"
        return [_alert(row) for row in self._session.rows(newest, (*params, query.limit))]

    def alert(self, org: int, id: str) -> Alert:
        rows = self._session.rows(f"{SELECT} WHERE org = ? AND id = ?", (org, id))
        if not rows:
            raise NotFound(NO_ALERT.format(id))
        return _alert(rows[0])

    def alerts_by_id(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Alert]:
        found = [_alert(row) for row in self._session.find(BY_ID, ids)]
        return {(alert.org, alert.id): alert for alert in found}

    def raw_body(self, org: int, alert_id: str) -> bytes:
        """The body the alert came in; of several alerts in one body any gives it. Raises NotFound."""
        rows = self._session.rows(
            "SELECT b.raw FROM alert a JOIN alert b ON b.org = a.org AND b.id = COALESCE(a.raw_of, a.id) "
            "WHERE a.org = ? AND a.id = ?",
            (org, alert_id),
        )
        if not rows:
            raise NotFound(NO_ALERT.format(alert_id))
        return bytes(rows[0][0])
