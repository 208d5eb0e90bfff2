"""The limits of the dialect, where they are on (reference, part 2.7)."""

from tests.dialects.speaking import Speaker, datadog_keys
from tests.stories.world import World
from watchbill.api.datadog.routes import DIALECT
from watchbill.domain.civil import SECOND

SCHEDULES = "/api/v2/on-call/schedules"


def test_every_answer_says_where_the_caller_stands_and_a_429_when_to_come_back(world: World) -> None:
    api = Speaker(world, DIALECT, datadog_keys(world), documented_limits=True)
    told = api.get(SCHEDULES).headers
    assert {name: told[f"x-ratelimit-{name}"] for name in ("limit", "period", "remaining", "name")} == {
        "limit": "600",
        "period": "60",
        "remaining": "599",
        "name": "on_call",
    }
    assert {api.get(SCHEDULES).status for _ in range(599)} == {200}
    refused = api.get(SCHEDULES)
    assert refused.status == 429
    assert refused.headers["x-ratelimit-reset"] == "60"
    assert refused.json["errors"]
    api.get("/api/v2/current_user").expect(200)
    world.pass_(60 * SECOND)
    api.get(SCHEDULES).expect(200)


def test_without_the_setting_nothing_is_counted(world: World) -> None:
    api = Speaker(world, DIALECT, datadog_keys(world))
    assert not [name for name in api.get(SCHEDULES).headers if name.startswith("x-ratelimit")]
