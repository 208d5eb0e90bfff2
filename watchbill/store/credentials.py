"""Keys and passwords by their digest, and the installation's own secrets."""

from collections.abc import Callable, Sequence

from watchbill.domain.errors import Conflict
from watchbill.domain.records import Credential
from watchbill.store.base import Part
from watchbill.store.session import Row

SELECT = "SELECT digest, org, kind, subject_id, name, readonly, created_at, hash FROM credential"


def _credential(row: Row) -> Credential:
    digest, org, kind, subject_id, name, readonly, created_at, hash = row
    return Credential(bytes(digest), org, kind, subject_id, name, bool(readonly), created_at, hash)


class Credentials(Part):
    def credential(self, digest: bytes) -> Credential | None:
        rows = self._session.rows(f"{SELECT} WHERE digest = ?", (digest,))
        return _credential(rows[0]) if rows else None

    def credential_named(self, kind: str, name: str) -> Credential | None:
        """The oldest of that name: a name made later, in another organization, doesn't take its place."""
        rows = self._session.rows(
            f"{SELECT} WHERE kind = ? AND name = ? AND name <> '' ORDER BY created_at, digest LIMIT 1", (kind, name)
        )
        return _credential(rows[0]) if rows else None

    def credentials_of(self, org: int) -> Sequence[Credential]:
        rows = self._session.rows(f"{SELECT} WHERE org = ? ORDER BY created_at, digest", (org,))
        return [_credential(row) for row in rows]

    def add_credential(self, credential: Credential) -> None:
        """Raises Conflict when there is one with this digest."""
        c = credential
        added = self._session.run(
            "INSERT INTO credential (digest, org, kind, subject_id, name, readonly, created_at, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (c.digest, c.org, c.kind, c.subject_id, c.name, int(c.readonly), c.created_at, c.hash),
        )
        if not added:
            raise Conflict("this key or password is in use already")

    def remove_credential(self, digest: bytes) -> None:
        self._session.run("DELETE FROM credential WHERE digest = ?", (digest,))

    def server_secret(self, name: str, fresh: Callable[[], bytes]) -> bytes:
        known = "SELECT value FROM secret WHERE name = ?"
        rows = self._session.rows(known, (name,))
        if not rows:
            self._session.run("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, fresh()))
            rows = self._session.rows(known, (name,))
        return bytes(rows[0][0])
