"""Pages of a list, by number (reference, part 1.5)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from watchbill.asgi.requests import Call, Reply

T = TypeVar("T")

USUAL_SIZE = 100
LARGEST_SIZE = 1000
LAST_PAGE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The page that is asked for. What is no sensible number is as if it was not there."""

    number: int
    size: int
    sort: str
    descending: bool

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def wanted(call: Call, sorts: Iterable[str], descending: bool = True) -> Wanted:
    """`sorts`: what the list can be sorted by, the usual first. The last of several parameters of one name counts."""
    known = list(sorts)
    sort = call.asked("sortName") or ""
    order = (call.asked("isDescendingOrder") or "").lower()
    return Wanted(
        number=_number(call.asked("pageNo"), 1, LAST_PAGE),
        size=_number(call.asked("pageSize"), USUAL_SIZE, LARGEST_SIZE),
        sort=sort if sort in known else known[0],
        descending=order == "true" if order in ("true", "false") else descending,
    )


def _number(text: str | None, otherwise: int, most: int) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 12:
        return otherwise
    return min(int(text), most) or otherwise


def envelope(page: Wanted, rows: Sequence[Any], total: int) -> Mapping[str, Any]:
    pages = -(-total // page.size)
    following = page.number < pages
    told = {
        "results": rows,
        "totalResults": total,
        "orderBy": page.sort,
        "pageNo": page.number,
        "pageSize": page.size,
        "totalPages": pages,
        "nextPage": following,
        "previousPageNo": page.number - 1,
        "descendingOrder": page.descending,
    }
    return told | {"nextPageNo": page.number + 1} if following else told


def paged(
    page: Wanted, items: Iterable[T], sorts: Mapping[str, Callable[[T], Any]], row: Callable[[T], Mapping[str, Any]]
) -> Reply:
    """One page of things that are all at hand; only those shown are put into words. Up is down backwards, exactly:
    equals stand in the order in which they came."""
    ordered = sorted(items, key=sorts[page.sort])
    if page.descending:
        ordered.reverse()
    shown = ordered[page.offset : page.offset + page.size]
    return Reply(body=envelope(page, [row(item) for item in shown], len(ordered)))
