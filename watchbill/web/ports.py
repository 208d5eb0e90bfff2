"""What the web needs of the rest of the house."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from watchbill.domain.delivery import Message
from watchbill.usecases.replies import Answer, Question


@dataclass(frozen=True, slots=True)
class WebPorts:
    """`look_up` and `answer` take the code of a page. They raise NotFound for one that is not ours and Unavailable
    without the database; `answer` also raises Conflict.

    `pocket_address` takes the token of a pocket and raises NotFound. `recent` gives a pocket's pages, the newest first;
    `listen` every page of any pocket from then on. `stopping` returns when the server begins to stop: open streams
    would keep it from stopping for as long as a browser shows a pocket.
    """

    look_up: Callable[[str], Awaitable[Question]]
    answer: Callable[[str, Answer], Awaitable[Question]]
    pocket_address: Callable[[str], str]
    recent: Callable[[str], tuple[Message, ...]]
    listen: Callable[[], AbstractContextManager[AsyncIterator[Message]]]
    stopping: Callable[[], Awaitable[object]]
    version: str
