"""What makes an organization invalid as a whole. Every road that changes the configuration asks here before keeping."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from watchbill.domain import check_people, check_plans, check_rota, check_routes
from watchbill.domain.check_values import Flaw
from watchbill.domain.organization import MAPS, Organization
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` leads from the entity to the field, in the names of the domain's types: "layers[0].interval". `message`
    says in whole sentences what is wrong and what would be right."""

    kind: str
    id: str
    path: str
    message: str


# What makes one thing of each kind unfit, in the order in which it is told.
FLAWS: Mapping[str, Callable[[Organization, Any], Iterator[Flaw]]] = MappingProxyType(
    {
        "user": lambda _, entity: check_people.user(entity),
        "team": check_people.team,
        "schedule": check_rota.schedule,
        "override": check_rota.override,
        "policy": check_plans.policy,
        "routing_key": check_routes.routing_key,
        "rule": check_routes.rule,
        "alert_rule": lambda _, entity: check_routes.alert_rule(entity),
        "window": check_routes.window,
        "integration": lambda _, entity: check_routes.integration(entity),
        "endpoint": lambda _, entity: check_routes.endpoint(entity),
    }
)
# The names of things, which are compared without regard to case. A handle may be left out.
NAMES = (
    ("user", "username"),
    ("team", "slug"),
    ("team", "handle"),
    ("schedule", "slug"),
    ("policy", "slug"),
    ("routing_key", "name"),
    ("window", "slug"),
    ("integration", "name"),
    ("endpoint", "slug"),
)


def check(org: Organization) -> list[Problem]:
    """All problems, not only the first. A policy that leads back to itself is none: it is stopped when it runs."""
    return [
        *_flaws(org),
        *_of("alert_rule", max(org.alert_rules, default=""), check_routes.alert_rules(org)),
        *_of("settings", "settings", check_routes.settings(org, org.settings)),
        *_names(org),
        *_defaults(org),
        *_ids(org),
    ]


def _of(kind: str, id: str, flaws: Iterable[Flaw]) -> Iterator[Problem]:
    return (Problem(kind, id, path, message) for path, message in flaws)


def _flaws(org: Organization) -> Iterator[Problem]:
    for kind, flaws in FLAWS.items():
        for entity in getattr(org, MAPS[kind]).values():
            yield from _of(kind, entity.id, flaws(org, entity))


def _names(org: Organization) -> Iterator[Problem]:
    for kind, field in NAMES:
        seen: set[str] = set()
        for entity in getattr(org, MAPS[kind]).values():
            name = getattr(entity, field)
            if name.lower() in seen:
                message = f"'{name}' is taken (capitals don't count). Choose another name."
                yield Problem(kind, entity.id, field, message)
            if name:
                seen.add(name.lower())


def _defaults(org: Organization) -> Iterator[Problem]:
    defaults = [key for key in org.routing_keys.values() if key.is_default]
    for key in defaults[1:]:
        message = f"'{defaults[0].name}' is the default route already. Let one routing key be the default."
        yield Problem("routing_key", key.id, "is_default", message)


# --- Ids and numbers, which stay apart over the whole organization


def _ids(org: Organization) -> Iterator[Problem]:
    everything: Mapping[str, Mapping[str, Any]] = {kind: getattr(org, name) for kind, name in MAPS.items()}
    for kind, entities in everything.items():
        for id, entity in entities.items():
            if id != entity.id:
                yield Problem(kind, id, "id", f"It is kept under '{id}' but has the id '{entity.id}'.")
    counts = Counter(id for entities in everything.values() for id in entities)
    counts.update(part for user in org.users.values() for part in parts(user))
    counts.update(part for policy in org.policies.values() for part in parts(policy))
    for id, times in counts.items():
        if times > 1:
            kind = next((kind for kind, entities in everything.items() if id in entities), "user")
            yield Problem(kind, id, "id", f"The id '{id}' is used {times} times. Give each thing an id of its own.")


def parts(entity: User | EscalationPolicy) -> Iterator[str]:
    """The ids of what is within it."""
    if isinstance(entity, User):
        yield from (contact.id for contact in entity.contacts)
        yield from (policy.id for policy in entity.paging)
    else:
        yield from (step.id for step in entity.steps)
