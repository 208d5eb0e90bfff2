"""Answers to pages by mail: the reply's address tells the page, its first words what to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from watchbill.domain.errors import Conflict, NotFound
from watchbill.usecases.replies import Answer

Answered = Callable[[int, str, Answer], Awaitable[object]]
Unsign = Callable[[str], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """`code` is the signed part of the address it was sent to; `command` what its text asks for, if anything."""

    code: str
    command: str | None


class Replies:
    """`unsign` opens a code (raises Refused when it is not ours); `answered` is the use case behind its transaction."""

    def __init__(self, unsign: Unsign, answered: Answered) -> None:
        self._unsign = unsign
        self._answered = answered

    async def take(self, reply: Reply) -> str:
        """Does what the reply asks; says in words what came of it. Raises Refused for a code that is not ours."""
        org, delivery_id = self._unsign(reply.code)
        if reply.command is None:
            return "nothing was asked: write 'ack' or 'resolve' in the first line"
        try:
            await self._answered(org, delivery_id, Answer(reply.command))
        except (Conflict, NotFound) as error:
            return error.message
        return f"{reply.command}d" if reply.command.endswith("e") else reply.command
