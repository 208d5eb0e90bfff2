"""Pages of lists that count by number and size, as users, teams and memberships do (reference, part 4.10)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from watchbill.api.datadog.documents import Resource, number_asked, once
from watchbill.api.datadog.envelope import InvalidParameter
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.record import record

T = TypeVar("T")
Order = Callable[[T], Any]

USUAL_SIZE = 10
LARGEST_SIZE = 5000


@record
class Page:
    """`number` counts from 0."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return self.number * self.size

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        return rows[self.offset : self.offset + self.size]


def page_asked(call: Call) -> Page:
    """Raises InvalidParameter for numbers out of bounds."""
    return Page(number_asked(call, "page[number]", 0), number_asked(call, "page[size]", USUAL_SIZE, 1, LARGEST_SIZE))


def order_asked(call: Call, orders: Mapping[str, Order[T]]) -> tuple[Order[T], bool]:
    """By what `sort` orders, by name unless it says so, and whether downwards. Raises InvalidParameter."""
    asked = call.asked("sort") or "name"
    order = orders.get(asked.removeprefix("-"))
    if order is None:
        raise InvalidParameter("sort", "query", ", ".join(orders))
    return order, asked.startswith("-")


def listed(rows: Sequence[Resource], included: Iterable[Resource] | None, **more: Mapping[str, Any]) -> Reply:
    """`more`: further members of the document (meta, links)."""
    body: dict[str, Any] = {"data": rows}
    if included is not None:
        body["included"] = once(included)
    return Reply(body={**body, **more})


def pagination(page: Page, total: int) -> Mapping[str, Any]:
    """As teams have it: the next page is told even where there is none (recorded)."""
    return {
        "offset": page.offset,
        "first_offset": 0,
        "prev_offset": max(0, page.offset - page.size),
        "next_offset": page.offset + page.size,
        "last_offset": max(0, total - 1) // page.size * page.size,
        "limit": page.size,
        "type": "offset_limit",
        "total": total,
    }


def links(call: Call, page: Page, total: int) -> Mapping[str, str | None]:
    """Addresses of the pages around this one, with all else that was asked."""
    before, after = page.number > 0, page.offset + page.size < total
    return {
        "self": _address(call, page, page.number),
        "first": _address(call, page, 0),
        "prev": _address(call, page, page.number - 1) if before else None,
        "next": _address(call, page, page.number + 1 if after else page.number),
        "last": _address(call, page, max(0, total - 1) // page.size),
    }


def _address(call: Call, page: Page, number: int) -> str:
    kept = [(name, value) for name, value in call.request.query if name not in ("page[number]", "page[size]")]
    query = urlencode([*kept, ("page[number]", str(number)), ("page[size]", str(page.size))])
    return f"{call.request.url}{call.request.path}?{query}"
