"""Things by the names that this dialect gives them (reference, part 1.6), and how it says that there are none."""

from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.routes import RoutingKey

API = "/api-public/v1"


def user_named(org: Organization, name: str) -> User:
    """An active user, by user name; capitals don't count. Raises NotFound."""
    user = org.users_by_name.get(name.lower())
    if user is None or not user.active:
        raise NotFound("User not found")
    return user


def team_named(org: Organization, slug: str) -> Team:
    """Raises NotFound with the words that the Terraform provider looks for."""
    found = next((team for team in org.teams.values() if team.slug.lower() == slug.lower()), None)
    if found is None:
        raise NotFound(f"No team '{slug}' found")
    return found


def policy_named(org: Organization, slug: str) -> EscalationPolicy:
    """Raises NotFound."""
    found = next((policy for policy in org.policies.values() if policy.slug.lower() == slug.lower()), None)
    if found is None:
        raise NotFound(f"No policy '{slug}' found")
    return found


def routing_key_named(org: Organization, name: str) -> RoutingKey:
    """Raises NotFound."""
    found = org.routing_keys_by_name.get(name.lower())
    if found is None:
        raise NotFound(f"No routing key '{name}' found")
    return found


def self_url(*parts: object) -> str:
    """A relative path of this API, as the members that begin with an underscore hold it."""
    return "/".join((API, *map(str, parts)))
