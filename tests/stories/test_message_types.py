"""What each kind of alert does to an incident that is not there, triggered, or acknowledged (VictorOps reference,
part 3.3)."""

import pytest

from tests.stories.town import paged_by, person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.civil import HOUR, MINUTE
from watchbill.domain.incident import Phase
from watchbill.domain.people import Urgency
from watchbill.domain.routes import RoutingKey, Start


@pytest.fixture
def desk(world: World) -> World:
    """Ann is paged for everything."""
    world.has(person("ann"))
    world.policy("db", step("ann"))
    world.key("db", "db")
    return world


def opened(desk: World) -> None:
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk", at=desk.elapsed)


def acknowledged(desk: World) -> None:
    opened(desk)
    desk.acknowledges("ann", "disk")


def test_a_critical_alert_opens_an_incident_and_pages(desk: World) -> None:
    opened(desk)
    assert desk.incident("disk").phase is Phase.TRIGGERED


def test_a_critical_alert_joins_a_triggered_incident_and_pages_nobody_again(desk: World) -> None:
    opened(desk)
    desk.pass_(MINUTE)
    for _ in range(1000):
        assert desk.alert("db", "disk") == 1
    incident = desk.incident("disk")
    assert (incident.alert_count, incident.last_alert_at) == (1001, desk.now)
    desk.stays_quiet(HOUR)


def test_a_thousand_repeats_in_one_body_page_nobody_again(desk: World) -> None:
    desk.alerts(*[AlertEvent(Signal.CRITICAL, "disk", "disk", routing_key="db")] * 1000)
    desk.phone("ann").expects("disk")
    assert desk.incident("disk").alert_count == 1000


def test_a_critical_alert_leaves_an_acknowledged_incident_acknowledged(desk: World) -> None:
    acknowledged(desk)
    desk.alert("db", "disk")
    assert desk.incident("disk").phase is Phase.ACKNOWLEDGED
    assert desk.incident("disk").alert_count == 2


def test_a_warning_opens_an_incident(desk: World) -> None:
    assert desk.alert("db", "disk", Signal.WARNING) == 1
    desk.phone("ann").expects("disk")


def test_a_warning_only_stands_in_the_log_where_warnings_open_nothing(desk: World) -> None:
    desk.settings(warning_opens=False)
    assert desk.alert("db", "disk", Signal.WARNING) is None
    desk.stays_quiet(HOUR)
    opened(desk)


@pytest.mark.parametrize("prepare", [opened, acknowledged])
def test_a_warning_joins_an_open_incident(desk: World, prepare: object) -> None:
    assert callable(prepare)
    prepare(desk)
    before = desk.incident("disk").phase
    desk.alert("db", "disk", Signal.WARNING)
    assert (desk.incident("disk").phase, desk.incident("disk").state) == (before, Signal.WARNING)
    assert desk.incident("disk").alert_count == 2


def test_a_warning_that_becomes_critical_pops_the_acknowledgement_and_pages_again(desk: World) -> None:
    desk.alert("db", "disk", Signal.WARNING)
    desk.phone("ann").expects("disk", at=0).replies("ack")
    desk.pass_(HOUR)
    desk.alert("db", "disk")
    assert desk.incident("disk").phase is Phase.TRIGGERED
    desk.phone("ann").expects("disk", at=HOUR).replies("ack")
    desk.pass_(HOUR)
    desk.alert("db", "disk")
    assert desk.incident("disk").phase is Phase.ACKNOWLEDGED
    desk.tells("disk", "a warning became critical")


@pytest.mark.parametrize("signal", [Signal.INFO, Signal.ACKNOWLEDGEMENT, Signal.RECOVERY])
def test_info_acknowledgement_and_recovery_open_nothing(desk: World, signal: Signal) -> None:
    assert desk.alert("db", "disk", signal) is None
    desk.stays_quiet(HOUR)


@pytest.mark.parametrize("prepare", [opened, acknowledged])
def test_info_is_only_told(desk: World, prepare: object) -> None:
    assert callable(prepare)
    prepare(desk)
    before = desk.incident("disk")
    desk.alert("db", "disk", Signal.INFO, message="sector 7 swapped")
    after = desk.incident("disk")
    assert (after.phase, after.alert_count, after.state) == (before.phase, before.alert_count, before.state)
    desk.tells("disk", "info: sector 7 swapped")


def test_an_acknowledgement_stops_paging_in_the_name_of_its_author(desk: World) -> None:
    opened(desk)
    desk.alert("db", "disk", Signal.ACKNOWLEDGEMENT, author="ANN", note="on it")
    incident = desk.incident("disk")
    assert (incident.phase, incident.acked_by, incident.transitions[-1].manual) == (Phase.ACKNOWLEDGED, "ann", True)
    desk.alert("db", "disk", Signal.ACKNOWLEDGEMENT, author="monit")
    assert desk.incident("disk").acked_by == "ann"
    desk.tells("disk", "acknowledged by ann: on it")


@pytest.mark.parametrize("prepare", [opened, acknowledged])
def test_a_recovery_resolves(desk: World, prepare: object) -> None:
    assert callable(prepare)
    prepare(desk)
    desk.recovers("disk")
    assert desk.incident("disk").phase is Phase.RESOLVED
    desk.stays_quiet(HOUR)


def test_after_a_recovery_the_next_alert_opens_a_new_incident(desk: World) -> None:
    opened(desk)
    desk.recovers("disk")
    desk.pass_(MINUTE)
    assert desk.alert("db", "disk") == 2
    desk.phone("ann").expects("disk", at=MINUTE)


def test_opened_recovered_and_opened_again_in_one_body_are_two_incidents(desk: World) -> None:
    body = [AlertEvent(signal, "disk", "disk", routing_key="db") for signal in (Signal.CRITICAL, Signal.RECOVERY)]
    receipts = desk.alerts(*body, *body, body[0])
    assert [receipt.incident for receipt in receipts] == [1, 1, 2, 2, 3]
    desk.phone("ann").expects("disk")


def test_one_key_is_one_incident_whatever_its_routing_key_and_keys_compare_exactly(desk: World) -> None:
    opened(desk)
    assert desk.alert("web", "disk") == 1
    assert desk.alert("db", "Disk") == 2
    desk.phone("ann").expects("Disk")


def test_new_annotations_are_added_once(desk: World) -> None:
    opened(desk)
    book = Annotation(AnnotationKind.URL, "runbook", "https://example.org")
    for _ in range(3):
        desk.alert("db", "disk", annotations=(book,))
    assert desk.incident("disk").annotations == (book,)


def test_a_warning_that_becomes_critical_is_urgent_from_then_on(desk: World) -> None:
    desk.has(person("ann"), person("bob"))
    desk.policy("db", step("ann"), step("bob", wait=10 * MINUTE))
    desk.alert("db", "disk", Signal.WARNING)
    assert desk.incident("disk").urgency == "low"
    desk.phone("ann").expects("disk")
    desk.pass_(MINUTE)
    desk.alert("db", "disk")
    assert desk.incident("disk").urgency == "high"
    desk.pass_(HOUR)
    assert desk.phone("bob").expects("disk", at=10 * MINUTE).message.subjects[0].urgency == "high"


@pytest.mark.parametrize("direct", [True, False])
def test_who_was_only_mailed_about_a_warning_is_rung_when_it_becomes_critical(desk: World, direct: bool) -> None:
    """Their quiet policy has come to its end long ago, and so has the escalation policy."""
    quiet = paged_by("quiet", ring("email"), urgency=Urgency.LOW)
    desk.has(person("ann", policies=(quiet, paged_by("loud", ring("sms"), repeats=True))))
    if direct:
        desk.has(RoutingKey("db", 1, "db", (Start(user_id="ann"),)))
    desk.alert("db", "disk", Signal.WARNING)
    desk.phone("ann").expects("disk", at=0, by="email")
    desk.stays_quiet(HOUR)
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk", at=HOUR, by="sms").replies("ack")
    desk.alert("db", "disk", Signal.WARNING)
    desk.pass_(0)
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk", at=HOUR, by="sms").replies("ack")
    desk.stays_quiet(HOUR)


def test_the_alert_that_moved_an_incident_is_counted_and_named(desk: World) -> None:
    opened(desk)
    desk.pass_(MINUTE)
    acknowledgement, recovery = (
        desk.alerts(AlertEvent(signal, "disk", "disk"))[0].alert_id
        for signal in (Signal.ACKNOWLEDGEMENT, Signal.RECOVERY)
    )
    incident = desk.incident("disk")
    assert (incident.state, incident.alert_count) == (Signal.RECOVERY, 3)
    assert (incident.last_alert_id, incident.last_alert_at) == (recovery, desk.now)
    assert [step.alert_id for step in incident.transitions] == ["", acknowledgement, recovery]


def test_alerts_of_one_moment_are_told_in_the_order_in_which_they_came(desk: World) -> None:
    came = (Signal.CRITICAL, Signal.WARNING, Signal.ACKNOWLEDGEMENT, Signal.RECOVERY)
    desk.alerts(*(AlertEvent(signal, "disk", "disk", routing_key="db") for signal in came))
    told = [line.text for line in desk.story("disk") if line.kind == "alert" and " alert " in line.text]
    assert [text.partition(" ")[0] for text in told] == list(came)
