"""What Watchbill tells of itself, in Prometheus' text form.

Each process has its own figures: of several workers behind one port, a scrape meets one.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# Seconds. The bars of the design are 0.025 (first page) and 0.25 (wake-up), so there are bounds on both.
LATENESS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
# What callers make up must not become a label of its own.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)


class Metrics:
    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.alerts = Counter("watchbill_alerts", "Alerts taken in, durable", ["signal"], registry=registry)
        self.refused = Counter("watchbill_alerts_refused", "Bodies refused", ["status"], registry=registry)
        self.api = Counter(
            "watchbill_api_requests",
            "Requests of the three APIs answered",
            ["dialect", "method", "status"],
            registry=registry,
        )
        self.sends = Counter(
            "watchbill_pages", "Messages handed to a channel, by verdict", ["channel", "verdict"], registry=registry
        )
        self.first_page = Histogram(
            "watchbill_first_page_lateness_seconds",
            "From the moment a page is due (for a first page: the alert's acceptance) to its handing to the channel",
            buckets=LATENESS,
            registry=registry,
        )
        self.wake_up = Histogram(
            "watchbill_wake_up_lateness_seconds",
            "How late the oldest due incident of a batch was taken up",
            buckets=LATENESS,
            registry=registry,
        )
        self.advanced = Counter("watchbill_incidents_advanced", "Incidents let catch up with time", registry=registry)
        self.commits = Histogram(
            "watchbill_commit_batch_size", "Writes that shared one commit", buckets=BATCHES, registry=registry
        )
        self.commit_seconds = Histogram(
            "watchbill_commit_seconds", "Time of one transaction with its commit", buckets=LATENESS, registry=registry
        )
        self.open_incidents = Gauge("watchbill_open_incidents", "Incidents not resolved", registry=registry)
        self.stuck = Gauge(
            "watchbill_stuck_incidents", "Open incidents with steps left and no next moment", registry=registry
        )
        self.wake_queue_age = Gauge(
            "watchbill_wake_queue_age_seconds", "How late the oldest due incident is now", registry=registry
        )
        self.page_queue_age = Gauge(
            "watchbill_page_queue_age_seconds", "How late the oldest due page is now", registry=registry
        )
        self.waiting_pages = Gauge("watchbill_waiting_pages", "Pages not sent yet", registry=registry)

    def refuse(self, status: int) -> None:
        self.refused.labels(str(status)).inc()

    def answer(self, dialect: str, method: str, status: int) -> None:
        self.api.labels(dialect, method if method in METHODS else "other", str(status)).inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)
