"""What each dialect publishes of itself is what it serves: every route, and nothing else."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from watchbill.api.datadog.routes import DIALECT as DATADOG
from watchbill.api.opsramp.routes import DIALECT as OPSRAMP
from watchbill.api.victorops.routes import DIALECT as VICTOROPS
from watchbill.asgi.descriptions import routes
from watchbill.asgi.dialect import Dialect
from watchbill.wiring.dialects import published

DESCRIPTIONS: Mapping[str, Any] = {name: json.loads(text) for name, text in published().items()}
METHODS = ("get", "post", "put", "patch", "delete")

DIALECTS = (VICTOROPS, DATADOG, OPSRAMP)
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


def operations(name: str) -> Iterator[tuple[str, str, Any]]:
    for path, item in DESCRIPTIONS[name]["paths"].items():
        yield from ((method.upper(), path, item[method]) for method in METHODS if method in item)


def address(path: str) -> str:
    """A path without the names of its parameters, which matter to nobody."""
    return re.sub(r"{[^}]*}", "{}", path)


def described(dialect: Dialect) -> set[tuple[str, str]]:
    return {(method, address(path)) for method, path, _ in operations(dialect.name)}


def served(dialect: Dialect) -> set[tuple[str, str]]:
    return {(route.method, address(route.path)) for route in dialect.routes}


def mentions(value: Any) -> Iterator[str]:
    """Every reference in a description."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        for each in value.values():
            yield from mentions(each)
    if isinstance(value, list):
        for each in value:
            yield from mentions(each)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no name stands twice."""
    assert len(dict(pairs)) == len(pairs), [name for name, _ in pairs]
    return dict(pairs)


@every_dialect
def test_nothing_is_described_twice(dialect: Dialect) -> None:
    json.loads(published()[dialect.name], object_pairs_hook=once)


@every_dialect
def test_what_is_described_is_what_is_served(dialect: Dialect) -> None:
    assert described(dialect) == served(dialect)


@every_dialect
def test_every_parameter_of_an_address_is_described(dialect: Dialect) -> None:
    for path, item in DESCRIPTIONS[dialect.name]["paths"].items():
        for method in (method for method in METHODS if method in item):
            parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
            named = {each["name"] for each in parameters if each["in"] == "path"}
            assert named == set(re.findall(r"{([^}]*)}", path)), f"{method} {path}"


@every_dialect
def test_every_reference_leads_somewhere_and_every_part_is_used(dialect: Dialect) -> None:
    description = DESCRIPTIONS[dialect.name]
    named = set(mentions(description))
    for kind in ("schemas", "responses"):
        there = {f"#/components/{kind}/{name}" for name in description["components"][kind]}
        assert there == {name for name in named if name.startswith(f"#/components/{kind}/")}


@every_dialect
def test_every_operation_has_a_name_of_its_own_and_a_summary(dialect: Dialect) -> None:
    found = [operation for _, _, operation in operations(dialect.name)]
    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["summary"] and operation["tags"] for operation in found)


@pytest.fixture
async def client() -> Any:
    app = Starlette(routes=routes(published()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://watchbill") as client:
        yield client


async def test_the_descriptions_are_listed_and_read_without_a_key(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/openapi/")).text.split()
    assert listed == [f"/openapi/{dialect.name}.json" for dialect in DIALECTS]
    for path in listed:
        answer = await client.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["openapi"].startswith("3.1")


async def test_there_is_no_description_of_anything_else(client: httpx.AsyncClient) -> None:
    assert (await client.get("/openapi/pagerduty.json")).status_code == 404
