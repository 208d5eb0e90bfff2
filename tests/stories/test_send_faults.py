"""A node may die at any instruction of a send: each page arrives at least once, and at most once more than needed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any

import pytest

from tests.stories.town import person, ring, step
from tests.stories.world import NODE, World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import HOUR, SECOND
from watchbill.usecases import deliveries, incidents
from watchbill.usecases.alerts import Arrival, take_in
from watchbill.usecases.departing import LEASE, Send, release


class Moment(Enum):
    BEFORE_THE_CLAIM = "before the claim"
    DURING_THE_CLAIM = "during the claim"
    AFTER_THE_CLAIM = "after the claim"
    AFTER_THE_SEND = "after the send, before the record"
    DURING_THE_RECORD = "during the record"
    AFTER_THE_RECORD = "after the record"


class Died(Exception):
    """The node is gone."""


# A page leaves by a claim of its own, or with the decision that asks for it, whose commit is the claim.
APART: list[tuple[bool, Moment]] = [(True, moment) for moment in Moment]
AT_ONCE: list[tuple[bool, Moment]] = [
    (False, moment) for moment in Moment if moment not in (Moment.BEFORE_THE_CLAIM, Moment.DURING_THE_CLAIM)
]
DECISIONS = (take_in, incidents.advance_due)

at_every_moment = pytest.mark.parametrize(
    ("apart", "moment"),
    APART + AT_ONCE,
    ids=lambda value: value.name.lower() if isinstance(value, Moment) else "apart" if value else "at_once",
)


class Mortal(World):
    """A world whose node dies once, at a given moment of a send, and is started anew. `apart`: pages leave by a claim
    of their own, as when a node has no room for more."""

    moment: Moment | None = None
    apart = False

    def write(self, fn: Callable[..., Any], *args: Any) -> Any:
        if self.apart and fn in DECISIONS:
            args = (args[0], None, *args[2:])
        if self.moment is Moment.BEFORE_THE_CLAIM and fn is deliveries.claim:
            self._dies()
        if self.moment is Moment.AFTER_THE_SEND and fn is deliveries.record:
            self._dies()
        if self.moment is Moment.DURING_THE_CLAIM and fn is deliveries.claim:
            return super().write(self._dies_inside, fn, *args)
        if self.moment is Moment.DURING_THE_RECORD and fn is deliveries.record:
            return super().write(self._dies_inside, fn, *args)
        done = super().write(fn, *args)
        if fn is take_in:
            self.remembers(done.receipts)
        claimed = fn is deliveries.claim or (fn in DECISIONS and not self.apart)
        if self.moment is Moment.AFTER_THE_CLAIM and claimed and sends_of(done):
            self._dies()
        if self.moment is Moment.AFTER_THE_RECORD and fn is deliveries.record:
            self._dies()
        return done

    def _dies(self) -> None:
        self.moment = None
        raise Died

    def _dies_inside(self, tx: object, fn: Callable[..., Any], *args: Any) -> None:
        fn(tx, *args)
        self._dies()

    def lives_through(self, act: Callable[[], object]) -> None:
        """Does it; when the node dies of it, another takes over."""
        try:
            act()
        except Died:
            self.restarts()


def sends_of(done: Any) -> Sequence[Send]:
    """What leaves after this commit."""
    found: Sequence[Send] = done.sends if isinstance(done, deliveries.Claimed) else done.kept.sends
    return found


@pytest.fixture
def mortal(shared_url: str) -> Iterator[Mortal]:
    world = Mortal(shared_url)
    world.has(person("ann", ring("pocket", then=HOUR)), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=HOUR))
    world.key("db", "db")
    yield world
    world.nothing_else_was_sent()
    world.close()


# How often each page arrives, and when the last time: the lease is what brings it back.
ARRIVALS = {
    Moment.BEFORE_THE_CLAIM: [0],
    Moment.DURING_THE_CLAIM: [0],
    Moment.AFTER_THE_CLAIM: [LEASE],
    Moment.AFTER_THE_SEND: [0, LEASE],
    Moment.DURING_THE_RECORD: [0, LEASE],
    Moment.AFTER_THE_RECORD: [0],
}


@at_every_moment
def test_a_page_survives_the_death_of_its_node(mortal: Mortal, apart: bool, moment: Moment) -> None:
    mortal.apart = apart
    mortal.moment = moment
    mortal.lives_through(lambda: mortal.alert("db", "disk"))
    mortal.pass_(59 * 60 * SECOND)
    for at in ARRIVALS[moment]:
        mortal.phone("ann").expects("disk", at=at)
    mortal.phone("ann").expects_nothing()
    mortal.pass_(HOUR)
    mortal.phone("bob").expects("disk", at=HOUR)
    assert {one.state.value for one in mortal.deliveries("disk")} == {"sent"}


@at_every_moment
def test_a_bundle_survives_the_death_of_its_node_as_a_whole(mortal: Mortal, apart: bool, moment: Moment) -> None:
    mortal.apart = apart
    titles = [f"incident {number}" for number in range(10)]
    for title in titles[:3]:
        mortal.alert("db", title)
    mortal.phone("ann").ignores_the_rest()
    for title in titles[3:]:
        mortal.alert("db", title)
    mortal.moment = moment
    mortal.lives_through(lambda: mortal.pass_(2 * 60 * SECOND))
    mortal.pass_(2 * 60 * SECOND)
    pages = mortal.phone("ann").ignores_the_rest()
    told = Counter(title for page in pages for title in page.titles)
    assert set(told) == set(titles[3:])
    assert max(told.values()) <= 2
    assert {mortal.deliveries(title)[0].state.value for title in titles[3:]} == {"sent", "carried"}
    for title in titles:
        mortal.acknowledges("ann", title)


@at_every_moment
def test_an_answer_before_the_restart_leaves_nothing_to_send(mortal: Mortal, apart: bool, moment: Moment) -> None:
    mortal.apart = apart
    mortal.moment = moment
    mortal.lives_through(lambda: mortal.alert("db", "disk"))
    mortal.phone("ann").ignores_the_rest()
    mortal.acknowledges("ann", "disk")
    mortal.stays_quiet(2 * HOUR)


def test_what_a_commit_claimed_whose_answer_was_lost_leaves_without_waiting_for_the_lease(mortal: Mortal) -> None:
    event = AlertEvent(Signal.CRITICAL, "disk", "disk", routing_key="db")
    mortal.write(take_in, mortal.now, NODE, [Arrival(mortal.org, "story", event)])
    mortal.write(release, NODE, mortal.now)
    mortal.pass_(0)
    mortal.phone("ann").expects("disk", at=0)
