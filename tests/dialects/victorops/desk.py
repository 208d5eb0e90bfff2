"""A small company for the stories of this dialect: Ann is paged for "db", then Bob; Dora for "web" and all else; who
speaks for it has the organization's key."""

from typing import Any

from tests.dialects.speaking import Speaker, victorops_keys
from tests.stories.town import paged_by, person, ring, step
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT
from watchbill.domain.civil import MINUTE
from watchbill.domain.people import User

V1 = "/api-public/v1"


def staff(name: str, repeats: bool = False, **more: Any) -> User:
    """Somebody paged on their pocket, with ids that nothing else has."""
    return person(name, policies=(paged_by(f"{name}-paging", ring("pocket"), repeats=repeats),), **more)


def desk(world: World) -> Speaker:
    world.has(staff("ann", repeats=True, email="ann@example.org"), staff("bob"), staff("dora"))
    world.team("dba", "ann", "bob")
    world.policy("db-duty", step("ann"), step("bob", wait=10 * MINUTE), team_id="dba")
    world.policy("web-duty", step("dora"))
    world.policy("rest-duty", step("dora"))
    world.key("db", "db-duty")
    world.key("web", "web-duty")
    world.key("everything", "rest-duty", default=True)
    return Speaker(world, DIALECT, victorops_keys(world))
