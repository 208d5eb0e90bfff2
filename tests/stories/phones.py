"""Simulated phones: each message that reaches one is kept, until the story says that it was expected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from watchbill.domain.civil import HOUR, MINUTE, SECOND
from watchbill.domain.delivery import Delivery, Message, Outcome, Verdict

# A message expected at a moment may come this much later.
PROMPT = 1 * SECOND

Answer = Callable[["Received", str], None]


class Trouble(Enum):
    """What can be wrong with a way to reach somebody."""

    RETRY = "it may work later"
    NEVER = "it can't work"
    HANGS = "no answer ever comes"
    LIES = "accepted, and lost"
    CRASHES = "the message arrives, and the sending node dies"


VERDICTS = {
    Trouble.RETRY: Verdict(Outcome.RETRY, "busy"),
    Trouble.NEVER: Verdict(Outcome.NEVER, "no such address"),
    Trouble.LIES: Verdict(Outcome.ACCEPTED, "accepted"),
}


class NodeDied(Exception):
    """In mid-send."""


class NoAnswer(Exception):
    """The provider hangs."""


@dataclass(slots=True)
class Received:
    at: int
    channel: str
    titles: tuple[str, ...]
    message: Message
    answer: Answer
    expected: bool = False

    def replies(self, what: str) -> None:
        """ "ack" or "resolve", as by the link in the message."""
        self.answer(self, what)

    def __str__(self) -> str:
        held = f" and {self.message.held} more" if self.message.held else ""
        return f"{clock(self.at)} {self.channel} {self.message.address}: {', '.join(self.titles)}{held}"


@dataclass(slots=True)
class Trap:
    """A trouble of one channel (None: any) and provider, for so many sends (None: always)."""

    trouble: Trouble
    channel: str | None = None
    provider: int = 0
    left: int | None = None


@dataclass(slots=True)
class Phone:
    """Everything that reaches one person, or one machine. `now` is the story's clock, counted from its beginning."""

    owner: str
    now: Callable[[], int]
    received: list[Received] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)

    # What the world does to it
    def take(self, message: Message, delivery: Delivery, answer: Answer) -> Verdict:
        trap = self._trap(delivery)
        if trap is None or trap.trouble is Trouble.CRASHES:
            titles = tuple(subject.title for subject in message.subjects)
            self.received.append(Received(self.now(), delivery.channel, titles, message, answer))
        if trap is None:
            return Verdict(Outcome.ACCEPTED)
        if trap.trouble is Trouble.CRASHES:
            raise NodeDied
        if trap.trouble is Trouble.HANGS:
            raise NoAnswer
        return VERDICTS[trap.trouble]

    def _trap(self, delivery: Delivery) -> Trap | None:
        for trap in self.traps:
            if trap.channel in (None, delivery.channel) and trap.provider == delivery.provider and trap.left != 0:
                if trap.left is not None:
                    trap.left -= 1
                return trap
        return None

    # What the story says of it
    def breaks(self, trouble: Trouble, by: str | None = None, provider: int = 0, times: int | None = None) -> "Phone":
        self.traps.append(Trap(trouble, by, provider, times))
        return self

    def works(self) -> None:
        self.traps.clear()

    def expects(self, *titles: str, at: int | None = None, within: int = PROMPT, by: str | None = None) -> Received:
        """The next message, which tells of these incidents. `at` and `within` are counted from the story's start."""
        waiting = [one for one in self.received if not one.expected and by in (None, one.channel)]
        assert waiting, f"{self.owner} got nothing about {titles}; so far: {self.story()}"
        found = waiting[0]
        assert set(titles) <= set(found.titles), f"{self.owner} got '{found}' before {titles}; {self.story()}"
        if at is not None:
            assert at <= found.at <= at + within, f"'{found}' was expected at {clock(at)}; {self.story()}"
        found.expected = True
        return found

    def expects_nothing(self) -> None:
        unexpected = [str(one) for one in self.received if not one.expected]
        assert not unexpected, f"{self.owner} was sent without need: {unexpected}"

    def ignores_the_rest(self) -> list[Received]:
        """All that was not expected so far, which is all right."""
        rest = [one for one in self.received if not one.expected]
        for one in rest:
            one.expected = True
        return rest

    def story(self) -> str:
        return "; ".join(str(one) for one in self.received) or "nothing"


def clock(at: int) -> str:
    """A time since the story's beginning."""
    return f"{at // HOUR}:{at % HOUR // MINUTE:02}:{at % MINUTE / SECOND:06.3f}"
