from collections.abc import Iterator

import pytest

from tests.dialects.datadog.oncall import Story
from tests.stories.world import World


@pytest.fixture
def story(world: World) -> Iterator[Story]:
    """It ends with nobody having been sent anything that it did not expect."""
    yield Story(world)
    world.nothing_else_was_sent()
