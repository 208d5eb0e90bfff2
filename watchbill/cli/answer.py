"""What a command gives back to what runs it."""

import re
from typing import NamedTuple

from rich.console import RenderableType
from rich.markup import escape

from watchbill.cli.ending import FINE


class Answer(NamedTuple):
    """`data` for scripts, `shown` for people, and the exit code."""

    data: object
    shown: RenderableType
    code: int = FINE


# What would move the cursor, colour the rest, set the window's title, or turn the text around.
_COMMANDS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


def cell(text: str) -> str:
    """A text for a table, as it is: a sender's title is no markup, and gives the terminal no commands."""
    return escape(_COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text))
