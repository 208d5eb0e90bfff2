"""Taking something out of the configuration: whatever names it lets go of it in the same change.

What is left of a holder stays in use: a step with fewer targets, a turn of nobody, a rule that starts less. What has no
sense without the thing goes with it: an override of a schedule, the rules of a team and those that hand over to it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from watchbill.domain.organization import MAPS, Change, Entity, Organization
from watchbill.domain.people import Team
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.record import record, replace
from watchbill.domain.rota import Layer, Override, Schedule
from watchbill.domain.routes import RoutingKey, Rule, Start

TARGETS: Mapping[str, tuple[TargetKind, ...]] = {
    "user": (TargetKind.USER,),
    "schedule": (TargetKind.SCHEDULE,),
    "team": (TargetKind.TEAM,),
    "policy": (TargetKind.POLICY,),
    "endpoint": (TargetKind.WEBHOOK, TargetKind.CHAT),
}


def removal(org: Organization, kind: str, id: str) -> list[Change]:
    """The changes that remove one entity of that kind ("user", "schedule", …) and every mention of it."""
    gone = _Gone(kind, id)
    return [Change(kind, id, None), *_releases(org, gone)]


@record
class _Gone:
    kind: str
    id: str

    def names(self, kind: str, id: str | None) -> bool:
        return self.kind == kind and self.id == id

    def without(self, kind: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(id for id in ids if not self.names(kind, id))

    def other(self, kind: str, id: str | None) -> str | None:
        return None if self.names(kind, id) else id

    def targets(self, given: tuple[Target, ...]) -> tuple[Target, ...]:
        kinds = TARGETS.get(self.kind, ())
        return tuple(target for target in given if target.kind not in kinds or target.id != self.id)

    def starts(self, given: tuple[Start, ...]) -> tuple[Start, ...]:
        return tuple(
            start
            for start in given
            if not self.names("policy", start.policy_id) and not self.names("user", start.user_id)
        )


def _releases(org: Organization, gone: _Gone) -> Iterator[Change]:
    for kind, release in RELEASES.items():
        for entity in getattr(org, MAPS[kind]).values():
            left = release(entity, gone)
            if left != entity and not gone.names(kind, entity.id):
                yield Change(kind, entity.id, left)
    settings = replace(org.settings, safety_net=gone.targets(org.settings.safety_net))
    if settings != org.settings:
        yield Change("settings", "settings", settings)


def _team(team: Team, gone: _Gone) -> Team:
    return replace(team, members=tuple(one for one in team.members if not gone.names("user", one.user_id)))


def _schedule(schedule: Schedule, gone: _Gone) -> Schedule:
    layers = tuple(_layer(layer, gone) for layer in schedule.layers)
    return replace(schedule, layers=layers, team_ids=gone.without("team", schedule.team_ids))


def _layer(layer: Layer, gone: _Gone) -> Layer:
    turns = tuple(
        replace(turn, user_ids=gone.without("user", turn.user_ids), team_ids=gone.without("team", turn.team_ids))
        for turn in layer.turns
    )
    return replace(layer, turns=turns)


def _override(override: Override, gone: _Gone) -> Override | None:
    named = (
        ("user", override.user_id),
        ("user", override.cover_id),
        ("schedule", override.schedule_id),
        ("policy", override.policy_id),
    )
    return None if any(gone.names(kind, id) for kind, id in named) else override


def _policy(policy: EscalationPolicy, gone: _Gone) -> EscalationPolicy:
    steps: tuple[Step, ...] = tuple(replace(step, targets=gone.targets(step.targets)) for step in policy.steps)
    team_id = gone.other("team", policy.team_id)
    return replace(policy, steps=steps, team_id=team_id, team_ids=gone.without("team", policy.team_ids))


def _routing_key(key: RoutingKey, gone: _Gone) -> RoutingKey:
    return replace(key, starts=gone.starts(key.starts))


def _rule(rule: Rule, gone: _Gone) -> Rule | None:
    if gone.names("team", rule.team_id) or gone.names("team", rule.reroute_team_id):
        return None
    return replace(rule, starts=gone.starts(rule.starts), notify=gone.targets(rule.notify))


RELEASES: Mapping[str, Callable[[Any, _Gone], Entity | None]] = {
    "team": _team,
    "schedule": _schedule,
    "override": _override,
    "policy": _policy,
    "routing_key": _routing_key,
    "rule": _rule,
}
