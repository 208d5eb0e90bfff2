"""Organizations as values: put together from configuration rows, and kept in the process between transactions."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from watchbill.domain.organization import KINDS, MAPS, Organization, Settings
from watchbill.store.codec import decode
from watchbill.store.session import Row


def assembled(base: Organization, version: int, rows: Iterable[Row]) -> Organization:
    """`base` with configuration rows (kind, id, seq, born, body) laid over it, which come in order of creation.

    A row without a body removes. A row may be newer than `version`, when another node changed it between two
    statements: all of that change is here then, so the snapshot is simply that much newer. Kinds that this version of
    Watchbill doesn't know (a newer node wrote them) are passed over.
    """
    changed: dict[str, Any] = {}
    for kind, id, seq, born, body in rows:
        version = max(version, seq)
        if kind == "settings":
            changed["settings"] = Settings() if body is None else decode(Settings, body)
        elif kind in MAPS:
            entities = changed.setdefault(MAPS[kind], dict(getattr(base, MAPS[kind])))
            if body is None or born > base.version:
                entities.pop(id, None)  # one that was removed and made again comes last
            if body is not None:
                entities[id] = decode(KINDS[kind], body)
    return replace(base, version=version, **changed)


@dataclass(slots=True)
class Pending:
    """What a transaction has seen and made, to be known to the process once it is committed."""

    organizations: dict[int, Organization] = field(default_factory=dict)
    plans: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, other: "Pending") -> None:
        self.organizations.update(other.organizations)
        self.plans |= other.plans
