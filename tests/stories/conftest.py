"""A story ends with nobody having been sent anything that the story did not expect."""

from collections.abc import Iterator

import pytest

from tests.stories.world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    try:
        made.nothing_else_was_sent()
    finally:
        made.close()
