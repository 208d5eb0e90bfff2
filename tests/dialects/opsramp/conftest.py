import pytest

from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.stories.world import World


@pytest.fixture
def client(world: World) -> Ramp:
    """The key of a client, whose organization the world is in from now on."""
    number = client_of(world)
    return Ramp(world, f"client_{number}", number)


@pytest.fixture
def partner(world: World, client: Ramp) -> Ramp:
    """The key of that client's partner."""
    return Ramp(world, "msp_1", 1)
