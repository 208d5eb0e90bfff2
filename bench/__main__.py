"""`python -m bench [part …]`: measures, and shows tables; the figures go to var/bench/results.json as well."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict

import msgspec

from bench import footprint, history, intake, machine, pages, writes
from bench.figures import Part, shown
from bench.systems import WORK

PARTS: Mapping[str, Callable[[], Part]] = {
    "intake": intake.measure,
    "pages": pages.measure,
    "hanging": pages.hanging,
    "lateness": history.lateness,
    "history": history.measure,
    "on-call": history.on_duty,
    "writes": writes.measure,
    "footprint": footprint.measure,
}


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"there is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    where = machine.described()
    print("\n".join(f"{name}: {value}  " for name, value in where.items()), end="\n\n", flush=True)
    parts = []
    for name in wanted or PARTS:
        began = time.monotonic()
        part = PARTS[name]()
        part.notes.append(f"Measured in {time.monotonic() - began:.0f} s.")
        print(shown(part), flush=True)
        parts.append(part)
    WORK.mkdir(parents=True, exist_ok=True)
    results = {"machine": where, "parts": [asdict(part) for part in parts]}
    (WORK / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
