"""What the organization was: changes are read back from the audit trail."""

from collections.abc import Sequence

import pytest

from tests.store.make import NOW, an_organization
from watchbill.domain.organization import Change
from watchbill.domain.people import Team, User
from watchbill.store import organizations
from watchbill.store.database import Database

ANN = User("u1", 1, "ann")


def team(name: str) -> Team:
    return Team("t", 1, "web", name)


async def back_to(db: Database, moment: int, org: int = 1) -> Sequence[tuple[int, Change]]:
    return await db.read(lambda tx: list(tx.changes_back_to(org, moment)))


async def keep(db: Database, after: int, *changes: Change, org: int = 1) -> None:
    await db.write(lambda tx: tx.change(org, changes, "ann", NOW + after))


async def test_changes_are_taken_back_the_newest_first(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organizations, "AUDIT_PAGE", 2)
    await an_organization(db)
    await keep(db, 1, Change("team", "t", team("Web")), Change("user", "u1", ANN))
    await keep(db, 2, Change("team", "t", team("Site")))
    await keep(db, 3, Change("team", "t", None))
    backs = [
        (NOW + 3, Change("team", "t", team("Site"))),
        (NOW + 2, Change("team", "t", team("Web"))),
        (NOW + 1, Change("user", "u1", None)),
        (NOW + 1, Change("team", "t", None)),
    ]
    assert await back_to(db, NOW) == backs
    assert await back_to(db, NOW + 1) == backs[:2]
    assert await back_to(db, NOW + 3) == []


async def test_another_organization_has_a_history_of_its_own(db: Database) -> None:
    await an_organization(db)
    await db.write(lambda tx: tx.create_organization("other", "Other", None, NOW))
    await keep(db, 1, Change("team", "t", team("Web")), org=2)
    assert await back_to(db, NOW) == []
