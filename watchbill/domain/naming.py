"""Which things of an organization a thing names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from watchbill.domain.organization import Settings
from watchbill.domain.people import Team
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.rota import Override, Schedule
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule, Start

# A kind of configuration and an id.
Thing = tuple[str, str]

KIND_OF_TARGET: Mapping[TargetKind, str] = MappingProxyType(
    {
        TargetKind.USER: "user",
        TargetKind.SCHEDULE: "schedule",
        TargetKind.TEAM: "team",
        TargetKind.POLICY: "policy",
        TargetKind.WEBHOOK: "endpoint",
        TargetKind.CHAT: "endpoint",
    }
)


def named_by(entity: object) -> Iterator[Thing]:
    """As often as it names them."""
    named = NAMED.get(type(entity))
    return named(entity) if named is not None else iter(())


def _team(team: Team) -> Iterator[Thing]:
    return (("user", member.user_id) for member in team.members)


def _schedule(schedule: Schedule) -> Iterator[Thing]:
    yield from _all("team", schedule.team_ids)
    for layer in schedule.layers:
        for turn in layer.turns:
            yield from _all("user", turn.user_ids)
            yield from _all("team", turn.team_ids)


def _override(override: Override) -> Iterator[Thing]:
    yield from _given("user", override.user_id, override.cover_id)
    yield from _given("schedule", override.schedule_id)
    yield from _given("policy", override.policy_id)


def _policy(policy: EscalationPolicy) -> Iterator[Thing]:
    yield from _given("team", policy.team_id)
    yield from _all("team", policy.team_ids)
    for step in policy.steps:
        yield from _targets(step.targets)


def _routing_key(key: RoutingKey) -> Iterator[Thing]:
    return _starts(key.starts)


def _rule(rule: Rule) -> Iterator[Thing]:
    yield from _given("team", rule.team_id, rule.reroute_team_id)
    yield from _starts(rule.starts)
    yield from _targets(rule.notify)


def _window(window: MaintenanceWindow) -> Iterator[Thing]:
    return _all("routing_key", window.key_ids or ())


def _settings(settings: Settings) -> Iterator[Thing]:
    return _targets(settings.safety_net)


def _starts(starts: Sequence[Start]) -> Iterator[Thing]:
    for start in starts:
        yield from _given("policy", start.policy_id)
        yield from _given("user", start.user_id)


def _targets(targets: Sequence[Target]) -> Iterator[Thing]:
    return ((KIND_OF_TARGET[one.kind], one.id) for one in targets if one.kind in KIND_OF_TARGET)


def _all(kind: str, ids: Sequence[str]) -> Iterator[Thing]:
    return ((kind, id) for id in ids)


def _given(kind: str, *ids: str | None) -> Iterator[Thing]:
    return ((kind, id) for id in ids if id is not None)


NAMED: Mapping[type, Callable[[Any], Iterator[Thing]]] = MappingProxyType(
    {
        Team: _team,
        Schedule: _schedule,
        Override: _override,
        EscalationPolicy: _policy,
        RoutingKey: _routing_key,
        Rule: _rule,
        MaintenanceWindow: _window,
        Settings: _settings,
    }
)
