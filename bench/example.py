"""The organization that is benchmarked: eight teams of six with schedules, policies and routing keys, two contacts a
person; machines to tell; and a phone book of people who each have a routing key of their own."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from watchbill.domain.civil import DAY, MINUTE, Window
from watchbill.domain.organization import Change, Endpoint
from watchbill.domain.people import ContactMethod, Member, PagingPolicy, PagingRule, PagingStep, Team, User
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.rota import Interval, Layer, Position, Schedule, Turn
from watchbill.domain.routes import Condition, Op, RoutingKey, Rule, Start
from watchbill.store.database import Database, open_database
from watchbill.usecases import directory
from watchbill.usecases.keys import Fresh, found
from watchbill.usecases.ports import Tx

TEAMS = 8
IN_TEAM = 6
ZONES = ("Europe/Paris", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
BEGAN = 1_767_225_600_000_000  # 2026-01-01
WEEK_DAYS = tuple(Window(day, 8 * 3600, day, 20 * 3600) for day in range(5))


@dataclass(frozen=True, slots=True)
class Example:
    """`org` is its number, `key` its ingest key."""

    org: int
    key: str


def make(url: str, sink: str, phones: int = 0) -> Example:
    """Founds the organization in a new database. `sink` is the address of the server that takes the webhooks."""
    database = open_database(url)
    try:
        return asyncio.run(database.write(_make, sink, phones))
    finally:
        database.close()


def writer(database: Database) -> Callable[..., object]:
    def write(fn: Callable[..., object], *args: object) -> object:
        async def one() -> object:
            return await database.write(fn, *args)

        return asyncio.run(one())

    return write


def _make(tx: Tx, sink: str, phones: int) -> Example:
    keys = found(tx, "Bench", "bench", Fresh(secrets.token_hex, lambda _: "none"), BEGAN)
    machines = [
        Endpoint("machine", 1, "machine", "Machine", "webhook", f"{sink}/machine"),
        Endpoint("hanging", 2, "hanging", "Hanging machine", "webhook", f"{sink}/hang"),
    ]
    changes = [Change("endpoint", machine.id, machine) for machine in machines]
    for number in range(TEAMS):
        changes += _team(number, sink)
    for number in range(phones):
        changes += _phone(number, sink)
    changes += [*_told("machine", 1_000), *_told("hanging", 1_001), *_rules()]
    directory.apply(tx, keys.org, changes, "bench", BEGAN)
    return Example(keys.org, keys.ingest)


def user(id: str, number: int, contacts: tuple[ContactMethod, ...]) -> User:
    first, *others = contacts
    steps = (
        PagingStep((PagingRule(first.kind, first.id),), 5 * MINUTE),
        PagingStep(tuple(PagingRule(one.kind, one.id) for one in (first, *others)), 5 * MINUTE),
    )
    policy = PagingPolicy(f"{id}-paging", number, "Primary", steps)
    return User(id, number, id, "Person", str(number), f"{id}@example.net", contacts=contacts, paging=(policy,))


def _team(team: int, sink: str) -> Iterator[Change]:
    people = []
    for place in range(IN_TEAM):
        number = team * IN_TEAM + place + 1
        id = f"person-{number}"
        pocket = ContactMethod(f"{id}-pocket", 2 * number, "pocket", id, verified=True)
        hook = ContactMethod(f"{id}-hook", 2 * number + 1, "webhook", f"{sink}/person/{number}", verified=True)
        people.append(user(id, number, (pocket, hook)))
    for person in people:
        yield Change("user", person.id, person)
    ids = [person.id for person in people]
    id = f"team-{team}"
    yield Change("team", id, Team(id, team + 1, id, f"Team {team}", members=tuple(map(Member, ids))))
    yield Change("schedule", f"schedule-{team}", schedule(team, ids))
    yield from policy(f"policy-{team}", team + 1, id, escalation(team, team, ids[0]))


def schedule(number: int, ids: list[str]) -> Schedule:
    """Two layers: everybody in turn by the week, and over it the first three in turn in working hours."""
    turns = tuple(Turn((id,)) for id in ids)
    always = Layer(f"always-{number}", "Always", BEGAN, BEGAN, Interval(days=7), turns)
    days = Layer(f"days-{number}", "Days", BEGAN, BEGAN, Interval(days=1), turns[:3], restrictions=WEEK_DAYS)
    name = f"Schedule {number}"
    return Schedule(f"schedule-{number}", number + 1, f"schedule-{number}", name, ZONES[number % 4], (always, days))


def escalation(number: int, on_call: int, last: str) -> tuple[Step, ...]:
    """Who is on call in that schedule, who is next there, and a person at last."""
    now = Target(TargetKind.SCHEDULE, f"schedule-{on_call}")
    after = Target(TargetKind.SCHEDULE, f"schedule-{on_call}", Position.NEXT)
    return (
        Step(f"now-{number}", (now,)),
        Step(f"next-{number}", (after,), wait=5 * MINUTE),
        Step(f"last-{number}", (Target(TargetKind.USER, last),), wait=10 * MINUTE),
    )


def policy(id: str, number: int, key: str, steps: tuple[Step, ...]) -> Iterator[Change]:
    """A policy, and the routing key that selects it."""
    yield Change("policy", id, EscalationPolicy(id, number, id, id, steps))
    yield Change("routing_key", f"key-{key}", RoutingKey(f"key-{key}", number, key, (Start(policy_id=id),)))


def _phone(number: int, sink: str) -> Iterator[Change]:
    id, serial = f"phone-{number}", 10_000 + number
    contacts = (
        ContactMethod(f"{id}-hook", 20_000 + 2 * number, "webhook", f"{sink}/phone/{number}", verified=True),
        ContactMethod(f"{id}-pocket", 20_001 + 2 * number, "pocket", id, verified=True),
    )
    yield Change("user", id, user(id, serial, contacts))
    yield from policy(f"policy-{id}", serial, id, (Step(f"step-{id}", (Target(TargetKind.USER, id),)),))


def _told(machine: str, number: int) -> Iterator[Change]:
    step = Step(f"tell-{machine}", (Target(TargetKind.WEBHOOK, machine),))
    later = Step(f"person-{machine}", (Target(TargetKind.USER, "person-1"),), wait=DAY)
    yield from policy(f"policy-{machine}", number, machine, (step, later))


def _rules() -> Iterator[Change]:
    """Asked for every alert; none applies to what the benchmarks send."""
    for number, (field, value) in enumerate((("service", "payments*"), ("tags.region", "moon-*")), 1):
        condition = Condition(field=field, op=Op.WILDCARD, value=value)
        starts = (Start(policy_id="policy-0"),)
        yield Change(
            "rule", f"rule-{number}", Rule(f"rule-{number}", number, f"Rule {number}", number, condition, starts=starts)
        )
