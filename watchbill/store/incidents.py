"""Reading incidents and their timelines."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import cast

from watchbill.domain.alert import Signal
from watchbill.domain.civil import HOUR
from watchbill.domain.errors import NotFound
from watchbill.domain.incident import Course, Incident, Phase
from watchbill.domain.people import Urgency
from watchbill.domain.record import replace
from watchbill.domain.records import IncidentQuery
from watchbill.domain.timeline import Entry
from watchbill.store.base import Part
from watchbill.store.codec import Rest, builder, decode, encode
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
# An incident that is as it opened, alike with others, has its course where they all have it.
AS_OPENED = "(SELECT o.course FROM opening o WHERE o.org = i.org AND o.number = i.opening)"
COURSE_OF = f"CASE i.course WHEN '' THEN {AS_OPENED} ELSE i.course END"
FIELDS = ", ".join([*(f"i.{name}" for name in (*PLAIN, *TURNED, "plan", "head")), COURSE_OF])
NUMBER = "i.org, i.number"
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
HEAD_HOLDS = "replace(i.head, ?, '') <> i.head"
RESOLVED_SINCE = (
    "SELECT i.org, i.number FROM incident i WHERE i.org = ? AND i.phase = 'resolved' AND i.phase_at >= ? "
    "ORDER BY i.phase_at DESC LIMIT ?"
)
LEAVES = (
    "SELECT 1 AS seq, 0 AS part, o.entries FROM incident i JOIN opening o ON o.org = i.org AND o.number = i.opening "
    "WHERE i.org = ? AND i.number = ? "
    "UNION ALL SELECT seq, part, entries FROM timeline WHERE org = ? AND incident = ? ORDER BY seq, part"
)
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

    def put_off_incident(self, now: int, until: int) -> tuple[int, int] | None:
        first = "SELECT i.org, i.number FROM incident i WHERE i.wake_at <= ? ORDER BY i.wake_at LIMIT 1{skip}"
        for org, number in self._session.rows(first, (now,)):
            self._session.run("UPDATE incident SET wake_at = ? WHERE org = ? AND number = ?", (until, org, number))
            return org, number
        return None

    def next_wake_at(self) -> int | None:
        earliest: int | None = self._session.rows("SELECT MIN(wake_at) FROM incident WHERE wake_at IS NOT NULL")[0][0]
        return earliest

    def wake_muted(self, org: int, now: int) -> None:
        self._session.run(
            "UPDATE incident SET wake_at = ? WHERE org = ? AND muted = 1 AND phase <> 'resolved'", (now, org)
        )

    def incidents(self, query: IncidentQuery) -> list[Incident]:
        """Each phase is read along its own index and the pages are joined, so that rare phases are not searched for
        among all incidents. What an offset passes over is counted by its number only."""
        phases = _phases(query)
        if not query.offset:
            return self._incidents(_newest([self._page(query, phase) for phase in phases], 0, query.limit))
        if len(phases) == 1:
            return self._in_order(self._page(query, phases[0], NUMBER, query.offset))
        whole = replace(query, limit=query.offset + query.limit)
        return self._in_order(
            _newest([self._page(whole, phase, NUMBER) for phase in phases], query.offset, query.limit)
        )

    def count_incidents(self, query: IncidentQuery) -> int:
        query = replace(query, before_number=None)
        counted = 0
        for phase in _phases(query):
            where, params = self._where(query, phase)
            counted += self._session.rows(_select(where, "COUNT(*)"), params)[0][0]
        return counted

    def current_incidents(self, org: int, since: int, limit: int) -> list[Incident]:
        query = IncidentQuery(org, limit=limit)
        resolved = self._session.rows(RESOLVED_SINCE, (org, since, limit))
        pages = [self._page(query, phase, NUMBER) for phase in (Phase.TRIGGERED, Phase.ACKNOWLEDGED)]
        return self._in_order(_newest([*pages, sorted(resolved, key=_newest_first)], 0, limit))

    def timeline(self, org: int, number: int) -> list[Entry]:
        """In order of time; what happened at one moment, in the order in which it was decided."""
        leaves = self._session.rows(LEAVES, (org, number, org, number))
        entries = [entry for *_, leaf in leaves for entry in decode(list[Entry], leaf)]
        return sorted(entries, key=lambda entry: entry.at)

    def org_timeline(self, org: int, offset: int, limit: int) -> list[Entry]:
        leaves = self._session.rows(
            "SELECT entries FROM timeline WHERE org = ? AND incident = 0 ORDER BY seq DESC LIMIT ? OFFSET ?",
            (org, limit, offset),
        )
        return [entry for (leaf,) in leaves for entry in decode(list[Entry], leaf)]

    def _page(self, query: IncidentQuery, phase: Phase | None, what: str = FIELDS, offset: int = 0) -> list[Row]:
        """Rows of incidents, newest number first."""
        where, params = self._where(query, phase)
        ordered = _select(f"{where} ORDER BY i.number DESC LIMIT ? OFFSET ?", what)
        return self._session.rows(ordered, (*params, query.limit, offset))

    def _where(self, query: IncidentQuery, phase: Phase | None) -> tuple[str, list[object]]:
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
            ("i.key = ?", query.key),
        ):
            if value is not None:
                conditions.append(condition)
                params.append(value)
        if query.states:
            conditions.append(f"i.state IN ({', '.join('?' * len(query.states))})")
            params += [state.value for state in query.states]
        # A partial index is thought of only when its own words are said.
        if query.urgency is Urgency.LOW:
            conditions.append("i.urgency = 'low'")
        if query.key is not None and phase is not None:
            conditions.append("i.phase = 'resolved'" if phase is Phase.RESOLVED else "i.phase <> 'resolved'")
        for any_of, values in _alternatives(query):
            conditions.append(f"({any_of})")
            params += values
        return " AND ".join(conditions), params

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

    def _in_order(self, rows: list[Row]) -> list[Incident]:
        """The incidents of rows that begin with organization and number, in the order of the rows."""
        found = self.incidents_by_number([(org, number) for org, number, *_ in rows]) if rows else {}
        return [found[org, number] for org, number, *_ in rows]

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


def _select(where: str, what: str = FIELDS) -> str:
    return f"SELECT {what} FROM incident i WHERE {where}"


def _phases(query: IncidentQuery) -> tuple[Phase | None, ...]:
    return query.phases or ((None,) if query.key is None else tuple(Phase))


def _newest_first(row: Row) -> int:
    return -cast(int, row[1])


def _newest(pages: list[list[Row]], offset: int, limit: int) -> list[Row]:
    return list(islice(merge(*pages, key=_newest_first), offset, offset + limit))


def _alternatives(query: IncidentQuery) -> Iterator[tuple[str, list[object]]]:
    """Conditions on what has no column of its own: the documents are searched for the very text that it is kept as."""
    if query.numbers:
        yield _any("i.number BETWEEN ? AND ?", query.numbers), [end for span in query.numbers for end in span]
    if query.hosts:
        yield _any(HEAD_HOLDS, query.hosts), [_member("host", host) for host in query.hosts]
    if query.services:
        untitled = f"({HEAD_HOLDS} AND NOT {HEAD_HOLDS})"
        own, titles = _any(HEAD_HOLDS, query.services), _any(untitled, query.services)
        named: list[object] = [_member("service", service) for service in query.services]
        for service in query.services:
            named += [_member("title", service), '"service":']
        yield f"{own} OR {titles}", named
    if query.paged is not None:
        yield f"replace({COURSE_OF}, ?, '') <> {COURSE_OF}", [encode(query.paged)]


def _any(condition: str, values: Sequence[object]) -> str:
    return " OR ".join([condition] * len(values))


def _member(name: str, value: str) -> str:
    """A member of an incident's document as it is written in it."""
    return f'"{name}":{encode(value)}'
