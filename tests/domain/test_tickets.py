"""What changes to a ticket leave behind (OpsRamp reference, part 6)."""

from watchbill.domain.tickets import (
    CLOSED,
    HIGH,
    NEW,
    NORMAL,
    OPEN,
    RESOLVED,
    Difference,
    Passage,
    Revision,
    Ticket,
    fresh,
    revised,
)


def test_a_fresh_ticket() -> None:
    made = fresh(Ticket(1, 1, 0, subject="Disk"), "ann", 10)
    assert (made.status, made.old_status, made.priority, made.old_priority) == (NEW, NEW, NORMAL, NORMAL)
    assert (made.created_at, made.updated_at, made.status_at, made.priority_by) == (10, 10, 10, "ann")
    assert made.flow == (Passage(NEW, 10, "ann"),)
    assert fresh(Ticket(1, 1, 0, status=CLOSED), "ann", 10).closed_at == 10


def test_priority_and_text() -> None:
    made = fresh(Ticket(1, 1, 0, subject="Disk", fields={"cc": "a"}), "ann", 10)
    after, differences = revised(made, Revision(priority=HIGH, subject="Full", fields={"cc": "b", "x": 1}), "bob", 20)
    assert (after.priority, after.old_priority, after.priority_at, after.priority_by) == (HIGH, NORMAL, 20, "bob")
    assert (after.subject, after.fields, after.updated_by) == ("Full", {"cc": "b", "x": 1}, "bob")
    assert (after.status_at, after.flow) == (made.status_at, made.flow)
    assert differences == (
        Difference("priority", NORMAL, HIGH),
        Difference("subject", "Disk", "Full"),
        Difference("cc", "a", "b"),
        Difference("x", None, 1),
    )


def test_the_same_again_is_no_difference() -> None:
    made = fresh(Ticket(1, 1, 0, priority=HIGH), "ann", 10)
    after, differences = revised(made, Revision(status=NEW, priority=HIGH), "bob", 20)
    assert (after.old_priority, after.status_at, differences) == (HIGH, 10, ())


def test_settled_and_reopened() -> None:
    made = fresh(Ticket(1, 1, 0), "ann", 10)
    resolved, _ = revised(made, Revision(status=RESOLVED, reason="fixed", notes="disk"), "bob", 20)
    closed, _ = revised(resolved, Revision(status=CLOSED), "bob", 30)
    assert (closed.resolved_at, closed.closed_at, closed.reopened, closed.old_status) == (20, 30, 0, RESOLVED)
    assert closed.flow[1] == Passage(RESOLVED, 20, "bob", "fixed", "disk")
    opened, _ = revised(closed, Revision(status=OPEN), "ann", 40)
    assert (opened.resolved_at, opened.closed_at, opened.reopened) == (None, None, 1)
