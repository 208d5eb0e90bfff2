"""A server that is killed under load has lost nothing that it answered, and pages all of it when it is back."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from pathlib import Path

from tests.stories.outside import Sink, sink
from tests.stories.process import Kept, Server, eventually, founded, kept, let_leases_run_out, serving
from watchbill.domain.delivery import State
from watchbill.domain.incident import Phase
from watchbill.domain.timeline import Kind

ORGANIZATION = """
watchbill: 1
endpoints:
  sink: {{kind: webhook, address: "{url}/page"}}
policies:
  all: {{steps: [{{targets: [{{webhook: sink}}]}}]}}
routing_keys:
  db: {{default: true, starts: [policy: all]}}
"""
ROUNDS = 3
CONNECTIONS = 4


class Senders:
    """Connections that post alerts of their own, one after the other, and note each that was answered with 2xx."""

    def __init__(self, server: Server, key: str) -> None:
        self.answered: list[str] = []
        self.refused: list[int] = []
        self._server = server
        self._path = f"/integrations/generic/20131114/alert/{key}/db"
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(CONNECTIONS)]

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=5)
        count = 0
        while not self._ended.is_set():
            count += 1
            entity = f"sender {number} alert {count}"
            body = json.dumps({"message_type": "CRITICAL", "entity_id": entity})
            try:
                connection.request("POST", self._path, body)
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self._ended.wait(0.02)
                continue
            if response.status == 200:
                self.answered.append(entity)
            else:
                self.refused.append(response.status)
            # Not as fast as can be: every page of these goes to a receiver in this very process.
            self._ended.wait(0.005)
        connection.close()


def test_nothing_answered_is_lost(shared_url: str, tmp_path: Path) -> None:
    chance = random.Random(20131114)
    under_way: set[str] = set()
    with sink() as receiver:
        key = founded(shared_url, ORGANIZATION.format(url=receiver.url))
        with serving(tmp_path, shared_url, webhook_allow_private=1) as server:
            with Senders(server, key) as senders:
                for _ in range(ROUNDS):
                    before = len(senders.answered)
                    eventually(lambda before=before: len(senders.answered) > before + 20)  # type: ignore[misc]
                    time.sleep(chance.uniform(0, 0.4))
                    server.kill()
                    under_way |= claimed(shared_url)
                    let_leases_run_out(shared_url)
                    server.start()
            assert not senders.refused
            found = eventually(lambda: all_paged(shared_url))
        nothing_half_written(found)
        every_answer_is_kept(found, senders.answered)
        every_page_was_sent(found, receiver)
        only_what_was_under_way_was_sent_twice(receiver, under_way)


def all_paged(url: str) -> Kept | None:
    found = kept(url)
    open_ = [one for some in found.deliveries.values() for one in some if one.state in (State.WAITING, State.CLAIMED)]
    return None if open_ else found


def claimed(url: str) -> set[str]:
    """The pages that somebody set out to send and has not noted yet."""
    found = kept(url).deliveries.values()
    return {one.id for some in found for one in some if one.state is State.CLAIMED}


def every_answer_is_kept(found: Kept, answered: list[str]) -> None:
    alerts = Counter(alert.event.key for alert in found.alerts)
    incidents = {incident.key for incident in found.incidents}
    assert len(answered) > 20 * ROUNDS
    assert [entity for entity in answered if entity not in alerts or entity not in incidents] == []
    # Only a commit that was cut off by the kill may stand without its answer: at most one for each connection.
    assert len(alerts) - len(set(answered)) <= CONNECTIONS * ROUNDS
    # A machine that is slow enough raises our alarm on being late, which may come and go.
    assert max(count for key, count in alerts.items() if not key.startswith("watchbill/")) == 1


def nothing_half_written(found: Kept) -> None:
    by_incident = Counter(alert.incident for alert in found.alerts)
    assert set(by_incident) == {incident.number for incident in found.incidents}
    for incident in found.incidents:
        assert incident.phase is Phase.TRIGGERED
        assert incident.alert_count == by_incident[incident.number]
        kinds = Counter(entry.kind for entry in found.timelines[incident.number])
        assert kinds[Kind.OPENED] == 1
        (delivery,) = found.deliveries[incident.number]
        assert delivery.state is State.SENT


def every_page_was_sent(found: Kept, receiver: Sink) -> None:
    sends = receiver.sends()
    pages = {one.id for some in found.deliveries.values() for one in some}
    assert pages == set(sends)


def only_what_was_under_way_was_sent_twice(receiver: Sink, under_way: set[str]) -> None:
    """A page that arrived is noted; one that a kill overtook before that is sent again."""
    assert {id for id, times in receiver.sends().items() if times > 1} <= under_way
