"""Which alerts belong together."""

from typing import Any

import pytest

from watchbill.domain import belonging
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.belonging import Comer, worst_of
from watchbill.domain.civil import MINUTE
from watchbill.domain.organization import Organization
from watchbill.domain.routes import Alike, Condition, Grouping, Op, Rule, Start
from watchbill.domain.routing import Selection

NOW = 1_780_272_000_000_000
HOST, TITLE = Alike(("host",)), Alike(("title",), loose=True)


def rule(name: str, *alike: Alike, order: int = 1, acts: bool = True, **more: Any) -> Rule:
    return Rule(name, order, name, order, grouping=Grouping(5 * MINUTE, alike, acts=acts), **more)


def town(*rules: Rule) -> Organization:
    return Organization(1, "1", "acme", "Acme", rules={one.id: one for one in rules})


def alert(title: str = "disk 7", host: str = "web1", **more: Any) -> AlertEvent:
    return AlertEvent(Signal.CRITICAL, "key", title, host=host, **more)


def keys(org: Organization, event: AlertEvent) -> list[str]:
    return [place.key for place in belonging.places(org, event, NOW)]


def test_alerts_with_the_same_in_common_have_the_same_key() -> None:
    org = town(rule("a", HOST, TITLE))
    (key,) = keys(org, alert())
    assert key.startswith("a:")
    assert keys(org, alert("DISK  12", " WEB1 ")) == [key]
    for other in (alert("cpu 7"), alert(host="web2"), alert(lasting=True)):
        assert keys(org, other) not in ([key], [])


def test_who_lacks_what_is_compared_is_like_no_other() -> None:
    assert keys(town(rule("a", HOST)), alert(host=" ")) == []
    assert keys(town(rule("a")), alert(host="")) != []


def test_each_rule_that_watches_and_the_first_that_acts() -> None:
    rules = (
        rule("late", order=9),
        rule("first", order=2),
        rule("watches", order=3, acts=False),
        rule("early", order=1, condition=Condition(field="title", op=Op.CONTAINS, value="cpu")),
        rule("off", order=0, active=False),
    )
    assert [place.rule.id for place in belonging.places(town(*rules), alert(), NOW)] == ["first", "watches"]


def test_a_rule_that_groups_starts_nothing_and_is_none_of_the_others() -> None:
    org = town(rule("a"), rule("b", beside=True))
    assert (org.ordered_rules, org.rules_beside) == ({}, ())
    assert [one.id for one in org.groupings] == ["a", "b"]


@pytest.mark.parametrize(
    ("signal", "selection", "quiet", "nobody"),
    [
        (Signal.CRITICAL, Selection((Start("p"),), ""), False, False),
        (Signal.RECOVERY, Selection((Start("p"),), ""), True, False),
        (Signal.CRITICAL, Selection((Start("p"),), "", suppressed=("r", 5)), True, False),
        (Signal.CRITICAL, Selection((), ""), False, True),
        (Signal.CRITICAL, Selection((), "", idle=True), False, False),
    ],
)
def test_who_comes(signal: Signal, selection: Selection, quiet: bool, nobody: bool) -> None:
    comer = Comer(town(), AlertEvent(signal, "k", "t"), selection, NOW)
    assert (comer.is_quiet, comer.reaches_nobody) == (quiet, nobody)


def test_the_worst() -> None:
    assert worst_of({Signal.WARNING, Signal.CRITICAL, Signal.INFO}) is Signal.CRITICAL
    assert worst_of({Signal.RECOVERY, Signal.INFO}) is Signal.INFO
    assert worst_of(()) is Signal.RECOVERY
