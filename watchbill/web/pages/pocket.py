"""The pocket: a simulated phone in the browser."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from watchbill.domain.delivery import Message, Purpose
from watchbill.domain.errors import NotFound, Unavailable
from watchbill.usecases.replies import TO_PAGES, Answer, Question
from watchbill.web.ports import WebPorts
from watchbill.web.rendering import html, page
from watchbill.web.security import PRIVATE
from watchbill.web.showing import Moment, Shown, moment, shown_as_sent
from watchbill.web.stream import EventStream

# How often a phone looks whether the pages it shows were answered elsewhere, or the alert went away.
LOOK_AGAIN_SECONDS = 3.0
# So many incidents of a bundle stand open, the others behind a click: the buttons below must be within reach.
MOST_OPEN = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One page on the phone. `incident` is the address of the incident; `code` is empty, and `answers` too, when
    there is nothing to answer (any more). `held` incidents are not listed.
    """

    id: str
    organization: str
    at: Moment
    text: str
    code: str
    answers: tuple[Answer, ...]
    incident: str
    held: int
    reason: str
    subjects: tuple[Shown, ...]

    @property
    def count(self) -> int:
        return len(self.subjects) + self.held

    @property
    def urgent(self) -> bool:
        return any(one.urgent for one in self.subjects)

    @property
    def spoken(self) -> str:
        """For those who hear it."""
        if not self.subjects:
            return f"New message: {self.text}"
        first = self.subjects[0]
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"New {'urgent ' if self.urgent else ''}page: #{first.number} {first.title}{more}"


class PocketPages:
    def __init__(self, ports: WebPorts) -> None:
        self._ports = ports

    async def show(self, request: Request) -> Response:
        token = request.path_params["token"]
        address = self._ports.pocket_address(token)
        return page("pocket.html", token=token, address=address, first=MOST_OPEN, cards=await self._cards(address))

    async def events(self, request: Request) -> Response:
        address = self._ports.pocket_address(request.path_params["token"])
        if request.method == "HEAD":
            return Response(None, 200, PRIVATE, EventStream.media_type)
        return EventStream(self._pages(address), self._ports.stopping)

    async def _pages(self, address: str) -> AsyncGenerator[bytes]:
        """What is there (a browser that was away has missed some, and others may have answered), then what comes, and
        what changes."""
        known: dict[str, Card] = {}
        with self._ports.listen() as arriving:
            for card in reversed(await self._cards(address)):
                known[card.id] = card
                yield _event(card)
            async for message in _with_pauses(arriving):
                if message is None:
                    fresh = await self._changed(address, known)
                elif message.address == address:
                    fresh = [_card(message, await self._question(message))]
                else:
                    continue
                for card in fresh:
                    known[card.id] = card
                    yield _event(card)

    async def _changed(self, address: str, known: dict[str, Card]) -> list[Card]:
        """What stands otherwise than it was shown. What the phone has forgotten is forgotten in `known` as well."""
        recent = self._ports.recent(address)
        for gone in known.keys() - {message.delivery_id for message in recent}:
            del known[gone]
        unsettled = [one for one in recent if one.delivery_id in known and known[one.delivery_id].answers]
        cards = [_card(one, question) for one in unsettled if (question := await self._question(one))]
        return [card for card in cards if card != known[card.id]]

    async def _cards(self, address: str) -> list[Card]:
        messages = self._ports.recent(address)
        questions = await asyncio.gather(*map(self._question, messages))
        return [_card(message, question) for message, question in zip(messages, questions, strict=True)]

    async def _question(self, message: Message) -> Question | None:
        """How it stands now; None when that can't be known, and the page is shown as it was sent."""
        if not message.code or message.purpose is not Purpose.PAGE:
            return None
        try:
            return await self._ports.look_up(message.code)
        except (NotFound, Unavailable):
            return None


async def _with_pauses(arriving: AsyncIterator[Message]) -> AsyncGenerator[Message | None]:
    """What arrives, and None whenever it is time to look again."""
    following = asyncio.ensure_future(anext(arriving))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=LOOK_AGAIN_SECONDS)
            if not done:
                yield None
                continue
            yield following.result()
            following = asyncio.ensure_future(anext(arriving))
    finally:
        following.cancel()


def _card(message: Message, question: Question | None) -> Card:
    now = {one.number: one for one in question.incidents} if question else {}
    answers = question.answers if question else TO_PAGES if message.purpose is Purpose.PAGE else ()
    incident = message.links.get("incident", "")
    return Card(
        id=message.delivery_id,
        organization=message.organization,
        at=moment(message.at, message.zone),
        text=message.text,
        code=message.code if answers else "",
        answers=answers,
        incident=incident if incident.startswith(("https://", "http://")) else "",
        held=message.held,
        reason=message.subjects[0].reason if message.subjects else "",
        subjects=tuple(shown_as_sent(one, message.zone, now.get(one.number)) for one in message.subjects),
    )


def _event(card: Card) -> bytes:
    # JSON keeps an alert's line breaks from ending the event.
    said = {"html": html("card.html", card=card, first=MOST_OPEN).strip(), "spoken": card.spoken, "urgent": card.urgent}
    return f"event: page\ndata: {json.dumps(said)}\n\n".encode()
