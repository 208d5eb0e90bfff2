"""Memory and the time to start.

An installation has its bytecode written by whoever installed it. So the server may write its own here, whatever this
process was told, and is started once before it is measured.
"""

import time
from contextlib import ExitStack

from bench.client import send, victorops
from bench.figures import Part, Row, at_most, middle, milliseconds
from bench.history import microseconds
from bench.machine import pss_mib
from bench.seed import opened
from bench.sink import serving
from bench.systems import Sqlite, folder, watchbill

STARTS = 5


def measure() -> Part:
    with ExitStack() as stack:
        where, sink = stack.enter_context(folder()), stack.enter_context(serving())
        system = Sqlite(where, sink.url)
        key = system.example.key
        url = stack.enter_context(system.fresh())
        starts, idle = [], []
        with watchbill(url, where):
            pass
        for _ in range(STARTS):
            with watchbill(url, where) as server:
                starts.append(server.started_in)
                time.sleep(1)
                idle.append(pss_mib(server.pid))
        opened(url, system.example.org, [(microseconds(), 100_000)])
        with watchbill(url, where) as server:
            send(server.port, [victorops(f"k-m-{n}", key, f"team-{n % 8}") for n in range(5_000)], 500)
            full = pss_mib(server.pid)
    start = middle(starts)
    return Part(
        "footprint",
        "Memory and start",
        [
            Row("from exec to the first answer", milliseconds(start), "500 ms", at_most(start, 0.5), {"all": starts}),
            _memory("memory, idle", middle(idle), 80),
            _memory("memory at 100,000 open incidents and 500 alerts/s", full, 200),
        ],
        ["Memory is the proportional set size; start is the median of five, on a database that is there already."],
    )


def _memory(what: str, found: float, bar: float) -> Row:
    return Row(what, f"{found:.0f} MiB", f"{bar:.0f} MiB", at_most(found, bar), {"mib": found})
