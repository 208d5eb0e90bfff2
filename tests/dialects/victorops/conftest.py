import pytest

from tests.dialects.speaking import Speaker, victorops_keys
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT


@pytest.fixture
def api(world: World) -> Speaker:
    """A client with a key that may write; there is nobody but the administrator."""
    return Speaker(world, DIALECT, victorops_keys(world))
