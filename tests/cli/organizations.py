"""Organizations for property tests: valid, and of every shape."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from tests.cli import values
from watchbill.domain import transforms
from watchbill.domain.alert import AnnotationKind, Signal
from watchbill.domain.civil import MINUTE
from watchbill.domain.organization import Endpoint, Integration, Organization, Settings
from watchbill.domain.people import ContactMethod, Member, PagingPolicy, PagingRule, PagingStep, Role, Team, User
from watchbill.domain.plans import (
    Action,
    Assignment,
    AtEnd,
    EscalationPolicy,
    OnEmpty,
    Since,
    Step,
    Stop,
    Target,
    TargetKind,
)
from watchbill.domain.rota import Layer, Mode, Neighbour, Override, Position, Schedule, Turn
from watchbill.domain.routes import Alike, Grouping, MaintenanceWindow, Op, RoutingKey, Rule, Start
from watchbill.domain.transforms import AlertRule

ADDRESSES = (
    ("email", "a@example.com"),
    ("email", "b@example.com"),
    ("phone", "+33612345678"),
    ("phone", "+16502530000"),
    ("pocket", "x"),
    ("pocket", "null"),
    ("webhook", "https://example.com/a"),
)
CHANNELS = {"email": ("email",), "phone": ("sms", "voice"), "pocket": ("pocket",), "webhook": ("webhook",)}
MACHINES = (TargetKind.EMAIL, TargetKind.WEBHOOK, TargetKind.CHAT)


class Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)
flags = st.booleans()


def by_id(made: Iterable[T]) -> dict[str, T]:
    return {each.id: each for each in made}


def some(draw: st.DrawFn, ids: Collection[str], most: int = 3) -> tuple[str, ...]:
    return tuple(draw(st.lists(st.sampled_from(sorted(ids)), max_size=most, unique=True))) if ids else ()


def one_or_none(draw: st.DrawFn, ids: Collection[str]) -> str | None:
    return draw(st.sampled_from([None, *ids]))


def times(draw: st.DrawFn, most: int) -> range:
    return range(draw(st.integers(0, most)))


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    ids = (f"id-{n}" for n in count(1))
    org = Organization(1, "org", "org", "Organization", created_at=values.NOW)
    names = draw(st.lists(st.sampled_from(values.USERNAMES), min_size=1, max_size=4, unique_by=str.lower))
    org = replace(org, users=by_id(user(draw, ids, name) for name in names))
    org = replace(org, teams=by_id(team(draw, org, next(ids), slug) for slug in draw(values.slugs)))
    org = replace(org, endpoints=by_id(endpoint(draw, next(ids), slug) for slug in draw(values.slugs)))
    org = replace(org, schedules=by_id(schedule(draw, org, ids, slug) for slug in draw(values.slugs)))
    org = replace(org, policies=by_id(policy(draw, org, ids, slug) for slug in draw(values.slugs)))
    default = draw(st.integers(0, 3))
    slugs = enumerate(draw(values.slugs))
    org = replace(org, routing_keys=by_id(key(draw, org, next(ids), slug, at == default) for at, slug in slugs))
    integrations = draw(st.lists(values.names, max_size=3, unique=True))
    return replace(
        org,
        rules=by_id(rule(draw, org, next(ids)) for _ in times(draw, 3)),
        alert_rules=by_id(alert_rule(draw, next(ids)) for _ in times(draw, 3)),
        windows=by_id(window(draw, org, next(ids), slug) for slug in draw(values.slugs)),
        integrations=by_id(integration(draw, next(ids), name) for name in integrations),
        overrides=by_id(override(draw, org, next(ids)) for _ in times(draw, 3)),
        settings=settings(draw, org),
    )


# --- People


def user(draw: st.DrawFn, ids: Iterator[str], username: str) -> User:
    contacts = tuple(
        ContactMethod(
            next(ids),
            3,
            kind,
            address,
            draw(values.texts),
            draw(flags),
            draw(flags),
            5,
            draw(values.texts),
            draw(values.free),
        )
        for kind, address in draw(st.lists(st.sampled_from(ADDRESSES), max_size=4, unique=True))
    )
    return User(
        next(ids),
        7,
        username,
        draw(values.texts),
        draw(values.texts),
        draw(st.sampled_from(("", "a@b.example"))),
        draw(values.zones),
        draw(st.sampled_from(Role)),
        draw(flags),
        draw(values.instants),
        contacts,
        tuple(paging(draw, ids, contacts) for _ in times(draw, 2)),
        draw(values.free),
    )


def paging(draw: st.DrawFn, ids: Iterator[str], contacts: tuple[ContactMethod, ...]) -> PagingPolicy:
    ways: list[tuple[str, str | None]] = [("push", None), ("sms", None)]
    ways += [(channel, contact.id) for contact in contacts for channel in CHANNELS[contact.kind]]
    rules = st.lists(st.sampled_from(ways), max_size=2)
    steps = tuple(
        PagingStep(tuple(PagingRule(*way, next(ids)) for way in draw(rules)), draw(values.durations), 9)
        for _ in times(draw, 3)
    )
    return PagingPolicy(
        next(ids), 11, draw(values.texts), steps, draw(values.urgencies), draw(values.hours), draw(flags)
    )


def team(draw: st.DrawFn, org: Organization, id: str, slug: str) -> Team:
    members = tuple(Member(user_id, draw(flags)) for user_id in some(draw, org.users))
    handle = draw(st.sampled_from(("", slug, f"{slug}: {slug}")))
    return Team(id, 2, slug, draw(values.names), handle, draw(values.texts), members, draw(values.free))


# --- Schedules


def schedule(draw: st.DrawFn, org: Organization, ids: Iterator[str], slug: str) -> Schedule:
    layers = tuple(layer(draw, org, next(ids)) for _ in times(draw, 2))
    zone, mode = draw(values.zones), draw(st.sampled_from(Mode))
    return Schedule(next(ids), 4, slug, draw(values.names), zone, layers, mode, some(draw, org.teams))


def layer(draw: st.DrawFn, org: Organization, id: str) -> Layer:
    start = draw(values.instants)
    return Layer(
        id,
        draw(values.texts),
        start,
        draw(st.one_of(st.just(start), values.instants)),
        draw(values.intervals),
        tuple(Turn(some(draw, org.users), some(draw, org.teams)) for _ in times(draw, 3)),
        draw(st.one_of(st.none(), values.durations.map(lambda length: start + length))),
        draw(values.windows),
        draw(st.one_of(st.none(), values.zones)),
        draw(st.one_of(st.none(), values.recurrences)),
    )


def override(draw: st.DrawFn, org: Organization, id: str) -> Override:
    start = draw(values.instants)
    places = [(None, None), *((each, None) for each in org.schedules), *((None, each) for each in org.policies)]
    schedule_id, policy_id = draw(st.sampled_from(places))
    anywhere = schedule_id is None and policy_id is None
    return Override(
        id,
        start,
        start + draw(values.durations),
        draw(values.instants),
        draw(st.sampled_from([*org.users] if anywhere else [None, *org.users])),
        one_or_none(draw, org.users),
        schedule_id,
        policy_id,
        draw(flags),
    )


# --- Policies


def policy(draw: st.DrawFn, org: Organization, ids: Iterator[str], slug: str) -> EscalationPolicy:
    return EscalationPolicy(
        next(ids),
        6,
        slug,
        draw(values.names),
        tuple(step(draw, org, next(ids)) for _ in times(draw, 3)),
        one_or_none(draw, org.teams),
        some(draw, org.teams),
        draw(st.integers(1, 3)),
        draw(values.durations),
        draw(st.sampled_from(AtEnd)),
        draw(st.sampled_from([None, *OnEmpty])),
        draw(st.frozensets(st.sampled_from(Stop))),
        draw(flags),
        draw(flags),
    )


def step(draw: st.DrawFn, org: Organization, id: str) -> Step:
    return Step(
        id,
        targets(draw, org, tuple(TargetKind)),
        draw(values.durations),
        draw(st.sampled_from(Since)),
        draw(st.sampled_from(Assignment)),
        draw(st.one_of(st.none(), values.durations)),
        draw(st.integers(1, 10)),
        draw(st.sampled_from(Action)),
        draw(values.urgencies),
        draw(st.sampled_from((None, "critical", "null"))),
    )


def targets(draw: st.DrawFn, org: Organization, kinds: Collection[TargetKind]) -> tuple[Target, ...]:
    known = [
        *((TargetKind.USER, id) for id in org.users),
        *((TargetKind.SCHEDULE, id) for id in org.schedules),
        *((TargetKind.TEAM, id) for id in org.teams),
        *((TargetKind.POLICY, id) for id in org.policies),
        *((TargetKind(each.kind), each.id) for each in org.endpoints.values()),
        (TargetKind.EMAIL, "ops@example.com"),
    ]
    fitting = [(kind, id) for kind, id in known if kind in kinds]
    positions, neighbours = st.sampled_from(Position), st.sampled_from(Neighbour)
    chosen = draw(st.lists(st.sampled_from(fitting), max_size=3))
    return tuple(Target(kind, id, draw(positions), draw(neighbours)) for kind, id in chosen)


# --- Routing


def starts(draw: st.DrawFn, org: Organization) -> tuple[Start, ...]:
    whom = [*((id, None) for id in org.policies), *((None, id) for id in org.users)]
    timeouts = st.one_of(st.none(), values.durations)
    chosen = draw(st.lists(st.sampled_from(whom), max_size=2))
    return tuple(Start(*each, draw(values.urgencies), draw(timeouts), draw(values.hours)) for each in chosen)


def key(draw: st.DrawFn, org: Organization, id: str, slug: str, default: bool) -> RoutingKey:
    return RoutingKey(id, 8, slug, starts(draw, org), draw(flags), default)


alikes = st.builds(Alike, st.lists(values.names, min_size=1, max_size=2).map(tuple), flags)
groupings = st.builds(
    Grouping,
    st.integers(1, 120).map(lambda n: n * MINUTE),
    st.lists(alikes, max_size=2).map(tuple),
    values.texts,
    flags,
)


def rule(draw: st.DrawFn, org: Organization, id: str) -> Rule:
    return Rule(
        id,
        10,
        draw(values.names),
        draw(st.integers(0, 5)),
        draw(st.one_of(st.none(), values.conditions)),
        draw(values.hours),
        starts(draw, org),
        targets(draw, org, MACHINES),
        one_or_none(draw, org.teams),
        one_or_none(draw, org.teams),
        draw(flags),
        draw(flags),
        draw(flags),
        grouping=draw(st.one_of(st.none(), groupings)),
    )


def alert_rule(draw: st.DrawFn, id: str) -> AlertRule:
    actions = st.builds(transforms.Action, st.just("title"), values.texts, st.sampled_from([None, *AnnotationKind]))
    return AlertRule(
        id,
        11,
        draw(values.names),
        draw(st.sampled_from(["*disk*", "null", "a: b"])),
        Op.WILDCARD,
        draw(st.integers(0, 5)),
        draw(st.sampled_from(["", "db", "null"])),
        tuple(draw(st.lists(actions, max_size=2))),
        draw(flags),
        draw(flags),
        draw(values.texts),
    )


def window(draw: st.DrawFn, org: Organization, id: str, slug: str) -> MaintenanceWindow:
    start = draw(values.instants)
    end = draw(st.one_of(st.none(), values.durations.map(lambda length: start + length)))
    keys = draw(st.sampled_from([None, tuple(org.routing_keys)]))
    return MaintenanceWindow(id, 12, slug, draw(values.names), start, end, keys, draw(values.hours), draw(values.texts))


def integration(draw: st.DrawFn, id: str, name: str) -> Integration:
    routing_key = draw(st.sampled_from((None, "null", "db")))
    mapping = draw(st.one_of(st.none(), values.mappings))
    return Integration(id, 13, name, "generic", routing_key, draw(flags), mapping, draw(values.texts))


def endpoint(draw: st.DrawFn, id: str, slug: str) -> Endpoint:
    kind = draw(st.sampled_from(("webhook", "chat")))
    address = "https://example.com/x"
    return Endpoint(id, 14, slug, draw(values.names), kind, address, draw(values.texts), draw(values.free))


def settings(draw: st.DrawFn, org: Organization) -> Settings:
    return Settings(
        draw(st.one_of(st.none(), values.durations)),
        draw(st.one_of(st.none(), values.durations)),
        draw(st.sampled_from(OnEmpty)),
        draw(flags),
        draw(st.sampled_from(Signal)),
        targets(draw, org, tuple(TargetKind)),
        draw(st.integers(1, 9)),
        draw(values.durations),
    )
