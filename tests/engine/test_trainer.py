"""One training file after the other, kept in parts, and taken up again after a death."""

from collections.abc import Sequence

import pytest

from watchbill.domain.civil import SECOND
from watchbill.domain.training import COMPLETE, ESCALATION, FAILED, QUEUED, Group, TrainingFile
from watchbill.engine.trainer import BATCH, EVERY, Shelf, trainer

NOW = 1_800_000_000 * SECOND
FILE = TrainingFile(1, ESCALATION, "teams.csv", NOW, ("metric",), ("incident.priority",), QUEUED)


class Kept:
    """A shelf in memory; `dies` at this many parts."""

    def __init__(self, rows: int, dies: int = 99) -> None:
        lines = [f"m{n},High" for n in range(rows)]
        self.queue = [(FILE, "\n".join(["metric,incident.priority", *lines]).encode())]
        self.groups: dict[bytes, Group] = {}
        self.parts: list[int] = []
        self.finished: list[TrainingFile] = []
        self.dies = dies

    async def waiting(self) -> tuple[TrainingFile, bytes] | None:
        return self.queue[0] if self.queue else None

    async def forget(self, file: TrainingFile, limit: int) -> int:
        gone = list(self.groups)[:limit]
        for key in gone:
            del self.groups[key]
        return len(gone)

    async def add(self, file: TrainingFile, groups: Sequence[Group]) -> None:
        if len(self.parts) == self.dies:
            self.dies = 99
            raise ConnectionError
        self.parts.append(len(groups))
        self.groups |= {group.key: group for group in groups}

    async def finish(self, file: TrainingFile) -> bool:
        self.queue.clear()
        self.finished.append(file)
        return True

    def shelf(self) -> Shelf:
        return Shelf(self.waiting, self.forget, self.add, self.finish)


async def test_it_learns_in_parts_and_looks_again_later() -> None:
    kept = Kept(2 * BATCH + 1)
    loop = trainer(kept.shelf(), lambda: NOW)
    assert (await loop.act(NOW)).more
    assert kept.parts == [BATCH, BATCH, 1]
    assert [(file.state, file.rows) for file in kept.finished] == [(COMPLETE, 2 * BATCH + 1)]
    assert (await loop.act(NOW + 1)).next_due == NOW + EVERY
    assert not (await loop.act(NOW + EVERY)).more
    kept.queue.append((FILE, b""))
    assert (await loop.act(NOW - 10 * EVERY)).more  # the clock was set back


async def test_a_death_in_the_middle_leaves_it_waiting_and_nothing_is_left_of_it() -> None:
    kept = Kept(2 * BATCH, dies=1)
    with pytest.raises(ConnectionError):
        await trainer(kept.shelf(), lambda: NOW).act(NOW)
    assert not kept.finished
    kept.queue[0] = (FILE, b"metric,incident.priority\ndisk,Low\n")
    await trainer(kept.shelf(), lambda: NOW).act(NOW)
    assert [group.outputs for group in kept.groups.values()] == [{"incident.priority": "Low"}]


async def test_what_can_not_be_learned_from_says_why() -> None:
    kept = Kept(0)
    kept.queue[0] = (FILE, b"colour\n")
    await trainer(kept.shelf(), lambda: NOW).act(NOW)
    (file,) = kept.finished
    assert (file.state, file.why) == (FAILED, "The file has no column metric")
