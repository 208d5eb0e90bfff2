"""Values for organizations in property tests; texts are what YAML likes to take for something else."""

from hypothesis import strategies as st

from watchbill.domain.alert import AnnotationKind, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND, Hours, Window
from watchbill.domain.mapping import AnnotationSource, FieldMapping
from watchbill.domain.people import Urgency
from watchbill.domain.recurrence import LAST, Every, Recurrence
from watchbill.domain.rota import Counting, Interval
from watchbill.domain.routes import Condition, Join, Op

NOW = 1_780_000_000 * SECOND
USERNAMES = (
    "ann",
    "nobody",
    "null",
    "true",
    "007",
    "1e3",
    "no",
    "o'neil",
    "ÅSA",
    "a:b",
    "~",
    "-x",
    "user",
    "2026-01-05",
)
ODD = (
    "",
    "x",
    "null",
    "true",
    "12",
    "1.5",
    "# no",
    "a: b",
    "*a",
    "&a",
    "ünï",
    "'",
    '"',
    "ok -",
    "on",
    "1e3",
    "=",
    "😀",
)

texts = st.sampled_from(ODD)
names = st.sampled_from(
    ("Name", "null", "true", "5", "é: ü", "* all", "- dash", "'quoted'", "{x}", "[y]", "yes", "0x1f")
)
slugs = st.lists(st.sampled_from(("null", "a", "true", "1", "b-c", "Überall", "~")), max_size=3, unique_by=str.lower)
zones = st.sampled_from(("UTC", "Europe/Paris", "Pacific/Auckland", "America/New_York", "Asia/Kathmandu"))
durations = st.one_of(st.integers(1, 500).map(lambda n: n * SECOND), st.integers(SECOND, 9 * DAY), st.just(90 * MINUTE))
instants = st.one_of(
    st.integers(0, 40_000).map(lambda n: NOW + n * HOUR // 2),
    st.integers(0, 4_000_000_000_000_000),
    # Around the hours that a clock in Paris shows twice, and never.
    st.integers(-8, 8).map(lambda n: 1_792_890_000 * SECOND + n * 15 * MINUTE),
    st.integers(-8, 8).map(lambda n: 1_774_746_000 * SECOND + n * 15 * MINUTE),
)
urgencies = st.sampled_from((None, Urgency.HIGH, Urgency.LOW))
intervals = st.builds(
    Interval, st.integers(0, 15), st.sampled_from((3600, 86_400, 5400, 3601)), st.sampled_from(Counting)
)

seconds = st.one_of(st.sampled_from((0, 9 * 3600, 17 * 3600, 86_400)), st.integers(0, 86_400))
window = st.builds(Window, st.integers(0, 6), seconds, st.integers(0, 6), seconds)


def _workdays(first: int, length: int) -> tuple[Window, ...]:
    return tuple(Window((first + n) % 7, 32_400, (first + n) % 7, 61_200) for n in range(length))


windows = st.one_of(st.lists(window, max_size=3).map(tuple), st.builds(_workdays, st.integers(0, 6), st.integers(1, 9)))
recurrences = st.builds(
    Recurrence,
    every=st.sampled_from(Every),
    count=st.integers(1, 1000),
    first=st.integers(0, 30_000),
    opens=st.integers(0, 86_399),
    closes=st.integers(0, 86_399),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    month_day=st.none() | st.integers(1, 31),
    nth=st.none() | st.sampled_from([1, 2, 3, 4, LAST]),
    weekday=st.integers(0, 6),
    until=st.none() | st.integers(0, 40_000),
    limit=st.none() | st.integers(0, 1000),
)
hours = st.one_of(st.none(), st.builds(Hours, zones, windows.filter(bool)))

plain = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**15), 10**15),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=4,
)
free = st.dictionaries(texts, plain, max_size=2)

sources = st.lists(st.sampled_from(("$.a", "$.a.b[0]", "critical", "$$x", "null")), max_size=2).map(tuple)
mappings = st.builds(
    FieldMapping,
    items=st.sampled_from(("", "$.alerts")),
    title=sources,
    key=sources,
    signal=st.sampled_from((("$.state", "critical"), ("critical",))),
    annotations=st.one_of(
        st.just(FieldMapping().annotations),
        st.lists(st.builds(AnnotationSource, st.sampled_from(AnnotationKind), texts, sources), max_size=2).map(tuple),
    ),
    words=st.dictionaries(st.sampled_from(("red", "null", "1")), st.sampled_from(Signal), max_size=2),
    urgencies=st.dictionaries(st.sampled_from(("p1", "on")), st.sampled_from(Urgency), max_size=2),
)


def _joined(join: Join, parts: list[Condition]) -> Condition:
    return Condition(join=join, parts=tuple(parts))


tests = st.builds(
    Condition,
    field=st.sampled_from(("title", "tags.env", "host", "null")),
    op=st.sampled_from([op for op in Op if op not in (Op.AT_LEAST, Op.AT_MOST)]),
    value=texts.filter(lambda text: not text.startswith("*")),
    ignore_case=st.booleans(),
)
conditions = st.recursive(
    tests,
    lambda inner: st.builds(_joined, st.sampled_from((Join.ALL, Join.ANY, Join.NONE)), st.lists(inner, max_size=3)),
    max_leaves=4,
)
