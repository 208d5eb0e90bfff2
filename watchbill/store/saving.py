"""Keeping incidents: a few statements for any number of them, each writing only what changed."""

from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from watchbill.domain.errors import LostRace
from watchbill.domain.incident import Course, Incident, Phase
from watchbill.domain.opening import OWN
from watchbill.domain.records import Opening, Saved
from watchbill.domain.timeline import Entry
from watchbill.store.codec import Rest, merged
from watchbill.store.deliveries import KEEP, delivery_row
from watchbill.store.incidents import COURSE, HEAD
from watchbill.store.organizations import Organizations
from watchbill.store.plans import Plans
from watchbill.store.session import Row
from watchbill.store.tables import INCIDENT, OPENING, PLAN, TIMELINE, Update, Upsert
from watchbill.store.tickets import Tickets

KEEP_PLAN = Upsert(PLAN, ())
ENTRY = Rest(Entry)
# So many entries an organization's own timeline keeps, each a leaf of its own.
MOST_OF_ORG = 10_000
MATCH = ("org", "number", "version")

# Three sizes of update. One more alert of an open incident moves COUNTED only; most other changes leave the title and
# its like alone.
COUNTED = ("state", "last_alert_at", "alert_count", "last_alert_id", "version")
MOVED = (*COUNTED, "phase", "urgency", "routing_key", "phase_at", "muted", "wake_at", "live", "plan", "course")
COUNT = Update(INCIDENT, COUNTED, MATCH)
MOVE = Update(INCIDENT, MOVED, MATCH)
REWRITE = Update(INCIDENT, (*MOVED, "head"), MATCH)

# The incidents of a storm differ in few cells of their rows, and in a part of their heads.
SHARED_HEAD = Rest(Incident, (*INCIDENT.columns, *OWN))
OWN_HEAD = Rest(Incident, (*INCIDENT.columns, *SHARED_HEAD.names))
CELLS = tuple(INCIDENT.columns)
OWN_CELLS = [name for name in OWN if name in CELLS]
OWN_PLACES = [CELLS.index(name) for name in OWN_CELLS]
HEAD_PLACE, COURSE_PLACE, OPENING_PLACE = (CELLS.index(name) for name in ("head", "course", "opening"))
NUMBER = OWN.index("number")
own_cells = itemgetter(*(OWN.index(name) for name in OWN_CELLS))
own_head = itemgetter(*(OWN.index(name) for name in OWN_HEAD.names))

_counted = attrgetter("state", "last_alert_at", "alert_count", "last_alert_id")
_moved = attrgetter("phase", "urgency", "routing_key", "phase_at", "muted")


class Texts:
    """Encodings within one save: the incidents of a batch share courses and entries, so each is encoded once."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._courses: dict[int, tuple[bytes, str, bool]] = {}
        self._entries: dict[int, str] = {}
        self.plans: dict[bytes, str] = {}

    def of_course(self, course: Course) -> tuple[bytes, str, bool]:
        """The digest of its plan, the rest of it, and whether work is left in it."""
        known = self._courses.get(id(course))
        if known is None:
            digest, plan = self._plans.digest(course)
            self.plans[digest] = plan
            known = self._courses[id(course)] = (digest, COURSE.encode(course), has_work(course))
        return known

    def of_entries(self, entries: tuple[Entry, ...]) -> str:
        known = self._entries.get(id(entries))
        if known is None:
            known = self._entries[id(entries)] = ENTRY.encode_all(entries)
        return known


def has_work(course: Course) -> bool:
    """Whether something is to happen that only a wake-up will do: such an incident without `wake_at` is stuck."""
    at_work = any(run.due is not None or run.repeats for run in course.runs)
    return at_work or any(paging.due is not None for paging in course.pagings)


class Saving(Organizations, Tickets):
    def save(self, saves: Sequence[Saved], openings: Sequence[Opening] = ()) -> None:
        texts = Texts(self._cache.plans)
        in_order = sorted(saves, key=lambda saved: (saved.after.org, saved.after.number))
        likes = [opening.like for opening in openings]
        self._hold({saved.after.org for saved in (*in_order, *likes) if saved.after.muted})
        by_size: dict[Update | None, list[Saved]] = {None: [], COUNT: [], MOVE: [], REWRITE: []}
        for saved in in_order:
            by_size[_size(saved)].append(saved)
        self._keep_plans((*by_size[None], *by_size[MOVE], *by_size[REWRITE], *likes), texts)
        # A key that was resolved and opened again in one transaction is free only after the update.
        for size in (COUNT, MOVE, REWRITE):
            self._update(size, by_size[size], texts)
        common, rows, deliveries = _alike(openings, texts)
        rows += [_row(saved.after, saved.wake_at, texts) for saved in by_size[None]]
        leaves = [_leaf(saved, texts) for saved in in_order if saved.entries]
        deliveries += [delivery_row(each) for saved in in_order for each in saved.deliveries]
        self._session.insert(OPENING, sorted(common))
        self._session.insert(INCIDENT, sorted(rows, key=_org_and_key))
        self._session.insert(TIMELINE, sorted(leaves))
        self._session.upsert(KEEP, sorted(deliveries))
        for saved in in_order:
            if saved.tickets:
                self.keep_tickets(saved.tickets)

    def add_entries(self, org: int, number: int, entries: Sequence[Entry]) -> None:
        """The leaf comes after the one of the incident's present version and whatever was added to that."""
        self._session.run(
            "INSERT INTO timeline (org, incident, seq, part, entries) "
            "SELECT i.org, i.number, i.version, COALESCE((SELECT MAX(t.part) FROM timeline t "
            "WHERE t.org = i.org AND t.incident = i.number AND t.seq = i.version), 0) + 1, ? "
            "FROM incident i WHERE i.org = ? AND i.number = ?",
            (ENTRY.encode_all(entries), org, number),
        )

    def add_org_entries(self, org: int, entries: Sequence[Entry]) -> None:
        """No incident has the number 0, so its timeline is the organization's own."""
        numbers = self.next_numbers(org, "timeline", len(entries))
        leaves = [(org, 0, number, 0, ENTRY.encode_all((one,))) for number, one in zip(numbers, entries, strict=True)]
        self._session.insert(TIMELINE, leaves)
        self._session.run(
            "DELETE FROM timeline WHERE org = ? AND incident = 0 AND seq < ?", (org, numbers.stop - MOST_OF_ORG)
        )

    def _keep_plans(self, saves: Iterable[Saved], texts: Texts) -> None:
        wanted = {(saved.after.org, texts.of_course(saved.after.course)[0]) for saved in saves}
        fresh = wanted - self._cache.plans.stored - self._seen.plans - self.mine.plans
        plans = sorted((org, digest, texts.plans[digest]) for org, digest in fresh if digest)
        if plans:
            self._session.upsert(KEEP_PLAN, plans)
            self.mine.plans |= fresh

    def _update(self, size: Update, saves: list[Saved], texts: Texts) -> None:
        """One version of each incident follows the other: whoever read an older one has lost the race."""
        if saves and self._session.update(size, [_new_values(size, saved, texts) for saved in saves]) != len(saves):
            raise LostRace


def _live(incident: Incident, has_work: bool) -> int:
    return int(has_work and incident.phase is Phase.TRIGGERED and not incident.muted)


def _version(saved: Saved) -> int:
    return 1 if saved.before is None else saved.before.version + 1


def _alike(openings: Iterable[Opening], texts: Texts) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of what incidents have in common that opened alike, of themselves, and of their deliveries.

    Their course and the first leaf of their timeline are kept once, by the lowest of their numbers.
    """
    common, rows, deliveries = [], [], []
    for opening in openings:
        like = opening.like
        org, numbers = like.after.org, [own[NUMBER] for own, _ in opening.incidents]
        row, first = list(_row(like.after, like.wake_at, texts)), min(numbers)
        common.append((org, first, max(numbers), row[COURSE_PLACE], texts.of_entries(like.entries)))
        row[OPENING_PLACE], row[COURSE_PLACE] = first, ""
        pages = [delivery_row(each) for each in like.deliveries]
        head = SHARED_HEAD.encode(like.after)
        for own, ids in opening.incidents:
            for place, value in zip(OWN_PLACES, own_cells(own), strict=True):
                row[place] = value
            row[HEAD_PLACE] = merged(OWN_HEAD.encode_values(own_head(own)), head)
            rows.append(tuple(row))
            for page, id in zip(pages, ids, strict=True):
                deliveries.append((org, id, own[NUMBER], *page[3:]))
    return common, rows, deliveries


def _leaf(saved: Saved, texts: Texts) -> Row:
    return saved.after.org, saved.after.number, _version(saved), 0, texts.of_entries(saved.entries)


def _row(a: Incident, wake_at: int | None, texts: Texts) -> Row:
    """A new incident."""
    plan, course, has_work = texts.of_course(a.course)
    return (
        a.org,
        a.number,
        a.id,
        a.key,
        a.phase,
        a.urgency,
        a.state,
        a.routing_key,
        a.opened_at,
        a.phase_at,
        a.last_alert_at,
        1,
        a.alert_count,
        a.last_alert_id,
        int(a.muted),
        wake_at,
        _live(a, has_work),
        plan,
        None,
        HEAD.encode(a),
        course,
    )


def _new_values(size: Update, saved: Saved, texts: Texts) -> Row:
    a, before = saved.after, saved.before
    assert before is not None
    values: tuple[Any, ...] = (*_counted(a), before.version + 1)
    if size is not COUNT:
        plan, course, has_work = texts.of_course(a.course)
        phase, urgency, routing_key, phase_at, muted = _moved(a)
        values += (phase, urgency, routing_key, phase_at, int(muted), saved.wake_at, _live(a, has_work))
        values += (plan, course)
    if size is REWRITE:
        values += (HEAD.encode(a),)
    return (*values, a.org, a.number, before.version)


def _size(saved: Saved) -> Update | None:
    """How much of a stored incident is to be updated; None: it is new."""
    before, after = saved.before, saved.after
    if before is None:
        return None
    if HEAD.values(before) != HEAD.values(after):
        return REWRITE
    if before.course is after.course and _moved(before) == _moved(after):
        return COUNT
    return MOVE


def _org_and_key(row: Row) -> tuple[int, str]:
    return row[0], row[3]
