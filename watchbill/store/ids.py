"""UUIDv7 texts that rise within a node: 48 bits of milliseconds, 12 of their fraction, 62 from a random start."""

import random
import threading

RANDOM_BITS = 14
VARIANT = 2 << RANDOM_BITS
# Of the last 48 bits one is room to count up in.
START_BITS = 47


class Ids:
    """Two nodes never agree on a tail but by a chance of 2^-61; a clock set back doesn't turn the order round."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - ids tell things apart, they guard nothing
        self._lock = threading.Lock()
        self._now = -1
        self._stamp = -1
        self._head = ""
        self._tail = 0

    def new(self, now: int) -> str:
        with self._lock:
            if now != self._now:
                self._move_to(now)
            self._tail += 1
            return f"{self._head}{self._tail:012x}"

    def _move_to(self, now: int) -> None:
        """A new random tail."""
        self._now = now
        stamp = (now // 1000 << 12) | ((now % 1000 << 12) // 1000)
        if stamp > self._stamp:
            digits, drawn = f"{stamp >> 12:012x}", VARIANT | self._random.getrandbits(RANDOM_BITS)
            self._head = f"{digits[:8]}-{digits[8:]}-7{stamp & 0xFFF:03x}-{drawn:x}-"
            self._stamp, self._tail = stamp, self._random.getrandbits(START_BITS)


def first_id(at: int) -> str:
    """No id made at or after that moment is below this text."""
    digits = f"{max(0, at) // 1000:012x}"
    return f"{digits[:8]}-{digits[8:]}"
