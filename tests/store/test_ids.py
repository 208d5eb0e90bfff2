"""Ids are UUIDs of version 7, rise within a node, and tell the moment they were made at."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from watchbill.store.ids import Ids, first_id

MOMENTS = st.integers(min_value=0, max_value=4_000_000_000_000_000)


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_they_rise_even_when_the_clock_does_not(moments: list[int]) -> None:
    ids = Ids()
    made = [ids.new(moment) for moment in moments for _ in range(3)]
    assert made == sorted(set(made))
    for id in made:
        assert str(UUID(id)) == id
        assert (UUID(id).version, UUID(id).variant) == (7, "specified in RFC 4122")


@given(MOMENTS)
def test_none_made_at_a_moment_or_later_is_below_its_first(moment: int) -> None:
    assert Ids().new(moment) >= first_id(moment)
    assert UUID(Ids().new(moment)).int >> 80 == moment // 1000


def test_nodes_have_tails_of_their_own() -> None:
    assert len({Ids().new(1)[-17:] for _ in range(100)}) == 100
