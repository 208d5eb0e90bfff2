"""What this dialect keeps of people and teams beyond the core: in their settings, under its name."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from watchbill.domain.people import Team, User
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.record import replace
from watchbill.domain.rota import Schedule

DIALECT = "datadog"
Kept = TypeVar("Kept", User, Team, Schedule, EscalationPolicy)


class Settled(Protocol):
    @property
    def settings(self) -> Mapping[str, object]: ...


def kept(thing: Settled) -> Mapping[str, Any]:
    """What this dialect keeps of a thing; empty for what was made elsewhere."""
    found = thing.settings.get(DIALECT)
    return found if isinstance(found, Mapping) else {}


def keeping(thing: Kept, **told: object) -> Kept:
    """The thing with this kept of it; None forgets. What others keep of it stays."""
    mine = {name: value for name, value in {**kept(thing), **told}.items() if value is not None}
    others = {name: value for name, value in thing.settings.items() if name != DIALECT}
    return replace(thing, settings={**others, DIALECT: mine} if mine else others)


def full_name(user: User) -> str | None:
    """The name that the person was given; None when nobody gave them any."""
    return f"{user.first_name} {user.last_name}".strip() or None


def status_of(user: User) -> str:
    """As the Users API says it. Pending is who was made here and never came."""
    if not user.active:
        return "Disabled"
    return "Pending" if kept(user).get("pending") else "Active"


def handle_of(team: Team) -> str:
    """A team that was made elsewhere is called by its slug."""
    return team.handle or team.slug


def avatar_of(team: Team) -> str | None:
    found = kept(team).get("avatar")
    return found if isinstance(found, str) else None
