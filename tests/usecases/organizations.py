"""A small organization for tests of use cases: two people on a weekly schedule, a policy, a default route."""

from dataclasses import replace
from datetime import UTC, datetime

from watchbill.domain.civil import instant
from watchbill.domain.organization import Organization, Settings
from watchbill.domain.people import ContactMethod, Member, PagingPolicy, PagingRule, PagingStep, Role, Team, User
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn
from watchbill.domain.routes import RoutingKey, Start

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def at(day: int, hour: int = 0, minute: int = 0) -> int:
    """A moment of January 2026, in UTC. The 5th is a Monday."""
    return instant(datetime(2026, 1, day, hour, minute, tzinfo=UTC))


def person(name: str, number: int, role: Role = Role.USER) -> User:
    contact = ContactMethod(f"{name}-push", number, "push", name, verified=True)
    step = PagingStep((PagingRule("push", id=f"{name}-rule"),), 5 * MINUTE)
    paging = PagingPolicy(f"{name}-paging", number, "Primary", (step,))
    return User(name, number, name, name.title(), role=role, contacts=(contact,), paging=(paging,))


LAYER = Layer("layer", "Week", at(5, 9), at(5, 9), Interval(days=7), (Turn(("ann",)), Turn(("bob",))))
SCHEDULE = Schedule("rota", 1, "primary", "Primary", "UTC", (LAYER,), team_ids=("web",))
POLICY = EscalationPolicy(
    "policy",
    1,
    "db",
    "Database",
    (
        Step("step-1", (Target(TargetKind.SCHEDULE, "rota"),)),
        Step("step-2", (Target(TargetKind.USER, "cyd"),), wait=5 * MINUTE),
    ),
    team_id="web",
)
SAFE = Settings(safety_net=(Target(TargetKind.USER, "cyd"),))
ORG = Organization(
    1,
    "org",
    "org",
    "Organization",
    settings=SAFE,
    users={name: person(name, number) for number, name in enumerate(("ann", "bob", "cyd"), 1)},
    teams={"web": Team("web", 1, "web", "Web", members=(Member("ann"), Member("bob")))},
    schedules={"rota": SCHEDULE},
    policies={"policy": POLICY},
    routing_keys={"key": RoutingKey("key", 1, "db", (Start("policy"),), is_default=True)},
)


def with_overrides(*overrides: Override) -> Organization:
    return replace(ORG, overrides={override.id: override for override in overrides})


def with_user(name: str, **changes: object) -> Organization:
    user = replace(ORG.users[name], **changes)  # type: ignore[arg-type]
    return replace(ORG, users={**ORG.users, name: user})


def with_policy(policy: EscalationPolicy) -> Organization:
    return replace(ORG, policies={**ORG.policies, policy.id: policy})


def with_schedule(schedule: Schedule) -> Organization:
    return replace(ORG, schedules={**ORG.schedules, schedule.id: schedule})
