"""Threads that meet a type for the first time at the same moment both read it; a race here crashes the process."""

import subprocess
import sys

STORY = """
import dataclasses, sys, threading
from watchbill.store import codec

sys.setswitchinterval(1e-6)

for _ in range(60):
    inner = dataclasses.make_dataclass("Inner", [("a", int), ("b", str, "")], frozen=True)
    fields = [(f"f{number}", tuple[inner, ...], dataclasses.field(default=())) for number in range(30)]
    kind = dataclasses.make_dataclass("Outer", [("x", int), *fields], frozen=True)
    together = threading.Barrier(4)

    def read():
        together.wait()
        assert codec.decode(kind, '{"x": 1, "f29": [{"a": 3}]}').f29[0].a == 3

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_learn_a_type_one_after_the_other() -> None:
    done = subprocess.run([sys.executable, "-c", STORY], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
