"""What a channel is, what it tells about itself, and which providers serve which channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from watchbill.domain.delivery import Message, Verdict


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a contact of this channel holds: its address, its secret, or a key of its settings."""

    name: str
    label: str
    hint: str = ""
    required: bool = True
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What forms and checks need to know of a channel, so that they need no `if`.

    `contact_kind` is the kind of contact it sends to. `replies`: an answer to the message can acknowledge.
    `receipts`: the provider reports later whether it arrived. `personal`: for people, not only for machines.
    """

    channel: str
    label: str
    contact_kind: str
    fields: tuple[Field, ...]
    replies: bool = False
    receipts: bool = False
    personal: bool = True


class Channel(Protocol):
    """One provider of one channel.

    `send` never raises (but for cancellation), stores nothing and reads no clock. No text it returns holds a
    secret. `check_address` says what is wrong with an address in one sentence, or nothing.
    """

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> Description: ...

    def check_address(self, address: str) -> str | None: ...

    async def send(self, message: Message) -> Verdict: ...

    async def close(self) -> None: ...


class Registry:
    """Channel name → its providers in order: the primary one, then its substitutes."""

    def __init__(self, providers: Iterable[Channel]) -> None:
        self._providers: dict[str, tuple[Channel, ...]] = {}
        for provider in providers:
            channel = provider.description.channel
            self._providers[channel] = (*self._providers.get(channel, ()), provider)

    def providers(self, channel: str) -> tuple[Channel, ...]:
        """Empty when nothing serves that channel here."""
        return self._providers.get(channel, ())

    def descriptions(self) -> tuple[Description, ...]:
        return tuple(providers[0].description for providers in self._providers.values())

    def check(self, channel: str, address: str, settings: Mapping[str, object]) -> str | None:
        """What keeps us from sending to a contact over that channel, in one sentence; None if nothing."""
        if not self.providers(channel):
            return f"no provider for '{channel}' is set up; there are: {', '.join(self._providers) or 'none'}"
        primary = self._providers[channel][0]
        for field in primary.description.fields:
            known = field.name in ("address", "secret") or field.name in settings
            if field.required and not known:
                return f"'{field.name}' is missing: {field.hint or field.label}"
        return primary.check_address(address)

    async def close(self) -> None:
        for providers in self._providers.values():
            for provider in providers:
                await provider.close()
