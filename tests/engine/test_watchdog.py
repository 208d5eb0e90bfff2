"""The two alarms on ourselves: raised once, cleared once, and cleared for a node that died with one open."""

from watchbill.domain.civil import DAY, MINUTE, SECOND
from watchbill.domain.records import Health
from watchbill.engine.janitor import janitor
from watchbill.engine.watchdog import EVERY, watchdog

NOW = 1_800_000_000 * SECOND
WELL = Health(5, NOW + MINUTE, 0, 3, NOW + SECOND)


async def told(*found: Health) -> list[list[tuple[str, bool]]]:
    """What each look at these states in turn raises and clears."""
    heard: list[tuple[str, bool]] = []
    now = NOW
    state = WELL

    async def examine(_: int) -> Health:
        return state

    async def alarm(name: str, text: str, on: bool) -> None:
        heard.append((name, on))

    loop = watchdog(examine, alarm, lambda: now)
    looks = []
    for each in found:
        state = each
        await loop.act(now)
        looks.append(list(heard))
        heard.clear()
        now += EVERY
    return looks


async def test_an_alarm_is_raised_once_and_cleared_once() -> None:
    stuck = Health(5, NOW + MINUTE, 2, 3, None)
    assert await told(WELL, stuck, stuck, WELL, WELL) == [
        [("stuck", False), ("late", False)],
        [("stuck", True)],
        [],
        [("stuck", False)],
        [],
    ]


async def test_late_work_of_either_queue_is_an_alarm() -> None:
    late = NOW - 2 * MINUTE
    for health in (Health(1, late, 0, 0, None), Health(1, None, 0, 1, late)):
        assert (await told(health))[0] == [("stuck", False), ("late", True)]
    assert (await told(Health(1, NOW - MINUTE, 0, 1, NOW)))[0] == [("stuck", False), ("late", False)]


async def test_a_clock_that_is_set_back_silences_nothing() -> None:
    looks: list[int] = []

    async def examine(now: int) -> Health:
        looks.append(now)
        return WELL

    async def forget(moment: int, limit: int) -> int:
        looks.append(moment)
        return 0

    async def alarm(name: str, text: str, on: bool) -> None:
        pass

    for loop in (watchdog(examine, alarm, lambda: NOW), janitor(forget, 0, lambda: NOW)):
        looks.clear()
        for now in (NOW, NOW, NOW - 365 * DAY, NOW - 365 * DAY):
            await loop.act(now)
        assert looks == [NOW, NOW - 365 * DAY]
