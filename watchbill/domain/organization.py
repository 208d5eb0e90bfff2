"""An organization as one value: everything configured, at one version. What is decided is decided on this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from watchbill.domain import conditions
from watchbill.domain.alert import Signal
from watchbill.domain.civil import MINUTE
from watchbill.domain.conditions import Check
from watchbill.domain.mapping import FieldMapping
from watchbill.domain.people import ContactMethod, Team, User
from watchbill.domain.plans import Assignment, EscalationPolicy, OnEmpty, Target
from watchbill.domain.rota import Override, Schedule
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule
from watchbill.domain.transforms import AlertRule, Ruleset, compiled


@dataclass(frozen=True, slots=True)
class Settings:
    """What an organization may choose. Durations are microseconds; None switches a rule off.

    `safety_net`: paged when an incident reached nobody; empty means the global administrators.
    A contact gets `bundle_after` pages at once at most; after that one each `bundle_every`, with all that waited in it.
    `partner_tickets_first`: where policies of a client and of its partner would both make a ticket, the partner's does.
    """

    ack_timeout: int | None = None
    auto_resolve: int | None = None
    empty_step: OnEmpty = OnEmpty.SKIP
    warning_opens: bool = True
    unparseable_mail: Signal = Signal.INFO
    safety_net: tuple[Target, ...] = ()
    bundle_after: int = 3
    bundle_every: int = MINUTE
    partner_tickets_first: bool = False


@dataclass(frozen=True, slots=True)
class Integration:
    """Where alerts of one source come in. `kind`: "rest", "email", "alertmanager", "generic"; the key is kept hashed.

    `routing_key` is used when the sender gives none. `mapping` tells a generic integration where a body has what.
    """

    id: str
    number: int
    name: str
    kind: str
    routing_key: str | None = None
    active: bool = True
    mapping: FieldMapping | None = None
    key_hint: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A machine or room that a step can tell: kind "webhook" or "chat"."""

    id: str
    number: int
    slug: str
    name: str
    kind: str
    address: str
    secret: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """What one dialect keeps and serves and nothing else asks for. `kind` is the dialect's name for it, led by the
    dialect's own: "opsramp.role"."""

    id: str
    number: int
    kind: str
    name: str
    body: Mapping[str, object] = field(default_factory=dict)
    created_at: int = 0


Entity = (
    User
    | Team
    | Schedule
    | Override
    | EscalationPolicy
    | RoutingKey
    | Rule
    | AlertRule
    | MaintenanceWindow
    | Integration
    | Endpoint
    | Document
    | Settings
)

# The kinds of configuration and their types: the store keeps each as one document under this name.
KINDS: Mapping[str, type[Entity]] = MappingProxyType(
    {
        "user": User,
        "team": Team,
        "schedule": Schedule,
        "override": Override,
        "policy": EscalationPolicy,
        "routing_key": RoutingKey,
        "rule": Rule,
        "alert_rule": AlertRule,
        "window": MaintenanceWindow,
        "integration": Integration,
        "endpoint": Endpoint,
        "document": Document,
        "settings": Settings,
    }
)
# Where each kind of configuration lies in an organization.
MAPS: Mapping[str, str] = MappingProxyType(
    {
        "user": "users",
        "team": "teams",
        "schedule": "schedules",
        "override": "overrides",
        "policy": "policies",
        "routing_key": "routing_keys",
        "rule": "rules",
        "alert_rule": "alert_rules",
        "window": "windows",
        "integration": "integrations",
        "endpoint": "endpoints",
        "document": "documents",
    }
)
KIND_OF: Mapping[type, str] = MappingProxyType({kind: name for name, kind in KINDS.items()})


class Memory:
    """What this process knows of an organization beside its value: with what it was found valid last (see
    `domain/changes.py`). It may be forgotten, or of an older or a newer value."""

    __slots__ = ("sound",)

    def __init__(self) -> None:
        self.sound: object = None


@dataclass(frozen=True)
class Organization:
    """`number` is the internal id and first in every stored key; `id` is public. `version` counts configuration
    changes.

    `parent` is the partner's number; a partner has none. `partner` is that organization, as it is now. Maps are by id,
    in order of creation. `memory` is shared by all values that come one from another.
    """

    number: int
    id: str
    slug: str
    name: str
    version: int = 0
    parent: int | None = None
    created_at: int = 0
    settings: Settings = field(default_factory=Settings)
    users: Mapping[str, User] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    overrides: Mapping[str, Override] = field(default_factory=dict)
    policies: Mapping[str, EscalationPolicy] = field(default_factory=dict)
    routing_keys: Mapping[str, RoutingKey] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    alert_rules: Mapping[str, AlertRule] = field(default_factory=dict)
    windows: Mapping[str, MaintenanceWindow] = field(default_factory=dict)
    integrations: Mapping[str, Integration] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    partner: "Organization | None" = None
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    @cached_property
    def acting(self) -> "Organization":
        """What decides about this organization's alerts: its own configuration with its partner's people, schedules,
        policies and those rules that reach this client. The rest of the configuration is its own."""
        if self.partner is None:
            return self
        names = ("users", "teams", "schedules", "overrides", "policies", "endpoints")
        both: dict[str, Any] = {name: {**getattr(self.partner, name), **getattr(self, name)} for name in names}
        reaching = {
            rule.id: rule for rule in self.partner.rules.values() if (rule.beside or rule.grouping) and rule.clients
        }
        return replace(self, rules={**reaching, **self.rules}, **both)

    @cached_property
    def users_by_name(self) -> Mapping[str, User]:
        """By user name in lower case: user names are compared without regard to case."""
        return {user.username.lower(): user for user in self.users.values()}

    @cached_property
    def users_by_number(self) -> Mapping[int, User]:
        return {user.number: user for user in self.users.values()}

    @cached_property
    def teams_by_user(self) -> Mapping[str, tuple[Team, ...]]:
        """The teams that each person is in, by the person's id; nothing for who is in none."""
        found: dict[str, list[Team]] = {}
        for team in self.teams.values():
            for user_id in dict.fromkeys(member.user_id for member in team.members):
                found.setdefault(user_id, []).append(team)
        return {user_id: tuple(teams) for user_id, teams in found.items()}

    @cached_property
    def routing_keys_by_name(self) -> Mapping[str, RoutingKey]:
        return {key.name.lower(): key for key in self.routing_keys.values()}

    @cached_property
    def default_key(self) -> RoutingKey | None:
        return next((key for key in self.routing_keys.values() if key.is_default), None)

    @cached_property
    def ordered_rules(self) -> Mapping[str | None, tuple[Rule, ...]]:
        """Active rules in their order, by the team that owns them; None for the organization's own. Those that add to
        whatever the others decide are not among them."""
        owners: dict[str | None, list[Rule]] = {}
        for rule in sorted(self.rules.values(), key=lambda rule: (rule.order, rule.number)):
            if rule.active and not rule.beside and rule.grouping is None:
                owners.setdefault(rule.team_id, []).append(rule)
        return {owner: tuple(rules) for owner, rules in owners.items()}

    @cached_property
    def ruleset(self) -> Ruleset:
        """The alert rules, made ready once for each version of the organization."""
        return compiled(self.alert_rules.values())

    @cached_property
    def rules_beside(self) -> tuple[Rule, ...]:
        """Active rules that add to whatever the others decide, in their order."""
        found = [rule for rule in self.rules.values() if rule.active and rule.beside and rule.grouping is None]
        return tuple(sorted(found, key=lambda rule: (rule.order, rule.number)))

    @cached_property
    def groupings(self) -> tuple[Rule, ...]:
        """Active rules that say which alerts belong together, in their order."""
        found = [rule for rule in self.rules.values() if rule.active and rule.grouping is not None]
        return tuple(sorted(found, key=lambda rule: (rule.order, rule.number)))

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """The conditions of rules, made ready, by the id of the rule; of one without a condition there is none."""
        return {rule.id: conditions.compiled(rule.condition) for rule in self.rules.values() if rule.condition}

    @cached_property
    def contacts(self) -> Mapping[str, tuple[User, ContactMethod]]:
        return {contact.id: (user, contact) for user in self.users.values() for contact in user.contacts}

    @cached_property
    def documents_by_kind(self) -> Mapping[str, tuple[Document, ...]]:
        kinds: dict[str, list[Document]] = {}
        for document in self.documents.values():
            kinds.setdefault(document.kind, []).append(document)
        return {kind: tuple(documents) for kind, documents in kinds.items()}

    @cached_property
    def takes_turns(self) -> bool:
        """Whether any policy has a round-robin step."""
        return any(step.assignment is Assignment.ROUND_ROBIN for one in self.policies.values() for step in one.steps)

    def policies_of(self, team_id: str) -> tuple[EscalationPolicy, ...]:
        """Those that a team owns or shares."""
        return tuple(one for one in self.policies.values() if team_id in one.owners)

    def overrides_of(self, schedule_id: str) -> tuple[Override, ...]:
        """Those that touch this schedule: its own, and those that hold wherever a person is on call."""
        return self._overrides.get(schedule_id, self._overrides.get(None, ()))

    def overrides_of_policy(self, policy_id: str) -> tuple[Override, ...]:
        """Those that touch people named or called by this policy, whatever their schedule."""
        return self._policy_overrides.get(policy_id, self._policy_overrides.get(None, ()))

    @cached_property
    def _kept_up(self) -> Sequence[Override]:
        """Without those whose cover is no active user any more: whoever is relieved is better than nobody."""
        covers = [(override, self.users.get(override.cover_id or "")) for override in self.overrides.values()]
        return [override for override, cover in covers if cover is None or cover.active]

    @cached_property
    def _overrides(self) -> Mapping[str | None, tuple[Override, ...]]:
        everywhere = tuple(o for o in self._kept_up if o.schedule_id is None and o.policy_id is None)
        owners: dict[str | None, tuple[Override, ...]] = {None: everywhere}
        for override in self._kept_up:
            if override.schedule_id is not None:
                owners[override.schedule_id] = (*owners.get(override.schedule_id, everywhere), override)
        return owners

    @cached_property
    def _policy_overrides(self) -> Mapping[str | None, tuple[Override, ...]]:
        everywhere = tuple(o for o in self._kept_up if o.schedule_id is None and o.policy_id is None)
        owners: dict[str | None, tuple[Override, ...]] = {None: everywhere}
        for override in self._kept_up:
            if override.policy_id is not None:
                owners[override.policy_id] = (*owners.get(override.policy_id, everywhere), override)
        return owners


@dataclass(frozen=True, slots=True)
class Change:
    """One configuration change: the entity as it is to be, or None to remove it. Settings have the id "settings"."""

    kind: str
    id: str
    entity: Entity | None
