"""What goes to PostgreSQL in arrays comes back as it was."""

import tracemalloc
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchbill.store import arrays
from watchbill.store.tables import BYTES, INT, TEXT

KINDS = (INT, INT, TEXT, TEXT, BYTES, BYTES)
WHOLE = st.integers(-(2**63), 2**63 - 1)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.just("ü" * 3000)
RAW = st.binary(max_size=20) | st.just(b"\0" * 5000)
ROWS = st.lists(
    st.tuples(WHOLE, st.none() | WHOLE, WORDS, st.none() | WORDS, RAW, st.none() | RAW), min_size=1, max_size=12
)


@pytest.fixture(scope="module")
def connection(postgres_again: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(postgres_again) as connected:
        arrays.register(connected)
        yield connected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_rows_come_back(connection: "psycopg.Connection[tuple[object, ...]]", rows: list[tuple[object, ...]]) -> None:
    """But for NUL, which PostgreSQL's text can't hold."""
    given_back = connection.execute(
        "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])",
        arrays.columns(KINDS, rows),
    ).fetchall()
    assert given_back == [tuple([arrays.storable(value) for value in row]) for row in rows]


def test_nothing_is_kept_of_what_was_packed() -> None:
    """Crowds have every size, and the larger ones are large."""
    tracemalloc.start()
    try:
        for size in range(1, 1500, 20):
            arrays.columns((INT,), [(1,)] * size)
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()
