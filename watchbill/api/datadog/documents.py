"""JSON:API both ways (reference, part 2.5): what a request says, and resources, links and `included` of a reply.

Whatever is wrong with a body raises Invalid in the words of the original's framework (reference, part 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from watchbill.api.datadog.envelope import JSON, JSON_API, InvalidParameter
from watchbill.api.datadog.fields import LONGEST_LIST, Fields, identifier
from watchbill.asgi.requests import Call, Reply, json_of
from watchbill.domain.errors import Invalid

Resource = Mapping[str, Any]
LARGEST_NUMBER = 2**63 - 1
NO_DATA = 'document is missing required top-level members; must have one of: "data", "meta", "errors"'


# --- What is asked


class Data:
    """One resource of a request."""

    def __init__(self, given: Mapping[str, Any], type: str) -> None:
        if given.get("type") != type:
            raise Invalid(f'got type "{_shown(given.get("type"))}" expected one of "{type}"')
        members = Fields(given)
        self.id = members.maybe_text("id")
        self.attributes = _rooted(members.maybe_inner("attributes"))
        self._relationships = _rooted(members.maybe_inner("relationships"))

    def links(self, name: str, type: str) -> list[str] | None:
        """The ids that a to-many relationship links; None when it is not given."""
        given = self._relationships.maybe_inner(name)
        linked = given.maybe_each("data") if given else None
        return None if linked is None else [_linked(one, type) for one in linked]

    def link(self, name: str, type: str) -> str | None:
        """The id that a to-one relationship links; None when it is not given, or links nothing."""
        given = self._relationships.maybe_inner(name)
        linked = given.maybe_inner("data") if given else None
        return _linked(linked, type) if linked else None


def data_of(call: Call, type: str) -> Data:
    """The one resource in the body."""
    given = _data(call)
    if not isinstance(given, Mapping):
        raise Invalid('"data" must be a single resource object')
    return Data(given, type)


def all_data_of(call: Call, type: str) -> list[Data]:
    """The resources in a body that holds a list."""
    given = _data(call)
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise Invalid('"data" must be a list of resource objects')
    if len(given) > LONGEST_LIST:
        raise Invalid(f'"data" must have at most {LONGEST_LIST} items')
    return [Data(one, type) for one in given]


def check_id(data: Data, id: str) -> None:
    """Raises Invalid when a body names another thing than the path. What is no UUID is compared like any text."""
    if data.id is not None and data.id.lower() != id:
        raise Invalid(f'id "{data.id}" in the body does not match the id "{id}" in the path')


def _data(call: Call) -> Any:
    if not call.request.body.strip():
        raise Invalid("unexpected end of JSON input")
    document = json_of(call.request.body)
    if not isinstance(document, Mapping) or document.get("data") is None:
        raise Invalid(NO_DATA)
    return document["data"]


def _linked(given: Fields, type: str) -> str:
    found = given.text("type")
    if found != type:
        raise Invalid(f'got type "{found}" expected one of "{type}"')
    return given.uuid("id")


def _rooted(given: Fields | None) -> Fields:
    """Messages name what is in `attributes` by the path from there."""
    return given.rooted() if given else Fields({})


def _shown(value: object) -> str:
    return value[:100] if isinstance(value, str) else ""


# --- What the address asks


def path_id(call: Call, name: str) -> str:
    """The id in the path, in lower case. Raises InvalidParameter for what is no UUID."""
    found = identifier(call.params[name])
    if found is None:
        raise InvalidParameter(name, "path", "uuid")
    return found


def number_asked(call: Call, name: str, default: int, least: int = 0, most: int = LARGEST_NUMBER) -> int:
    """A number of the query string. Raises InvalidParameter for what is no number or out of bounds."""
    text = call.asked(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise InvalidParameter(name, "query", "int64")
    return int(text)


def included_paths(call: Call, allowed: Iterable[str]) -> frozenset[str]:
    """The paths that `include` asks for, with all on the way there; those that the operation does not know are left
    out."""
    given = [path for name, value in call.request.query if name == "include" for path in value.split(",")]
    known = {path.strip() for path in given} & set(allowed)
    return frozenset(".".join(path.split(".")[: depth + 1]) for path in known for depth in range(path.count(".") + 1))


# --- What is answered


def resource(
    type: str,
    id: str,
    attributes: Mapping[str, Any] | None = None,
    relationships: Mapping[str, Any] | None = None,
) -> Resource:
    """Attributes and relationships that are None are no members at all."""
    made: dict[str, Any] = {"id": id, "type": type}
    if attributes is not None:
        made["attributes"] = attributes
    if relationships is not None:
        made["relationships"] = relationships
    return made


def to_one(type: str, id: str | None) -> Mapping[str, Any]:
    return {"data": None if id is None else {"id": id, "type": type}}


def to_many(type: str, ids: Iterable[str]) -> Mapping[str, Any]:
    return {"data": [{"id": id, "type": type} for id in ids]}


def once(resources: Iterable[Resource]) -> list[Resource]:
    """Each resource where it came first."""
    found: dict[tuple[str, str], Resource] = {}
    for one in resources:
        found.setdefault((one["type"], one["id"]), one)
    return list(found.values())


def answer(
    data: Resource | Sequence[Resource] | None,
    included: Iterable[Resource] | None = None,
    status: int = 200,
    meta: Mapping[str, Any] | None = None,
    media_type: str = JSON_API,
) -> Reply:
    """`included` None: nothing was asked to be included, so there is no such member."""
    body: dict[str, Any] = {"data": data}
    if included is not None:
        body["included"] = once(included)
    if meta is not None:
        body["meta"] = meta
    return Reply(status, body, media_type=media_type)


def plain_answer(
    data: Resource | Sequence[Resource], included: Iterable[Resource] | None = None, status: int = 200
) -> Reply:
    """As the Users API and the older Teams operations answer."""
    return answer(data, included, status, media_type=JSON)
