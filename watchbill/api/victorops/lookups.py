"""Things by the names that this dialect gives them (reference, part 1.6), and how it says that there are none."""

from urllib.parse import quote

from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.routes import RoutingKey

API = "/api-public/v1"


def user_named(org: Organization, name: str) -> User:
    """An active user, by user name; capitals don't count, and some clients write a space as "+". Raises NotFound."""
    for known_as in (name, name.replace("+", " ")):
        user = org.users_by_name.get(known_as.lower())
        if user is not None and user.active:
            return user
    raise NotFound("User not found")


def team_named(org: Organization, slug: str) -> Team:
    """By slug, else by name: a client updates teams by name (reference, part 2.12). Raises NotFound with the words
    that the Terraform provider looks for."""
    for known_as in dict.fromkeys((slug.lower(), slug.replace("+", " ").lower())):
        for attribute in ("slug", "name"):
            for team in org.teams.values():
                if getattr(team, attribute).lower() == known_as:
                    return team
    raise NotFound(f"No team '{slug}' found")


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
    return "/".join((API, *(quote(str(part), safe="@:!$&'()*+,;=") for part in parts)))
