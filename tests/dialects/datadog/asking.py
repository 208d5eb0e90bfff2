"""Requests of this dialect in few words."""

from typing import Any

from tests.dialects.speaking import Speaker, datadog_keys
from tests.stories.world import World
from watchbill.api.datadog.routes import DIALECT
from watchbill.domain.people import Role

NOBODY = "00000000-dead-beef-dead-ffffffffffff"


def speaker(world: World, name: str = "admin", role: Role = Role.GLOBAL_ADMIN, **around: Any) -> Speaker:
    return Speaker(world, DIALECT, datadog_keys(world, name, role), **around)


def body(type: str, attributes: Any = None, id: str | None = None, **relationships: Any) -> dict[str, Any]:
    """A document. A relationship is (type, id), or a list of such pairs."""
    data: dict[str, Any] = {"type": type}
    if id is not None:
        data["id"] = id
    if attributes is not None:
        data["attributes"] = attributes
    if relationships:
        data["relationships"] = {name: {"data": _linked(given)} for name, given in relationships.items()}
    return {"data": data}


def _linked(given: Any) -> Any:
    if isinstance(given, list):
        return [{"type": type, "id": id} for type, id in given]
    return given and {"type": given[0], "id": given[1]}


def made_user(api: Speaker, email: str = "Ann@Example.com", **attributes: Any) -> Any:
    return api.post("/api/v2/users", body("users", {"email": email, **attributes})).expect(201)["data"]


def made_team(api: Speaker, handle: str = "ops", **attributes: Any) -> Any:
    given = {"handle": handle, "name": f"Team {handle}", **attributes}
    return api.post("/api/v2/team", body("team", given)).expect(201)["data"]


def errors(answer: Any) -> Any:
    return answer["errors"]
