"""A small company for the stories of this dialect: Ann is paged for "db", then Bob; Dora for "web"; who speaks for it
has the organization's key."""

from tests.dialects.speaking import Speaker, victorops_keys
from tests.stories.town import person, ring, step
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT
from watchbill.domain.civil import MINUTE

V1 = "/api-public/v1"


def desk(world: World) -> Speaker:
    world.has(person("ann", ring("pocket"), repeats=True, email="ann@example.org"), person("bob"), person("dora"))
    world.team("dba", "ann", "bob")
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE), team_id="dba")
    world.policy("web", step("dora"))
    world.policy("rest", step("dora"))
    world.key("db", "db")
    world.key("web", "web")
    world.key("everything", "rest", default=True)
    return Speaker(world, DIALECT, victorops_keys(world))
