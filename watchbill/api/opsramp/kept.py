"""What this dialect keeps of a thing and nothing else knows: under its own name among the thing's settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

from watchbill.api.opsramp.ids import made_at

OWN = "opsramp"
CREATED, UPDATED = "created", "updated"


class Keeper(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, object]: ...


K = TypeVar("K", bound=Keeper)


def kept(thing: Keeper) -> Mapping[str, Any]:
    found = thing.settings.get(OWN)
    return found if isinstance(found, Mapping) else {}


def keeping(thing: K, values: Mapping[str, Any]) -> K:
    """The thing with these values instead of what this dialect kept of it; the settings of others stay."""
    return cast(K, replace(cast(Any, thing), settings={**thing.settings, OWN: dict(values)}))


def created_at(thing: Keeper) -> int:
    """As told, or as its id says."""
    at = kept(thing).get(CREATED)
    return at if isinstance(at, int) else made_at(thing.id)


def updated_at(thing: Keeper) -> int | None:
    at = kept(thing).get(UPDATED)
    return at if isinstance(at, int) else None
