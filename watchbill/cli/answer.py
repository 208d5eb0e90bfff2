"""What a command gives back to what runs it."""

from typing import NamedTuple

from rich.console import RenderableType

# Exit codes that scripts can use.
FINE, FOUND, USAGE, UNAVAILABLE = 0, 1, 2, 3


class Answer(NamedTuple):
    """`data` for scripts, `shown` for people, and the exit code."""

    data: object
    shown: RenderableType
    code: int = FINE
