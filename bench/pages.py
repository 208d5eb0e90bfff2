"""From the request to the page: an open loop sends, a webhook server in the same process sees the pages come out.

What is measured is more than the promise: both HTTP requests on top of it, ours being asked and ours asking. So at
1,000 alerts/s, where both share two cores with those who ask and are asked, the server's own histogram is read too.
"""

import os
import time
from contextlib import ExitStack
from itertools import count

from bench.client import Sent, alertmanager, send, victorops
from bench.figures import Part, Row, at_most, middle, milliseconds, percentile
from bench.sink import Sink, serving
from bench.systems import Process, Sqlite, folder, has_alertmanager, quantile_bound, since, watchbill
from bench.systems import alertmanager as alertmanager_server

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PHONES = 2_000
CROWDED = "1,000 alerts/s"
HANDED = "watchbill_first_page_lateness_seconds"
SETTLE = 15.0
Post = tuple[str, str, str]
_runs = count(1)


def _told(ingest: str, size: int, route: str, every: int = 0) -> list[Post]:
    """Alerts with new keys. With `every`, to so many people in turn, each over a routing key of their own."""
    run = next(_runs)
    return [victorops(f"k-{run}-{n}", ingest, f"{route}{n % every}" if every else route) for n in range(size)]


def _await(sink: Sink, keys: list[str]) -> None:
    until = time.monotonic() + SETTLE
    while time.monotonic() < until and not all(key in sink.seen for key in keys):
        time.sleep(0.02)


def _delays(sink: Sink, sent: Sent) -> list[float]:
    """From the moment a post was due to its page; one that never came counts as endless."""
    return [sink.seen.get(key, float("inf")) - due for key, due in sent.due.items()]


def _run(server: Process, sink: Sink, posts: list[Post], rate: float) -> tuple[Sent, list[float]]:
    sent = send(server.port, posts, rate)
    _await(sink, list(sent.due))
    assert not sent.refused, f"{sent.refused} posts were refused"
    return sent, _delays(sink, sent)


def _steady(row: str, runs: list[list[float]], bars: tuple[float, float] | None) -> Row:
    p50, p99 = (middle([percentile(run, share) for run in runs]) for share in (0.5, 0.99))
    bar = f"p50 {milliseconds(bars[0])}, p99 {milliseconds(bars[1])}" if bars else ""
    holds = (at_most(p50, bars[0]) and at_most(p99, bars[1])) if bars else None
    return Row(row, f"p50 {milliseconds(p50)}, p99 {milliseconds(p99)}", bar, holds, {"p50": p50, "p99": p99})


def _burst(row: str, runs: list[list[float]], bar: float | None) -> Row:
    first, last = (middle([percentile(run, share) for run in runs]) for share in (0.5, 1.0))
    shown = f"p50 {milliseconds(first)}, last {milliseconds(last)}"
    return Row(row, shown, milliseconds(bar) if bar else "", at_most(last, bar) if bar else None, {"last": last})


def _handed(server: Process, before: list[tuple[float, float]]) -> tuple[float, float]:
    """Of the pages since then: bounds of the median and the 99th percentile from an alert's acceptance to a channel."""
    buckets = since(before, server.buckets(HANDED))
    return quantile_bound(buckets, 0.5), quantile_bound(buckets, 0.99)


def _promise(bounds: list[tuple[float, float]]) -> Row:
    p50, p99 = (middle(list(each)) for each in zip(*bounds, strict=True))
    shown = f"p50 <= {milliseconds(p50)}, p99 <= {milliseconds(p99)}"
    return Row(f"{CROWDED}, accepted to handed over", shown, "p99 25.0 ms", at_most(p99, 0.025), {"p99": p99})


def _warm(server: Process, posts: list[Post]) -> None:
    send(server.port, posts, 100)
    time.sleep(1)


def measure() -> Part:
    """Machines are told one by one; people have two thousand phones, so that no page is bundled away."""
    ours: dict[str, list[list[float]]] = {}
    handed: list[tuple[float, float]] = []
    with ExitStack() as stack:
        where, sink = stack.enter_context(folder()), stack.enter_context(serving())
        system = Sqlite(where, sink.url, PHONES)
        key = system.example.key
        for _ in range(ROUNDS):
            with system.fresh() as url, watchbill(url, where) as server:
                _warm(server, _told(key, 20, "machine"))
                for name, posts, rate in (
                    ("50 alerts/s", _told(key, 150, "phone-", PHONES), 50),
                    (CROWDED, _told(key, 4_000, "phone-", PHONES), 1_000),
                    ("50 alerts/s, machines", _told(key, 150, "machine"), 50),
                ):
                    before = server.buckets(HANDED)
                    ours.setdefault(name, []).append(_run(server, sink, posts, rate)[1])
                    if name == CROWDED:
                        handed.append(_handed(server, before))
            with system.fresh() as url, watchbill(url, where) as server:
                _warm(server, _told(key, 20, "machine"))
                posts = _told(key, 1_000, "phone-", PHONES)
                ours.setdefault("1,000 at once", []).append(_run(server, sink, posts, 0)[1])
            if has_alertmanager():
                with alertmanager_server(sink.url) as peer:
                    _warm(peer, [alertmanager(f"k-w{next(_runs)}-{n}") for n in range(20)])
                    calm = [alertmanager(f"k-a{next(_runs)}-{n}") for n in range(150)]
                    burst = [alertmanager(f"k-b{next(_runs)}-{n}") for n in range(1_000)]
                    ours.setdefault("Alertmanager: 50 alerts/s", []).append(_run(peer, sink, calm, 50)[1])
                    ours.setdefault("Alertmanager: 1,000 at once", []).append(_run(peer, sink, burst, 0)[1])
    bars = {"50 alerts/s": (0.005, 0.025)}  # of a server that has time; the peer's figures were taken so as well
    rows = [
        _burst(name, runs, None if name.startswith("Alert") else 1.0)
        if "at once" in name
        else _steady(name, runs, bars.get(name))
        for name, runs in ours.items()
    ]
    rows.insert(2, _promise(handed))
    notes = [
        f"From the moment a post is due to leave to the moment its page arrives at a webhook; medians of {ROUNDS} "
        "rounds, open loop over 64 connections, SQLite, 2,000 people with a webhook each (machines: no bundling)."
    ]
    return Part("pages", "From the request to the page", rows, notes)


def hanging() -> Part:
    """Half of the alerts tell a machine that never answers; the other half pages people over another webhook."""
    answers: dict[str, list[list[float]]] = {}
    pages: dict[str, list[list[float]]] = {}
    with ExitStack() as stack:
        where, sink = stack.enter_context(folder()), stack.enter_context(serving())
        system = Sqlite(where, sink.url, PHONES)
        for _ in range(ROUNDS):
            for name, other in (("all answer", "machine"), ("one hangs", "hanging")):
                with system.fresh() as url, watchbill(url, where) as server:
                    _warm(server, _told(system.example.key, 20, "machine"))
                    people = _told(system.example.key, 1_000, "phone-", PHONES)
                    machine = _told(system.example.key, 1_000, other)
                    mixed = [post for both in zip(people, machine, strict=True) for post in both]
                    sent = send(server.port, mixed, 400)
                    keys = [key for key, _, _ in people]
                    _await(sink, keys)
                    answers.setdefault(name, []).append(list(sent.answer.values()))
                    pages.setdefault(name, []).append(
                        [sink.seen.get(key, float("inf")) - sent.due[key] for key in keys]
                    )
    rows = [_steady(f"{name}: answers", answers[name], None) for name in answers]
    rows += [_steady(f"{name}: pages over the other webhook", pages[name], None) for name in pages]
    notes = [f"400 alerts/s for 5 s, every second one tells a machine; medians of {ROUNDS} rounds."]
    return Part("hanging", "A provider that hangs", rows, notes)
