"""What a command gives back to what runs it."""

from typing import NamedTuple

from rich.console import RenderableType

from watchbill.cli.ending import FINE


class Answer(NamedTuple):
    """`data` for scripts, `shown` for people, and the exit code."""

    data: object
    shown: RenderableType
    code: int = FINE
