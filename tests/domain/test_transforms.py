"""Alert rules change alerts before anything is decided (VictorOps reference, part 4.12)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.usecases.organizations import ORG, at
from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.checks import check
from watchbill.domain.routes import Op
from watchbill.domain.transforms import Action, AlertRule, compiled, placed

NOW = at(5, 9, 30)
EVENT = AlertEvent(
    Signal.CRITICAL,
    "disk",
    "Disk full",
    "97% of /var used\non eu-3",
    "db",
    host="eu-3.prod",
    fields={"custom": "abc", "count": 7, "title": "told", "up": True, "gone": None, "deep": {"a": [1, "é"]}},
    tags={"env": "prod"},
)


def rule(field: str, value: str, *actions: Action, **more: Any) -> AlertRule:
    number = more.pop("number", 1)
    return AlertRule(f"rule-{number}", number, field, value, more.pop("match", Op.WILDCARD), actions=actions, **more)


def regex(field: str, value: str, *actions: Action, **more: Any) -> AlertRule:
    return rule(field, value, *actions, match=Op.REGEX, **more)


def sets(field: str, value: str) -> Action:
    return Action(field, value)


def applied(*rules: AlertRule, event: AlertEvent = EVENT) -> AlertEvent:
    numbered = [replace(one, id=f"rule-{n}", number=n) for n, one in enumerate(reversed(rules), 1)]
    return compiled(numbered).applied(event, NOW)


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("message_type", "CRITICAL", True),
        ("message_type", "critical", False),
        ("entity_id", "d*k", True),
        ("entity_id", "*", True),
        ("entity_id", "dis", False),
        ("entity_id", "dis?", False),
        ("entity_id", "**d**k**", True),
        ("entity_id", "disk*disk", False),
        ("entity_id", "di*isk", False),
        ("entity_id", "d*s*s*k", False),
        ("state_message", "*of*used*eu*", True),
        ("state_message", "*used*of*", False),
        ("entity_id", "d.sk", False),
        ("state_message", "97%*eu-3", True),
        ("host_name", "*.prod", True),
        ("hostname", "eu-*", True),
        ("custom", "abc", True),
        ("count", "7", True),
        ("up", "true", True),
        ("gone", "*", False),
        ("deep", '{"a":[1,"é"]}', True),
        ("env", "prod", True),
        ("title", "told", True),
        ("message", "97*", True),
        ("entity_state", "CRITICAL", True),
        ("alert_received_time_utc", "2026-01-05T09:30:00Z", True),
        ("alert_received_week_time_utc", "2026-W02-1T09:30:00Z", True),
        ("monitoring_tool", "*", False),
        ("none", "*", False),
    ],
)
def test_a_wildcard_fits_the_whole_value(field: str, value: str, fits: bool) -> None:
    assert (applied(rule(field, value)).rules == (1,)) is fits


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("97%.*", False),
        ("(?s)97%.*", True),
        ("(?si).*EU-3", True),
        (".*EU-3", False),
        ("var", False),
        ("(?s).*(var|tmp).*", True),
        ("(", False),
    ],
)
def test_an_expression_fits_the_whole_value(value: str, fits: bool) -> None:
    assert (applied(regex("state_message", value)).rules == (1,)) is fits


def test_rules_set_what_they_say() -> None:
    changed = applied(
        rule(
            "entity_id",
            "disk",
            sets("message_type", "info"),
            sets("entity_display_name", "${{host_name}}: ${{entity_display_name}}"),
            sets("state_message", "see ${{ none }}${{env}}"),
            sets("routing_key", "web"),
            sets("custom", "${{custom}}d"),
            sets("fresh", "new"),
            sets("service", "shop"),
            sets("entity_id", "${{service}}/disk"),
        )
    )
    assert (changed.signal, changed.title, changed.message) == (Signal.INFO, "eu-3.prod: Disk full", "see prod")
    assert (changed.routing_key, changed.service, changed.key) == ("web", "shop", "shop/disk")
    assert (changed.fields["custom"], changed.tags["fresh"]) == ("abcd", "new")
    assert changed.fields["entity_id"] == "shop/disk"
    assert EVENT.fields["custom"] == "abc"


@pytest.mark.parametrize(
    ("word", "signal"), [("RECOVERY", Signal.RECOVERY), (" ack ", Signal.ACKNOWLEDGEMENT), ("else", Signal.INFO)]
)
def test_any_word_is_a_type(word: str, signal: Signal) -> None:
    assert applied(rule("entity_id", "*", sets("message_type", word))).signal is signal


def test_groups_stand_in_values() -> None:
    found = regex("host_name", r"(\w+)-(\d)\.(x)?.*", sets("a", r"\{{1}}/${{2}}/${{3}}/${{0}}/${{9}}"))
    assert applied(found).fields["a"] == "eu/3//eu-3.prod/"


def test_annotations_are_added() -> None:
    wiki = Action("Run book", "https://wiki.example/${{entity_id}}", AnnotationKind.URL)
    trap = Action("Trap", "javascript:alert(1)", AnnotationKind.URL)
    assert applied(rule("entity_id", "*", wiki, trap)).annotations == (
        Annotation(AnnotationKind.URL, "Run book", "https://wiki.example/disk"),
        Annotation(AnnotationKind.NOTE, "Trap", "javascript:alert(1)"),
    )


def test_each_rule_sees_what_those_above_have_left() -> None:
    changed = applied(
        rule("entity_id", "disk", sets("step", "1")),
        rule("step", "1", sets("step", "2")),
        rule("step", "1", sets("step", "3")),
    )
    assert changed.fields["step"] == "2"
    assert changed.rules == (3, 2)


def test_the_stop_flag_ends_the_run() -> None:
    changed = applied(
        rule("entity_id", "none", sets("a", "1"), stop=True),
        rule("entity_id", "*", sets("a", "2"), stop=True),
        rule("entity_id", "*", sets("a", "3")),
        rule("entity_id", "*", sets("a", "4"), routing_key="db"),
    )
    assert changed.fields["a"] == "2"


def test_rules_of_a_routing_key_come_last_and_go_by_the_final_one() -> None:
    changed = applied(
        rule("entity_id", "*", sets("of", "${{of}} old"), routing_key="db"),
        rule("entity_id", "*", sets("of", "${{of}} new"), routing_key="WEB"),
        rule("entity_id", "*", sets("routing_key", "web")),
    )
    assert changed.fields["of"] == " new"


def test_a_rule_that_is_switched_off_does_nothing() -> None:
    assert applied(rule("entity_id", "*", active=False)) is EVENT


def test_values_are_cut_and_a_key_stays_apart() -> None:
    long = "x" * 3000
    changed = applied(
        rule("entity_id", "*", sets("entity_id", long), sets("state_message", long * 10), sets("a", long)),
        event=EVENT,
    )
    assert (len(changed.key), len(changed.message), len(str(changed.fields["a"]))) == (512, 20_480, 1024)
    assert applied(rule("entity_id", "*", sets("entity_id", ""))).key == "disk"


def test_what_grows_by_itself_stays_bounded() -> None:
    grows = [rule("entity_id", "*", sets("state_message", "${{state_message}}" * 100)) for _ in range(50)]
    assert len(applied(*grows).message) == 20_480


def test_the_lowest_order_is_on_top_and_of_equals_the_newest() -> None:
    rules = [
        replace(rule("entity_id", "*", sets("a", f"${{{{a}}}}{number}")), id=str(number), number=number, order=order)
        for number, order in ((1, 2), (2, 1), (3, 2))
    ]
    assert compiled(rules).applied(EVENT, NOW).fields["a"] == "231"


def test_a_rule_pushes_down_those_whose_place_it_takes() -> None:
    rules = [rule("a", "b", number=number, order=order) for number, order in ((1, 1), (2, 2), (3, 4))]
    fresh = rule("a", "b", number=4)
    assert [(one.number, one.order) for one in placed(rules, fresh)] == [(4, 1), (1, 2), (2, 3)]
    assert placed(rules, replace(fresh, order=3)) == [replace(fresh, order=3)]


# --- What is no rule


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (rule("", "x"), "field"),
        (rule("a", "x" * 1025), "value"),
        (regex("a", "x" * 129), "value"),
        (regex("a", "(x"), "value"),
        (regex("a", r"(?=x)"), "value"),
        (regex("a", "(((.{0,30}){0,30})a)*z"), "value"),
        (regex("a", "[ab]*a[ab]{900}"), "value"),
        (replace(rule("a", "x"), match=Op.EXISTS), "match"),
        (rule("a", "x", sets(" ", "y")), "actions[0].field"),
        (rule("a", "x", sets("y", "z" * 4001)), "actions[0].value"),
        (rule("a", "x", *[sets("y", "z")] * 101), "actions"),
        (rule("a", "x", notes="n" * 4001), "notes"),
    ],
)
def test_what_is_no_rule(bad: AlertRule, path: str) -> None:
    problems = check(replace(ORG, alert_rules={bad.id: bad}))
    assert [(problem.kind, problem.path) for problem in problems] == [("alert_rule", path)]


def test_their_expressions_together_are_not_too_large() -> None:
    rules = {f"rule-{number}": regex("a", "[ab]*a[ab]{480}", number=number) for number in range(42)}
    [problem] = check(replace(ORG, alert_rules=rules))
    assert (problem.id, problem.path) == ("rule-9", "")


def test_there_are_not_too_many() -> None:
    rules = {f"rule-{number}": rule("a", "x", number=number) for number in range(1001)}
    assert len(check(replace(ORG, alert_rules=rules))) == 1
