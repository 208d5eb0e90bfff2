"""People and teams as On-Call replies include them: small, with "" for what is not there (reference, part 4.1)."""

from collections.abc import Iterable

from watchbill.api.datadog.documents import Resource, resource
from watchbill.api.datadog.keeping import avatar_of, full_name, handle_of, status_of
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User

SMALL_STATUS = {"Active": "active", "Pending": "pending", "Disabled": "deactivated"}


def small_user(user: User) -> Resource:
    attributes = {"email": user.email, "name": full_name(user) or "", "status": SMALL_STATUS[status_of(user)]}
    return resource("users", user.id, attributes)


def small_team(team: Team) -> Resource:
    attributes = {
        "avatar": avatar_of(team) or "",
        "description": team.description,
        "handle": handle_of(team),
        "name": team.name,
    }
    return resource("teams", team.id, attributes)


def users_included(org: Organization, ids: Iterable[str]) -> list[Resource]:
    """Those that are there."""
    return [small_user(org.users[id]) for id in ids if id in org.users]


def teams_included(org: Organization, ids: Iterable[str]) -> list[Resource]:
    """Those that are there: a linked team may be gone, or never have been."""
    return [small_team(org.teams[id]) for id in ids if id in org.teams]
