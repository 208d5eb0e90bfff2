"""Training files, what their rows fit, and the tickets that were closed."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Sequence

from watchbill.domain.training import MOST_CASES, QUEUED, Case, Group, TrainingFile
from watchbill.store.base import Part
from watchbill.store.codec import Rest, builder, decode, encode
from watchbill.store.tables import BYTES, INT, TEXT, TRAINING_CASE, TRAINING_FILE, TRAINING_GROUP, Lookup, Upsert

FILE_COLUMNS = ("org", "category", "created_at", "state")
FILE_BODY = Rest(TrainingFile, FILE_COLUMNS)
build_file = builder(TrainingFile, (*FILE_COLUMNS, *FILE_BODY.names))
GROUP_BODY = Rest(Group, ("key",))
build_group = builder(Group, ("key", *GROUP_BODY.names))
CASE_COLUMNS = ("org", "key", "ticket", "at")
build_case = builder(Case, (*CASE_COLUMNS, "fields"))

KEEP_FILE = Upsert(TRAINING_FILE, ("created_at", "state", "body", "content"))
KEEP_GROUP = Upsert(TRAINING_GROUP, ("body",))
KEEP_CASE = Upsert(TRAINING_CASE, ("at", "body"))
FITTING = Lookup(
    {"org": INT, "category": TEXT, "key": BYTES},
    "SELECT g.key, g.body FROM wanted CROSS JOIN training_group g "
    "WHERE g.org = wanted.org AND g.category = wanted.category AND g.key = wanted.key",
)
FILES = f"SELECT {', '.join(FILE_COLUMNS)}, body FROM training_file"


class Training(Part):
    def training_files(self, org: int) -> list[TrainingFile]:
        return self._files("WHERE org = ? ORDER BY created_at, category", (org,))

    def queued_training(self) -> TrainingFile | None:
        found = self._files(f"WHERE state = '{QUEUED}' ORDER BY created_at LIMIT 1", ())
        return found[0] if found else None

    def _files(self, which: str, params: tuple[object, ...]) -> list[TrainingFile]:
        rows = self._session.rows(f"{FILES} {which}", params)
        return [build_file((*row[:4], *FILE_BODY.decode(row[4]))) for row in rows]

    def training_content(self, org: int, category: str) -> bytes | None:
        rows = self._session.rows("SELECT content FROM training_file WHERE org = ? AND category = ?", (org, category))
        return bytes(rows[0][0]) if rows else None

    def add_training_file(self, file: TrainingFile, content: bytes) -> None:
        row = (file.org, file.category, file.created_at, file.state, FILE_BODY.encode(file), content)
        self._session.upsert(KEEP_FILE, [row])

    def keep_training_file(self, file: TrainingFile) -> bool:
        changed = self._session.run(
            "UPDATE training_file SET state = ?, body = ? WHERE org = ? AND category = ? AND created_at = ?",
            (file.state, FILE_BODY.encode(file), file.org, file.category, file.created_at),
        )
        return changed == 1

    def forget_training(self, org: int, category: str, limit: int) -> int:
        return self._session.run(
            "DELETE FROM training_group WHERE org = ? AND category = ? AND key IN "
            "(SELECT key FROM training_group WHERE org = ? AND category = ? LIMIT ?)",
            (org, category, org, category, limit),
        )

    def add_training(self, org: int, category: str, groups: Sequence[Group]) -> None:
        rows = [(org, category, group.key, GROUP_BODY.encode(group)) for group in groups]
        self._session.upsert(KEEP_GROUP, sorted(rows))

    def training_groups(self, org: int, category: str, keys: Sequence[bytes]) -> list[Group]:
        found = self._session.find(FITTING, [(org, category, key) for key in keys])
        return [build_group((bytes(key), *GROUP_BODY.decode(body))) for key, body in found]

    def keep_case(self, case: Case) -> None:
        self._session.upsert(KEEP_CASE, [(case.org, case.key, case.ticket, case.at, encode(case.fields))])

    def remove_case(self, org: int, ticket: int) -> None:
        self._session.run("DELETE FROM training_case WHERE org = ? AND ticket = ?", (org, ticket))

    def cases(self, org: int, key: bytes) -> list[Case]:
        rows = self._session.rows(
            f"SELECT {', '.join(CASE_COLUMNS)}, body FROM training_case WHERE org = ? AND key = ? "
            "ORDER BY ticket DESC LIMIT ?",
            (org, key, MOST_CASES),
        )
        return [build_case((row[0], bytes(row[1]), *row[2:4], decode(dict[str, object], row[4]))) for row in rows]
