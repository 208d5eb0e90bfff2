"""UUIDv7 texts that rise within a node: 48 bits of milliseconds, 12 of their fraction, 62 from a random start."""

import random
import threading

TAIL_BITS = 62
FRESH_BITS = TAIL_BITS - 1  # a fresh tail leaves room to count up
STEP_BITS = 24
VERSION_AND_VARIANT = (7 << 76) | (2 << 62)


class Ids:
    """Two nodes never agree on a tail but by a chance of 2^-61; a clock set back doesn't turn the order round."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - ids tell things apart, they guard nothing
        self._lock = threading.Lock()
        self._stamp = 0
        self._tail = 0

    def new(self, now: int) -> str:
        stamp = (now // 1000 << 12) | ((now % 1000 << 12) // 1000)
        with self._lock:
            if stamp > self._stamp:
                self._stamp, self._tail = stamp, self._random.getrandbits(FRESH_BITS)
            else:
                self._tail += 1 + self._random.getrandbits(STEP_BITS)
                if self._tail >> TAIL_BITS:
                    self._stamp, self._tail = self._stamp + 1, self._random.getrandbits(FRESH_BITS)
            stamp, tail = self._stamp, self._tail
        digits = f"{(stamp >> 12 << 80) | ((stamp & 0xFFF) << 64) | tail | VERSION_AND_VARIANT:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
