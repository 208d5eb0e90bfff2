"""The documented limits (reference, part 1.3), where they are on."""

from tests.dialects.speaking import Speaker, victorops_keys
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT
from watchbill.domain.civil import SECOND


def statuses(api: Speaker, method: str, path: str, count: int) -> list[int]:
    return [api.ask(method, path, [] if method == "POST" else None).status for _ in range(count)]


def test_each_call_has_a_limit_of_its_own(world: World) -> None:
    api = Speaker(world, DIALECT, victorops_keys(world), documented_limits=True)
    assert statuses(api, "GET", "/api-public/v1/team", 3) == [200, 200, 429]
    assert statuses(api, "GET", "/api-public/v1/user", 3) == [200, 200, 429]
    assert statuses(api, "GET", "/api-public/v1/user/admin", 2) == [200, 200]
    refused = api.get("/api-public/v1/team")
    assert refused.headers["retry-after"] == "1"
    assert refused.json["message"] == "Too Many Requests"
    world.pass_(SECOND)
    api.get("/api-public/v1/team").expect(200)


def test_calls_with_another_limit(world: World) -> None:
    api = Speaker(world, DIALECT, victorops_keys(world), documented_limits=True)
    assert statuses(api, "GET", "/api-public/v1/profile/admin/policies", 2) == [200, 429]
    assert statuses(api, "POST", "/api-public/v1/user/batch", 16) == [200] * 15 + [429]


def test_nothing_is_limited_where_they_are_off(world: World) -> None:
    api = Speaker(world, DIALECT, victorops_keys(world))
    assert set(statuses(api, "GET", "/api-public/v1/team", 20)) == {200}
