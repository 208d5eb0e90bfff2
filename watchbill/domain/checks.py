"""What makes an organization invalid as a whole. Every road that changes the configuration asks here before keeping."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from watchbill.domain import check_people, check_plans, check_rota, check_routes
from watchbill.domain.check_values import Flaw
from watchbill.domain.organization import Organization


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` leads from the entity to the field, in the names of the domain's types: "layers[0].interval". `message`
    says in whole sentences what is wrong and what would be right."""

    kind: str
    id: str
    path: str
    message: str


def check(org: Organization) -> list[Problem]:
    """All problems, not only the first. A policy that leads back to itself is none: it is stopped when it runs."""
    return [
        *(problem for user in org.users.values() for problem in _of("user", user.id, check_people.user(user))),
        *(problem for team in org.teams.values() for problem in _of("team", team.id, check_people.team(org, team))),
        *_rota(org),
        *_routes(org),
        *_of("settings", "settings", check_routes.settings(org, org.settings)),
        *_names(org),
        *_defaults(org),
        *_ids(org),
    ]


def _of(kind: str, id: str, flaws: Iterable[Flaw]) -> Iterator[Problem]:
    return (Problem(kind, id, path, message) for path, message in flaws)


def _rota(org: Organization) -> Iterator[Problem]:
    for schedule in org.schedules.values():
        yield from _of("schedule", schedule.id, check_rota.schedule(org, schedule))
    for override in org.overrides.values():
        yield from _of("override", override.id, check_rota.override(org, override))
    for policy in org.policies.values():
        yield from _of("policy", policy.id, check_plans.policy(org, policy))


def _routes(org: Organization) -> Iterator[Problem]:
    for key in org.routing_keys.values():
        yield from _of("routing_key", key.id, check_routes.routing_key(org, key))
    for rule in org.rules.values():
        yield from _of("rule", rule.id, check_routes.rule(org, rule))
    for alert_rule in org.alert_rules.values():
        yield from _of("alert_rule", alert_rule.id, check_routes.alert_rule(alert_rule))
    yield from _of("alert_rule", max(org.alert_rules, default=""), check_routes.alert_rules(org))
    for window in org.windows.values():
        yield from _of("window", window.id, check_routes.window(org, window))
    for integration in org.integrations.values():
        yield from _of("integration", integration.id, check_routes.integration(integration))
    for endpoint in org.endpoints.values():
        yield from _of("endpoint", endpoint.id, check_routes.endpoint(endpoint))


# --- Names, which are compared without regard to case


def _names(org: Organization) -> Iterator[Problem]:
    yield from _twice("user", "username", {user.id: user.username for user in org.users.values()})
    yield from _twice("team", "slug", {team.id: team.slug for team in org.teams.values()})
    yield from _twice("team", "handle", {team.id: team.handle for team in org.teams.values() if team.handle})
    yield from _twice("schedule", "slug", {schedule.id: schedule.slug for schedule in org.schedules.values()})
    yield from _twice("policy", "slug", {policy.id: policy.slug for policy in org.policies.values()})
    yield from _twice("routing_key", "name", {key.id: key.name for key in org.routing_keys.values()})
    yield from _twice("window", "slug", {window.id: window.slug for window in org.windows.values()})
    yield from _twice("integration", "name", {each.id: each.name for each in org.integrations.values()})
    yield from _twice("endpoint", "slug", {endpoint.id: endpoint.slug for endpoint in org.endpoints.values()})


def _twice(kind: str, field: str, names: Mapping[str, str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for id, name in names.items():
        if name.lower() in seen:
            yield Problem(kind, id, field, f"'{name}' is taken (capitals don't count). Choose another name.")
        seen.add(name.lower())


def _defaults(org: Organization) -> Iterator[Problem]:
    defaults = [key for key in org.routing_keys.values() if key.is_default]
    for key in defaults[1:]:
        message = f"'{defaults[0].name}' is the default route already. Let one routing key be the default."
        yield Problem("routing_key", key.id, "is_default", message)


# --- Ids and numbers, which stay apart over the whole organization


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


def _ids(org: Organization) -> Iterator[Problem]:
    everything = _entities(org)
    for kind, entities in everything.items():
        for id, entity in entities.items():
            if id != entity.id:
                yield Problem(kind, id, "id", f"It is kept under '{id}' but has the id '{entity.id}'.")
    parts = [
        *(contact.id for user in org.users.values() for contact in user.contacts),
        *(policy.id for user in org.users.values() for policy in user.paging),
        *(step.id for policy in org.policies.values() for step in policy.steps),
    ]
    counts = Counter([*(id for entities in everything.values() for id in entities), *parts])
    for id, times in counts.items():
        if times > 1:
            kind = next((kind for kind, entities in everything.items() if id in entities), "user")
            yield Problem(kind, id, "id", f"The id '{id}' is used {times} times. Give each thing an id of its own.")


def _entities(org: Organization) -> Mapping[str, Mapping[str, _Identified]]:
    return {
        "user": org.users,
        "team": org.teams,
        "schedule": org.schedules,
        "override": org.overrides,
        "policy": org.policies,
        "routing_key": org.routing_keys,
        "rule": org.rules,
        "alert_rule": org.alert_rules,
        "window": org.windows,
        "integration": org.integrations,
        "endpoint": org.endpoints,
        "document": org.documents,
    }
