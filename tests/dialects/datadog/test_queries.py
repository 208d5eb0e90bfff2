"""The query language of routing rules (reference, part 5.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.api.datadog.queries import LONGEST, condition_of, query_of
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.conditions import holds
from watchbill.domain.errors import Invalid
from watchbill.domain.routes import Condition, Join, Op

EVENT = AlertEvent(
    Signal.CRITICAL,
    "key",
    "Disk is full",
    "of host db-1",
    tags={"service": "web", "env": "prod", "team": "a", "path": "/var/log", "image": "web:1.2", "n": "7", "flag": ""},
    more_tags={"team": ("b", "c d")},
    fields={"priority": 2},
)


def asks(query: str) -> bool:
    condition = condition_of(query)
    return condition is None or holds(condition, EVENT)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "  ",
        "tags.service:web",
        'tags.service:"web"',
        "tags.service:web tags.env:prod",
        "tags.service:web AND tags.env:prod",
        "tags.service:db OR tags.env:prod",
        "NOT tags.service:db",
        "-tags.service:db",
        "tags.env:(prod OR staging)",
        "tags.env:(dev OR (prod AND p*))",
        "(tags.service:web)",
        "tags.service:w*",
        "tags.service:?eb",
        "tags.service:*",
        "tags.flag:*",
        "-tags.none:*",
        "tags.team:a",
        "tags.team:b",
        'tags.team:"c d"',
        r"tags.team:c\ d",
        "tags.team:(a b)",
        "tags.path:/var/log",
        "tags.path:/var/*",
        "tags.image:web:1.2",
        r"tags.image:web\:1.2",
        "tags.n:>=7",
        "tags.n:>6.5",
        "tags.n:<8",
        "tags.n:[7 TO 9]",
        "tags.n:[* TO 7]",
        "tags.n:{6 TO 8}",
        "priority:2",
        "priority:(1 OR 2)",
        "+tags.service:web",
        "Disk",
        "full db",
        '"is full"',
        "D*l",
    ],
)
def test_what_matches(query: str) -> None:
    assert asks(query)


@pytest.mark.parametrize(
    "query",
    [
        "tags.service:Web",
        "tags.Service:web",
        "tags.service:web tags.env:dev",
        "tags.service:we",
        "tags.team:d",
        "-tags.team:b",
        "tags.none:x",
        "groups.service:web",
        "alert_status:error",
        "priority:1",
        "tags.n:>7",
        "tags.n:{7 TO 9]",
        "tags.service:>1",
        "disk",
        r"tags.service:w\*",
        r"tags.service:w\**",
        "service:web",
    ],
)
def test_what_does_not(query: str) -> None:
    assert not asks(query)


def test_what_is_implied_binds_least() -> None:
    assert condition_of("tags.a:1 tags.b:2 OR tags.c:3") == condition_of("tags.a:1 AND (tags.b:2 OR tags.c:3)")


@pytest.mark.parametrize(
    "query",
    [
        "(",
        ")",
        "tags.a:",
        ":a",
        "AND",
        "tags.a:b OR",
        "tags.a:b~",
        "tags.a:b^2",
        '"a b"~2',
        "tags.a:[1 TO]",
        "tags.a:[x TO 2]",
        "'",
        "tags.a:b\\",
        "[1 TO 2]",
        "a:(b:(c d))",
        "(" * 17 + "a" + ")" * 17,
        "(" * 4000 + "a" + ")" * 4000,
        "-" * 4000 + "a",
        "x" * (LONGEST + 1),
    ],
)
def test_what_makes_no_sense(query: str) -> None:
    with pytest.raises(Invalid) as refused:
        condition_of(query, where="rules[0].query")
    assert refused.value.field == "rules[0].query"


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_refused(query: str) -> None:
    try:
        condition_of(query)
    except Invalid:
        return


VALUES = st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text)
TESTS = st.builds(
    lambda field, op, value: Condition(field=f"tags.{field}", op=op, value=value, ignore_case=False),
    st.sampled_from(["a", "b c", "d:e", "-f"]),
    st.just(Op.EQUALS),
    VALUES,
) | st.builds(lambda field: Condition(field=f"tags.{field}", op=Op.EXISTS), st.sampled_from(["a", "b"]))
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.builds(
        lambda join, parts: Condition(join, parts=tuple(parts)),
        st.sampled_from([Join.ALL, Join.ANY, Join.NONE]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
TAGS = st.dictionaries(st.sampled_from(["a", "b c", "d:e", "-f", "b"]), VALUES, max_size=4)


@given(CONDITIONS, TAGS)
def test_a_condition_said_as_a_query_means_the_same(condition: Condition, tags: dict[str, str]) -> None:
    event = AlertEvent(Signal.CRITICAL, "key", "t", tags=tags)
    read = condition_of(query_of(condition))
    assert read is not None
    assert holds(read, event) == holds(condition, event)


@pytest.mark.parametrize(
    ("condition", "query"),
    [
        (None, ""),
        (Condition(field="title", op=Op.CONTAINS, value="disk full"), r"title:*disk\ full*"),
        (Condition(field="title", op=Op.STARTS_WITH, value="a"), "title:a*"),
        (Condition(field="title", op=Op.ENDS_WITH, value="a"), "title:*a"),
        (Condition(field="title", op=Op.WILDCARD, value="a*b c?"), r"title:a*b\ c?"),
        (Condition(field="tags.n", op=Op.AT_LEAST, value="3"), "tags.n:>=3"),
        (Condition(field="tags.n", op=Op.AT_MOST, value="0.5"), "tags.n:<=0.5"),
        (Condition(field="host", value='a "b"'), r'host:"a \"b\""'),
        (Condition(Join.NONE, parts=(Condition(field="a", value="OR"),)), 'NOT (a:"OR")'),
    ],
)
def test_how_other_conditions_are_shown(condition: Condition | None, query: str) -> None:
    assert query_of(condition) == query
    condition_of(query)


def test_a_regular_expression_is_shown_and_can_not_be_written() -> None:
    shown = query_of(Condition(field="title", op=Op.REGEX, value="a+"))
    assert shown == 'title:"a+"~'
    with pytest.raises(Invalid):
        condition_of(shown)
