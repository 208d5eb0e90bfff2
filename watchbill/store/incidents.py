"""Reading incidents and their timelines."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import cast

from watchbill.domain.alert import Signal
from watchbill.domain.civil import HOUR
from watchbill.domain.errors import NotFound
from watchbill.domain.incident import Course, Incident, Phase
from watchbill.domain.people import Urgency
from watchbill.domain.records import IncidentQuery
from watchbill.domain.timeline import Entry
from watchbill.store.base import Part
from watchbill.store.codec import Rest, builder, decode
from watchbill.store.plans import Plan
from watchbill.store.session import Row
from watchbill.store.tables import BYTES, INCIDENT, INT, TEXT, Lookup

HEAD = Rest(Incident, (*INCIDENT.columns, "course"))
COURSE = Rest(Course, ("policies", "starts"))

PHASES = {phase.value: phase for phase in Phase}
URGENCIES = {urgency.value: urgency for urgency in Urgency}
SIGNALS = {signal.value: signal for signal in Signal}

PLAIN = (
    "org number id key routing_key opened_at phase_at last_alert_at version alert_count last_alert_id".split()  # noqa: SIM905
)
TURNED = ("phase", "urgency", "state", "muted")
FIELDS = ", ".join(f"i.{name}" for name in (*PLAIN, *TURNED, "plan", "head", "course"))
build_incident = builder(Incident, (*PLAIN, *TURNED, *HEAD.names, "course"))
build_course = builder(Course, ("policies", "starts", *COURSE.names))
IN_ORDER = "ORDER BY i.org, i.number FOR UPDATE"
OPEN = Lookup(
    {"org": INT, "key": TEXT},
    f"SELECT {FIELDS} FROM wanted CROSS JOIN incident i "
    "WHERE i.org = wanted.org AND i.key = wanted.key AND i.phase <> 'resolved'",
    IN_ORDER,
)
BY_NUMBER = Lookup(
    {"org": INT, "number": INT},
    f"SELECT {FIELDS} FROM wanted CROSS JOIN incident i WHERE i.org = wanted.org AND i.number = wanted.number",
    IN_ORDER,
)
PLANS = Lookup(
    {"org": INT, "digest": BYTES},
    "SELECT p.digest, p.body FROM wanted CROSS JOIN plan p WHERE p.org = wanted.org AND p.digest = wanted.digest",
)
# Numbers are given out within seconds of `opened_at`, so a span of time bounds the numbers, give or take this.
SLACK = HOUR
ENDS = "SELECT (SELECT MIN(number) FROM incident WHERE org = ?), (SELECT MAX(number) + 1 FROM incident WHERE org = ?)"
AT_OR_ABOVE = "SELECT number, opened_at FROM incident WHERE org = ? AND number >= ? ORDER BY number LIMIT 1"


def _incident(row: Row, course: Course) -> Incident:
    *plain, phase, urgency, state, muted, _, head, _ = row
    own = (PHASES[phase], URGENCIES[urgency], SIGNALS[state], bool(muted))
    return build_incident((*plain, *own, *HEAD.decode(head), course))


class Incidents(Part):
    def open_incidents(self, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Incident]:
        found = self._incidents(self._session.find(OPEN, keys))
        return {(incident.org, incident.key): incident for incident in found}

    def incident(self, org: int, number: int) -> Incident:
        found = self.incidents_by_number(((org, number),)).get((org, number))
        if found is None:
            raise NotFound(f"there is no incident {number}")
        return found

    def incident_by_id(self, org: int, id: str) -> Incident:
        found = self._incidents(self._session.rows(_select("i.org = ? AND i.id = ?{lock}"), (org, id)))
        if not found:
            raise NotFound(f"there is no incident '{id}'")
        return found[0]

    def incidents_by_number(self, numbers: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Incident]:
        found = self._incidents(self._session.find(BY_NUMBER, numbers))
        return {(incident.org, incident.number): incident for incident in found}

    def due_incidents(self, now: int, limit: int) -> list[Incident]:
        due = _select("i.wake_at <= ? ORDER BY i.wake_at LIMIT ?{skip}")
        return self._incidents(self._session.rows(due, (now, limit)))

    def next_wake_at(self) -> int | None:
        earliest: int | None = self._session.rows("SELECT MIN(wake_at) FROM incident WHERE wake_at IS NOT NULL")[0][0]
        return earliest

    def wake_muted(self, org: int, now: int) -> None:
        self._session.run(
            "UPDATE incident SET wake_at = ? WHERE org = ? AND muted = 1 AND phase <> 'resolved'", (now, org)
        )

    def incidents(self, query: IncidentQuery) -> list[Incident]:
        """Each phase is read along its own index and the pages are joined, so that rare phases are not searched for
        among all incidents."""
        pages = [self._page(query, phase) for phase in (query.phases or (None,))]
        newest = islice(merge(*pages, key=lambda row: -row[1]), query.limit)
        return self._incidents(list(newest))

    def count_incidents(self, org: int) -> int:
        return cast(int, self._session.rows("SELECT COUNT(*) FROM incident WHERE org = ?", (org,))[0][0])

    def incident_number_at(self, org: int, place: int) -> int | None:
        rows = self._session.rows(
            "SELECT number FROM incident WHERE org = ? ORDER BY number DESC LIMIT 1 OFFSET ?", (org, place)
        )
        return rows[0][0] if rows else None

    def timeline(self, org: int, number: int) -> list[Entry]:
        """In order of time; what happened at one moment, in the order in which it was decided."""
        leaves = self._session.rows(
            "SELECT entries FROM timeline WHERE org = ? AND incident = ? ORDER BY seq, part", (org, number)
        )
        entries = [entry for (leaf,) in leaves for entry in decode(list[Entry], leaf)]
        return sorted(entries, key=lambda entry: entry.at)

    def _page(self, query: IncidentQuery, phase: Phase | None) -> list[Row]:
        """Rows of incidents, newest number first."""
        conditions = ["i.org = ?"]
        params: list[object] = [query.org]
        for condition, value in (
            ("i.number < ?", query.before_number),
            ("i.phase = ?", phase),
            ("i.routing_key = ? AND i.routing_key <> ''", query.routing_key),
            ("i.urgency = ?", query.urgency),
            ("i.opened_at >= ?", query.opened_from),
            ("i.opened_at < ?", query.opened_until),
            ("i.number >= ?", self._first_number(query.org, query.opened_from, -SLACK)),
            ("i.number < ?", self._first_number(query.org, query.opened_until, SLACK)),
        ):
            if value is not None:
                conditions.append(condition)
                params.append(value)
        if query.states:
            conditions.append(f"i.state IN ({', '.join('?' * len(query.states))})")
            params += [state.value for state in query.states]
        if query.urgency is Urgency.LOW:
            conditions.append("i.urgency = 'low'")  # a partial index is thought of only when its own words are said
        return self._session.rows(
            _select(f"{' AND '.join(conditions)} ORDER BY i.number DESC LIMIT ?"), (*params, query.limit)
        )

    def _first_number(self, org: int, moment: int | None, slack: int) -> int | None:
        """The lowest number opened at that moment or later, give or take the slack, by halving the numbers there are;
        None: no bound is asked for. So spans of time need no index of their own."""
        if moment is None:
            return None
        low, high = self._session.rows(ENDS, (org, org))[0]
        while low is not None and low < high:
            middle = (low + high) // 2
            number, opened_at = self._session.rows(AT_OR_ABOVE, (org, middle))[0]
            if opened_at >= moment + slack:
                high = middle
            else:
                low = number + 1
        return cast(int, low or 0)

    def _incidents(self, rows: list[Row]) -> list[Incident]:
        courses = self._courses({(row[0], bytes(row[-3]), row[-1]) for row in rows})
        return [_incident(row, courses[bytes(row[-3]), row[-1]]) for row in rows]

    def _courses(self, wanted: set[tuple[int, bytes, str]]) -> dict[tuple[bytes, str], Course]:
        """By digest of the plan and text of the rest: incidents of one storm share theirs, and each new alert of an
        incident asks for the same again."""
        known = self._cache.courses
        courses = {(digest, text): known.get((digest, text)) for _, digest, text in wanted}
        missing = [each for each in wanted if courses[each[1:]] is None]
        plans = self._plans({(org, digest) for org, digest, _ in missing})
        for _, digest, text in missing:
            course = build_course((*plans[digest], *COURSE.decode(text)))
            courses[digest, text] = course
            known.put((digest, text), course)
        return cast(dict[tuple[bytes, str], Course], courses)

    def _plans(self, wanted: set[tuple[int, bytes]]) -> dict[bytes, Plan]:
        known = self._cache.plans
        plans: dict[bytes, Plan] = {}
        missing = []
        for org, digest in wanted:
            plan = known.of(digest)
            if plan is None:
                missing.append((org, digest))
            else:
                plans[digest] = plan
        if missing:
            for found, text in self._session.find(PLANS, missing):
                plans[bytes(found)] = known.read(bytes(found), text)
        return plans


def _select(where: str) -> str:
    return f"SELECT {FIELDS} FROM incident i WHERE {where}"
