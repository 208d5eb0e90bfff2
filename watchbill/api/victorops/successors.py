"""Who takes over from somebody who is removed, as requests say it (reference, parts 2.12, 2.13 and 4.14)."""

from collections.abc import Mapping

from watchbill.api.victorops.envelope import Told
from watchbill.domain.errors import Invalid
from watchbill.domain.leaving import By, Succession
from watchbill.domain.organization import Organization

STRATEGIES: Mapping[str, By] = {
    "specifieduser": By.NAME,
    "globaladmin": By.GLOBAL_ADMIN,
    "teamadmin": By.TEAM_ADMIN,
}


def named_successor(org: Organization, name: str | None) -> Succession:
    """Without a name only what nobody has to take over can be removed. Raises Told when there is no such user."""
    if not name:
        return Succession(By.NAME)
    user = org.users_by_name.get(name.lower())
    if user is None or not user.active:
        raise Told(422, f"The replacement {name} is an unknown user")
    return Succession(By.NAME, user.id)


def chosen_successor(org: Organization, strategy: str | None, name: str | None) -> Succession:
    """A name counts with the default strategy only. Raises Invalid for an unknown strategy, Told for a user."""
    by = STRATEGIES.get((strategy or "specifiedUser").lower())
    if by is None:
        raise Invalid("use specifiedUser, globalAdmin or teamAdmin", "replacementStrategy")
    return named_successor(org, name) if by is By.NAME else Succession(by)
