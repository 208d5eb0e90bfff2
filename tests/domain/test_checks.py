"""What makes an organization invalid, and the sentences that say so."""

# ruff: noqa: E501 - a case a line, with the whole sentence

from dataclasses import replace
from typing import Any

import pytest

from watchbill.domain.checks import Problem, check
from watchbill.domain.civil import MINUTE, SECOND, Hours, Window
from watchbill.domain.mapping import FieldMapping
from watchbill.domain.organization import Endpoint, Entity, Integration, Organization, Settings
from watchbill.domain.people import ContactMethod, Member, PagingPolicy, PagingRule, PagingStep, Team, User
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn
from watchbill.domain.routes import Condition, Join, MaintenanceWindow, Op, RoutingKey, Rule, Start

NOW = 1_780_000_000 * SECOND
MAIL = ContactMethod("c1", 1, "email", "ann@example.com")
ANN = User("u1", 1, "ann", contacts=(MAIL,))
LAYER = Layer("l1", "Week", NOW, NOW, Interval(days=7), (Turn(("u1",)),))
DB = EscalationPolicy("p1", 1, "db", "Database", (Step("s1", (Target(TargetKind.SCHEDULE, "r1"),)),))
HOOK = Endpoint("e1", 1, "hook", "Hook", "webhook", "https://example.com/x")
ORG = Organization(
    1,
    "org",
    "org",
    "Organization",
    users={"u1": ANN},
    teams={"t1": Team("t1", 1, "web", "Web", members=(Member("u1"),))},
    schedules={"r1": Schedule("r1", 1, "primary", "Primary", "UTC", (LAYER,))},
    policies={"p1": DB},
    routing_keys={"k1": RoutingKey("k1", 1, "db", (Start("p1"),), is_default=True)},
    endpoints={"e1": HOOK},
)
MAPS = {User: "users", Team: "teams", Schedule: "schedules", Override: "overrides", EscalationPolicy: "policies"}
MAPS |= {RoutingKey: "routing_keys", Rule: "rules", MaintenanceWindow: "windows", Integration: "integrations"}
MAPS |= {Endpoint: "endpoints"}


def problems(entity: Entity) -> list[str]:
    """What is wrong when this takes its place in a sound organization."""
    if isinstance(entity, Settings):
        org = replace(ORG, settings=entity)
    else:
        name = MAPS[type(entity)]
        changed: dict[str, Any] = {name: {**getattr(ORG, name), entity.id: entity}}
        org = replace(ORG, **changed)
    return [f"{problem.path}: {problem.message}" for problem in check(org)]


def person(**changes: object) -> User:
    return replace(ANN, **changes)  # type: ignore[arg-type]


def contact(kind: str, address: str) -> User:
    return person(contacts=(ContactMethod("c9", 1, kind, address),))


def layer(**changes: object) -> Schedule:
    return replace(ORG.schedules["r1"], layers=(replace(LAYER, **changes),))  # type: ignore[arg-type]


def policy(*targets: Target, **changes: object) -> EscalationPolicy:
    return replace(DB, steps=(replace(Step("s1", targets), **changes),))  # type: ignore[arg-type]


def rule(**changes: object) -> Rule:
    return replace(Rule("x1", 1, "Rule", 1), **changes)  # type: ignore[arg-type]


def test_a_sound_organization_has_no_problems() -> None:
    assert check(ORG) == []
    assert check(Organization(1, "empty", "empty", "Empty")) == []


def test_a_problem_says_which_thing_it_is_about() -> None:
    org = replace(ORG, users={"u1": person(zone="Europe/Pari")})
    assert check(org) == [
        Problem(
            "user",
            "u1",
            "zone",
            "'Europe/Pari' is not a time zone. Use a name of the IANA database, such as 'Europe/Paris'.",
        )
    ]


@pytest.mark.parametrize(
    ("entity", "problem"),
    [
        (person(username=""), "username: The name is empty. Give it at least one character."),
        (person(username="a\nb"), "username: The text has a line break or a control character in it. Write it on one line."),
        (person(first_name="x" * 300), "first_name: The text has 300 characters. Use at most 200."),
        (person(email="ann"), "email: 'ann' is not an e-mail address. Write one such as 'ann@example.com'."),
        (contact("email", "a@b@c"), "contacts[0].address: 'a@b@c' is not an e-mail address. Write one such as 'ann@example.com'."),
        (contact("phone", "0612345678"), "contacts[0].address: '0612345678' is not a phone number. Write it with its country code, such as '+33612345678'."),
        (contact("phone", "+33 6 12 34 56 78"), "contacts[0].address: '+33 6 12 34 56 78' is not in the international form. Write '+33612345678'."),
        (contact("phone", "+336123"), "contacts[0].address: '+336123' is too short or too long for a phone number of its country. Check its digits."),
        (contact("webhook", "http://[::1/"), "contacts[0].address: 'http://[::1/' names no host, or a port that there is not. Write one such as 'https://example.com/hook'."),
        (contact("webhook", "https://x.example:99999/"), "contacts[0].address: 'https://x.example:99999/' names no host, or a port that there is not. Write one such as 'https://example.com/hook'."),
        (contact("webhook", "https://:443/"), "contacts[0].address: 'https://:443/' names no host, or a port that there is not. Write one such as 'https://example.com/hook'."),
        (contact("webhook", "ftp://x.example"), "contacts[0].address: 'ftp://x.example' can't be called. Write an address such as 'https://example.com/hook'."),
        (contact("pigeon", "x"), "contacts[0].kind: 'pigeon' is no kind of contact. Use one of email, phone, push, pocket, webhook, chat."),
        (person(contacts=(MAIL, replace(MAIL, id="c2"), replace(MAIL, id="c3", settings={"formats": ["text"]}))), "contacts[1]: The email 'ann@example.com' is there twice. Keep it once."),
    ],
)  # fmt: skip
def test_people(entity: Entity, problem: str) -> None:
    assert problems(entity) == [problem]


def paging(rule: PagingRule, timeout: int = MINUTE) -> User:
    return person(paging=(PagingPolicy("g1", 1, "Primary", (PagingStep((rule,), timeout),)),))


@pytest.mark.parametrize(
    ("entity", "problem"),
    [
        (paging(PagingRule("fax")), "paging[0].steps[0].rules[0].channel: 'fax' is no channel. Use one of email, sms, voice, push, pocket, webhook, chat."),
        (paging(PagingRule("email", "c7")), "paging[0].steps[0].rules[0].contact_id: The contact is none of this person's. Name one of their contacts, or none for all."),
        (paging(PagingRule("sms", "c1")), "paging[0].steps[0].rules[0].contact_id: A contact of the kind email can't be paged by sms. Name a phone."),
        (paging(PagingRule("email"), 0), "paging[0].steps[0].timeout: The duration is too short. Use at least 1 s."),
    ],
)  # fmt: skip
def test_paging(entity: Entity, problem: str) -> None:
    assert problems(entity) == [problem]


@pytest.mark.parametrize(
    ("entity", "problem"),
    [
        (layer(interval=Interval(seconds=3599)), "layers[0].interval: The interval is shorter than one hour. Use at least one hour."),
        (layer(interval=Interval(days=-1, seconds=900_000)), "layers[0].interval: The interval is negative. Use at least one hour."),
        (layer(end=NOW), "layers[0].end: The end is not after the start. Use a later end."),
        (layer(rotation_start=-1), "layers[0].rotation_start: The time is out of range. Use one between 1970 and 9999."),
        (layer(turns=(Turn(("u1", "u9")),)), "layers[0].turns[0].user_ids[1]: There is no user 'u9' in the organization. Name one that exists, or leave it out."),
        (layer(turns=(Turn(("u1", "u1")),)), "layers[0].turns[0].user_ids[1]: The same person is named twice. Name each person once."),
        (layer(restrictions=(Window(0, 0, 7, 3600),)), "layers[0].restrictions[0]: The day is not one of the week. Use 0 (Monday) to 6 (Sunday)."),
        (layer(restrictions=(Window(0, 0, 0, 90_000),)), "layers[0].restrictions[0]: The time is not one of the day. Use 00:00 to 24:00."),
        (Override("o1", NOW, NOW + 1, 0, "u9"), "user_id: There is no user 'u9' in the organization. Name one that exists, or leave it out."),
        (Override("o1", NOW, NOW, 0, "u1"), "end: The end is not after the start. Use a later end."),
        (Override("o1", NOW, NOW + 1, 0, "u1", schedule_id="r1", policy_id="p1"), "policy_id: The override is for a schedule and for a policy. Name one of the two."),
        (Override("o1", NOW, NOW + 1, 0), "user_id: The override says neither for whom nor where. Name a person, a schedule or a policy."),
    ],
)  # fmt: skip
def test_schedules_and_overrides(entity: Entity, problem: str) -> None:
    assert problems(entity) == [problem]


@pytest.mark.parametrize(
    ("entity", "problem"),
    [
        (replace(DB, slug="a b"), "slug: 'a b' can't stand in an address. Use letters, digits, '-', '_' and '.' only."),
        (replace(DB, passes=0), "passes: 0 is out of range. Use 1 to 1000."),
        (policy(wait=-1), "steps[0].wait: The duration is negative. Use zero or more."),
        (policy(Target(TargetKind.USER, "r1")), "steps[0].targets[0].id: There is no user 'r1' in the organization. Name one that exists, or leave it out."),
        (policy(Target(TargetKind.POLICY, "p9")), "steps[0].targets[0].id: There is no escalation policy 'p9' in the organization. Name one that exists, or leave it out."),
        (policy(Target(TargetKind.CHAT, "e1")), "steps[0].targets[0].id: 'hook' is a webhook. Name it as webhook, or name a chat."),
        (policy(Target(TargetKind.EMAIL, "ops")), "steps[0].targets[0].id: 'ops' is not an e-mail address. Write one such as 'ann@example.com'."),
        (replace(DB, steps=DB.steps * 101), "steps: 101 is out of range. Use 0 to 100."),
    ],
)  # fmt: skip
def test_policies(entity: Entity, problem: str) -> None:
    assert problem in problems(entity)


@pytest.mark.parametrize(
    ("entity", "problem"),
    [
        (RoutingKey("k2", 2, "x", (Start(),)), "starts[0]: It must start one thing. Name either an escalation policy or a person."),
        (RoutingKey("k2", 2, "x", (Start("p9"),)), "starts[0].policy_id: There is no escalation policy 'p9' in the organization. Name one that exists, or leave it out."),
        (RoutingKey("k2", 2, "x", (Start("p1", support_hours=Hours("UTC", ())),)), "starts[0].support_hours.windows: No hours are given, so they never begin. Give at least one weekly window."),
        (RoutingKey("k2", 2, "x", is_default=True), "is_default: 'db' is the default route already. Let one routing key be the default."),
        (RoutingKey("k2", 2, "DB"), "name: 'DB' is taken (capitals don't count). Choose another name."),
        (rule(condition=Condition(field="title", op=Op.REGEX, value="(")), "condition.value: '(' is not a regular expression (missing ): (). Use the syntax of RE2."),
        (rule(condition=Condition(field="x", op=Op.AT_LEAST, value="much")), "condition.value: 'much' is not a number. Write one such as '90' or '0.5'."),
        (rule(condition=Condition(join=Join.ALL, parts=(Condition(value="x"),))), "condition.parts[0].field: The name is empty. Give it at least one character."),
        (rule(notify=(Target(TargetKind.USER, "u1"),)), "notify[0]: A user can't be told at once. Name an e-mail, a webhook or a chat."),
        (rule(team_id="t9"), "team_id: There is no team 't9' in the organization. Name one that exists, or leave it out."),
        (MaintenanceWindow("w1", 1, "w", "W", NOW, key_ids=("k9",)), "key_ids[0]: There is no routing key 'k9' in the organization. Name one that exists, or leave it out."),
        (Integration("i1", 1, "In", "fax"), "kind: 'fax' is no kind of integration. Use one of rest, email, alertmanager, generic."),
        (Integration("i1", 1, "In", "rest", mapping=FieldMapping()), "mapping: A rest integration knows its bodies. Give a mapping to generic ones only."),
        (replace(HOOK, address="javascript:alert(1)"), "address: 'javascript:alert(1)' is not an address. Write one such as 'https://example.com/hook'."),
        (Settings(ack_timeout=0), "ack_timeout: The duration is too short. Use at least 1 s."),
        (Settings(safety_net=(Target(TargetKind.TEAM, "t9"),)), "safety_net[0].id: There is no team 't9' in the organization. Name one that exists, or leave it out."),
    ],
)  # fmt: skip
def test_routes(entity: Entity, problem: str) -> None:
    assert problems(entity) == [problem]


def test_conditions_nest_only_so_deep() -> None:
    condition = Condition(field="title", value="x")
    for _ in range(1000):
        condition = Condition(join=Join.ALL, parts=(condition,))
    [problem] = problems(rule(condition=condition))
    assert problem.endswith(".parts[0]: Conditions are nested more than 16 deep. Write them flatter.")


def test_names_are_apart_whatever_their_capitals() -> None:
    assert problems(User("u2", 2, "ANN")) == ["username: 'ANN' is taken (capitals don't count). Choose another name."]
    assert problems(Team("t2", 2, "WEB", "Web")) == [
        "slug: 'WEB' is taken (capitals don't count). Choose another name."
    ]


def test_handles_are_apart_where_there_are_any() -> None:
    teams = [Team("t8", 8, "eight", "Eight"), Team("t9", 9, "nine", "Nine")]
    assert check(replace(ORG, teams={team.id: team for team in teams})) == []
    called = {team.id: replace(team, handle=handle) for team, handle in zip(teams, ("db", "DB"), strict=True)}
    [problem] = check(replace(ORG, teams=called))
    assert (problem.id, problem.message) == ("t9", "'DB' is taken (capitals don't count). Choose another name.")


def test_ids_are_apart_over_the_whole_organization() -> None:
    assert problems(Team("u1", 2, "other", "Other")) == [
        "id: The id 'u1' is used 2 times. Give each thing an id of its own."
    ]
    assert problems(replace(DB, id="p2", slug="two")) == [
        "id: The id 's1' is used 2 times. Give each thing an id of its own."
    ]


def test_a_policy_may_lead_back_to_itself() -> None:
    assert problems(policy(Target(TargetKind.POLICY, "p1"))) == []
