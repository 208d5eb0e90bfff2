"""Which route an address leads to. A literal part goes before a parameter, whatever the order of the routes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote_to_bytes


class Addressed(Protocol):
    """`path` is like "/v1/team/{team}/members": each parameter fills one part, whatever is in it."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Addressed)


@dataclass(slots=True)
class _Node(Generic[R]):
    """`routes`: by method, each with the names of its parameters."""

    literal: dict[str, "_Node[R]"] = field(default_factory=dict)
    parameter: "_Node[R] | None" = None
    routes: dict[str, tuple[R, tuple[str, ...]]] = field(default_factory=dict)


class Paths(Generic[R]):
    def __init__(self, routes: Iterable[R]) -> None:
        self._root: _Node[R] = _Node()
        for route in routes:
            node, parts = self._root, _parts(route.path)
            for part in parts:
                node = _below(node, part)
            assert route.method not in node.routes, f"two routes for {route.method} {route.path}"
            node.routes[route.method] = route, tuple(part[1:-1] for part in parts if part.startswith("{"))

    def find(self, method: str, path: str) -> tuple[R | None, Mapping[str, str], Sequence[str]]:
        """The route of a raw (still percent-encoded) path, its parameters, and the methods that the address knows;
        none when there is no such address. Doubled slashes and one at the end don't matter; HEAD is a GET."""
        parts = [unquote_to_bytes(part).decode("utf-8", "replace") for part in _parts(path)]
        best: Sequence[str] = ()
        for node, values in _leaves(self._root, parts, 0):
            found = node.routes.get("GET" if method == "HEAD" else method)
            if found is not None:
                route, names = found
                return route, dict(zip(names, values, strict=True)), ()
            best = best or sorted(node.routes)
        return None, {}, best


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _below(node: _Node[R], part: str) -> _Node[R]:
    if not part.startswith("{"):
        return node.literal.setdefault(part, _Node())
    if node.parameter is None:
        node.parameter = _Node()
    return node.parameter


def _leaves(node: _Node[R], parts: Sequence[str], at: int) -> Iterable[tuple[_Node[R], tuple[str, ...]]]:
    """Every address that the parts fit, the most literal first, with what its parameters are."""
    if at == len(parts):
        if node.routes:
            yield node, ()
        return
    part = parts[at]
    if part in node.literal:
        yield from _leaves(node.literal[part], parts, at + 1)
    if node.parameter is not None:
        for leaf, values in _leaves(node.parameter, parts, at + 1):
            yield leaf, (part, *values)
