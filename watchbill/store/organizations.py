"""Organizations, their configuration with its audit trail, and their counters."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from watchbill.domain.errors import Conflict, LostRace, NotFound
from watchbill.domain.organization import KINDS, Change, Organization
from watchbill.store.base import Part
from watchbill.store.codec import decode, encode
from watchbill.store.session import Row
from watchbill.store.snapshots import assembled
from watchbill.store.tables import AUDIT, CONFIG, INT, ORGANIZATION, TEXT, Lookup, Upsert

BY_NUMBER = Lookup(
    {"number": INT},
    f"SELECT {', '.join('o.' + name for name in ORGANIZATION.columns)} "
    "FROM wanted CROSS JOIN organization o WHERE o.number = wanted.number",
)
KEPT = Lookup(
    {"org": INT, "kind": TEXT, "id": TEXT},
    "SELECT c.kind, c.id, c.born, c.place, c.body FROM wanted CROSS JOIN config c "
    "WHERE c.org = wanted.org AND c.kind = wanted.kind AND c.id = wanted.id",
)
HELD = Lookup(
    {"number": INT},
    "SELECT o.number, o.version FROM wanted CROSS JOIN organization o WHERE o.number = wanted.number",
    "ORDER BY o.number FOR SHARE",
)
# Audit rows are read back so many at a time, from above every version that there can be.
AUDIT_PAGE = 500
FIRST_UNKNOWN = 1 << 62
KEEP_CONFIG = Upsert(CONFIG, ("seq", "born", "place", "body"))


class Organizations(Part):
    def organization(self, number: int) -> Organization:
        found = self.organizations((number,)).get(number)
        if found is None:
            raise NotFound(f"there is no organization {number}")
        return found

    def organizations(self, numbers: Iterable[int]) -> Mapping[int, Organization]:
        found: dict[int, Organization] = {}
        unseen = []
        for number in set(numbers):
            seen = self.mine.organizations.get(number) or self._seen.organizations.get(number)
            if seen is None:
                unseen.append((number,))
            else:
                found[number] = seen
        if unseen:
            fresh = [self._at_version(row) for row in self._session.find(BY_NUMBER, unseen)]
            partners = self.organizations({one.parent for one in fresh if one.parent is not None})
            for one in fresh:
                partner = partners.get(one.parent or 0)
                known = one if one.partner is partner else replace(one, partner=partner)
                found[one.number] = self.mine.organizations[one.number] = known
        return found

    def organization_numbers(self) -> Sequence[int]:
        return [number for (number,) in self._session.rows("SELECT number FROM organization ORDER BY number")]

    def client_numbers(self, parent: int) -> Sequence[int]:
        rows = self._session.rows("SELECT number FROM organization WHERE parent = ? ORDER BY number", (parent,))
        return [number for (number,) in rows]

    def organization_by_slug(self, slug: str) -> Organization:
        rows = self._session.rows("SELECT number FROM organization WHERE slug = ?", (slug,))
        if not rows:
            raise NotFound(f"there is no organization '{slug}'")
        return self.organization(rows[0][0])

    def create_organization(self, slug: str, name: str, parent: int | None, now: int) -> Organization:
        partner = self.organization(parent) if parent is not None else None
        number = self._session.rows("SELECT COALESCE(MAX(number), 0) + 1 FROM organization")[0][0]
        made = Organization(number, self.new_id(now), slug, name, 0, parent, now, partner=partner)
        added = self._session.run(
            "INSERT INTO organization (number, id, slug, name, parent, version, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (number, made.id, slug, name, parent, 0, now),
        )
        if not added and self._session.rows("SELECT 1 FROM organization WHERE slug = ?", (slug,)):
            raise Conflict(f"there is an organization '{slug}' already", "slug")
        if not added:
            raise LostRace
        self.mine.organizations[number] = made
        return made

    def rename_organization(self, number: int, name: str) -> Organization:
        before = self.organization(number)
        rows = self._session.rows(
            "UPDATE organization SET name = ?, version = version + 1 WHERE number = ? RETURNING version", (name, number)
        )
        renamed = replace(before, name=name)
        after = assembled(renamed, rows[0][0], self._changes_after(number, before.version))
        self.mine.organizations[number] = after
        return after

    def change(self, org: int, changes: Sequence[Change], actor: str, now: int) -> Organization:
        before = self.organization(org)
        claimed = self._session.rows(
            "UPDATE organization SET version = version + 1 WHERE number = ? RETURNING version", (org,)
        )
        version = claimed[0][0]
        if version != before.version + 1:  # decided on a state that another node has changed meanwhile
            raise LostRace
        config, audit = self._written(org, version, changes)
        self._session.upsert(KEEP_CONFIG, config)
        self._session.insert(AUDIT, [(org, version, place, now, actor, *rest) for place, rest in enumerate(audit)])
        after = self.mine.organizations[org] = assembled(before, version, self._changes_after(org, before.version))
        return after

    def changes_back_to(self, org: int, moment: int) -> Iterator[tuple[int, Change]]:
        below = (FIRST_UNKNOWN, 0)
        while True:
            rows = self._session.rows(
                "SELECT seq, place, at, kind, id, before FROM audit WHERE org = ? AND (seq, place) < (?, ?) "
                "ORDER BY seq DESC, place DESC LIMIT ?",
                (org, *below, AUDIT_PAGE),
            )
            for seq, place, at, kind, id, before in rows:
                if at <= moment:
                    return
                below = (seq, place)
                if kind in KINDS:
                    yield at, Change(kind, id, None if before is None else decode(KINDS[kind], before))
            if len(rows) < AUDIT_PAGE:
                return

    def next_numbers(self, org: int, counter: str, count: int) -> range:
        last = self._session.take_numbers(org, counter, count)
        return range(last - count + 1, last + 1)

    def _hold(self, numbers: set[int]) -> None:
        """Nobody changes these organizations before this transaction ends; if somebody has meanwhile, the race is lost.

        What is saved as muted needs it: whoever ends the maintenance wakes what is muted, and must not miss this one.
        """
        for number, version in self._session.find(HELD, [(number,) for number in numbers]):
            seen = self.mine.organizations.get(number) or self._seen.organizations.get(number)
            if seen is not None and seen.version != version:
                raise LostRace

    def _written(self, org: int, version: int, changes: Sequence[Change]) -> tuple[list[Row], list[Row]]:
        """The configuration rows of these changes, one for each entity, and the audit rows, one for each change.

        An entity keeps its place in the order of creation until it is removed.
        """
        wanted = [(org, change.kind, change.id) for change in changes]
        kept = {(kind, id): (born, place, body) for kind, id, born, place, body in self._session.find(KEPT, wanted)}
        audit: list[Row] = []
        for index, change in enumerate(changes):
            born, place, before = kept.get((change.kind, change.id), (version, index, None))
            if before is None:
                born, place = version, index
            after = None if change.entity is None else encode(change.entity)
            kept[change.kind, change.id] = (born, place, after)
            audit.append((change.kind, change.id, before, after))
        config = [(org, kind, id, version, *state) for (kind, id), state in sorted(kept.items())]
        return config, audit

    def _at_version(self, row: Row) -> Organization:
        number, id, slug, name, parent, version, created_at = row
        known = self._cache.organization(number)
        if known is None or known.version > version:
            known = Organization(number, id, slug, name, 0, parent, created_at)
        if known.version == version:
            return known
        known = known if known.name == name else replace(known, name=name)
        return assembled(known, version, self._changes_after(number, known.version))

    def _changes_after(self, org: int, version: int) -> list[Row]:
        return self._session.rows(
            "SELECT kind, id, seq, born, body FROM config WHERE org = ? AND seq > ? ORDER BY born, place",
            (org, version),
        )
