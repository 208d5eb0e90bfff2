"""What a command needs of the session that runs it, and what it gives back."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

from rich.console import RenderableType

T = TypeVar("T")

FINE, FOUND = 0, 1


class Opened(Protocol):
    """An opened database, and the clock."""

    @property
    def clock(self) -> Callable[[], int]: ...
    def write(self, fn: Callable[..., T], *args: Any) -> T: ...
    def read(self, fn: Callable[..., T], *args: Any) -> T: ...


class Answer(NamedTuple):
    """`data` for scripts, `shown` for people, and the exit code."""

    data: object
    shown: RenderableType
    code: int = FINE
