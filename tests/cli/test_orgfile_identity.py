"""Applying keeps who is who: ids, numbers, moments, and whatever the file does not speak of."""

from dataclasses import replace

from tests.cli.files import EMPTY, applied, mint
from watchbill.cli.orgfile import diff, plan, read, write
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import ContactMethod, PagingStep, User
from watchbill.usecases.directory import changed

PEOPLE = """
people:
  ann:
    zone: Europe/Paris
    contacts:
      - {email: ann@example.com, label: work}
      - {phone: "+33612345678"}
    paging:
      - name: Nights
        steps:
          - {by: ["email: work", sms], timeout: 5m}
          - {by: [voice], timeout: 10m}
  bob: {}
schedules:
  primary:
    zone: UTC
    layers:
      - {name: Week, start: 2026-01-05T09:00, interval: 1w, turns: [ann, bob]}
policies:
  db:
    steps:
      - targets: [schedule: primary]
      - {after: 5m, targets: [user: bob]}
"""


def one(org: Organization, username: str = "ann") -> User:
    return org.users_by_name[username]


def edited(org: Organization, user: User) -> Organization:
    return changed(org, [Change("user", user.id, user)])


def test_applying_twice_changes_nothing() -> None:
    org = applied(PEOPLE)
    assert applied(PEOPLE, org, prefix="again") == org


def test_a_changed_thing_keeps_its_identity() -> None:
    org = applied(PEOPLE)
    text = PEOPLE.replace("Europe/Paris", "Asia/Tokyo").replace("timeout: 5m", "timeout: 7m").replace("1w", "2w")

    after = applied(text, org, prefix="again")

    ann, was = one(after), one(org)
    assert ann.zone == "Asia/Tokyo"
    assert (ann.id, ann.number, ann.created_at, ann.contacts) == (was.id, was.number, was.created_at, was.contacts)
    assert ann.paging[0].id == was.paging[0].id
    assert ann.paging[0].steps[0].timeout == 420_000_000
    assert [rule.id for rule in ann.paging[0].steps[0].rules] == [rule.id for rule in was.paging[0].steps[0].rules]
    assert [layer.id for s in after.schedules.values() for layer in s.layers] == [
        layer.id for s in org.schedules.values() for layer in s.layers
    ]


def test_a_step_put_first_leaves_the_others_who_they_are() -> None:
    org = applied(PEOPLE)
    [before] = org.policies.values()

    first = "      - targets: [schedule"
    text = PEOPLE.replace(first, f"      - targets: [email: ops@example.com]\n{first}")
    after = applied(text, org, prefix="again")

    [policy] = after.policies.values()
    assert [step.id for step in policy.steps[1:]] == [step.id for step in before.steps]
    assert policy.steps[0].id.startswith("again")


def test_capitals_of_a_name_may_change() -> None:
    org = applied(PEOPLE)
    after = applied("people:\n  ANN: {}\n", org)
    assert (one(after).id, one(after).username) == (one(org).id, "ANN")


def test_what_a_file_leaves_out_stays_as_it_is() -> None:
    org = applied(PEOPLE)
    ann = one(org)
    own = ContactMethod("own", 9, "pocket", "ann", verified=True)
    mail = replace(ann.contacts[0], verified=True, secret="s3cret", settings={"x": 1})
    org = edited(org, replace(ann, contacts=(mail, *ann.contacts[1:], own), settings={"theme": "dark"}))

    after = one(applied(PEOPLE, org, prefix="again"))

    assert after.settings == {"theme": "dark"}
    assert after.contacts == one(org).contacts
    assert one(applied("people: {ann: {}}", org)).contacts == one(org).contacts
    assert one(applied("people: {ann: {}}", org)).paging == one(org).paging


def test_a_new_address_is_to_be_verified_anew() -> None:
    org = applied(PEOPLE)
    ann = one(org)
    org = edited(org, replace(ann, contacts=tuple(replace(each, verified=True) for each in ann.contacts)))

    after = one(applied(PEOPLE.replace("ann@example.com", "ann@example.org"), org, prefix="again"))

    assert [(each.address, each.verified) for each in after.contacts] == [
        ("ann@example.org", False),
        ("+33612345678", True),
    ]
    assert after.contacts[0].id == ann.contacts[0].id
    assert after.paging[0].steps[0].rules[0].contact_id == after.contacts[0].id


def test_only_prune_removes_and_only_from_sections_that_are_there() -> None:
    org = applied(PEOPLE)
    text = "people: {ann: {contacts: [], paging: []}}"

    kept = applied(text, org)
    assert len(kept.users) == 2
    assert len(one(kept).contacts) == 2

    pruned = applied(text, org, prune=True)
    assert [user.username for user in pruned.users.values()] == ["ann"]
    assert (one(pruned).contacts, one(pruned).paging) == ((), ())
    assert pruned.schedules == org.schedules
    assert applied("people:\n", org, prune=True) == org


def test_with_a_person_go_the_overrides_that_name_them() -> None:
    org = applied(PEOPLE + "overrides:\n  - {user: ann, cover: bob, start: 2026-02-01T00:00, end: 2026-02-02T00:00}\n")
    assert len(org.overrides) == 1
    text = "people: {ann: {}}\nschedules: {}\npolicies: {}\n"
    assert applied(text, org).overrides == org.overrides
    assert applied(text, org, prune=True).overrides == {}


def test_times_are_by_the_clock_of_the_schedule() -> None:
    org = applied(
        """
        people: {ann: {}}
        schedules:
          tokyo: {zone: Asia/Tokyo, layers: []}
        overrides:
          - {schedule: tokyo, cover: ann, start: 2026-02-01T09:00, end: 2026-02-01T10:00}
          - {user: ann, cover: ann, start: 2026-02-01T09:00, end: 2026-02-01T10:00+02:00}
        """
    )
    local, anywhere = org.overrides.values()
    assert anywhere.start - local.start == 9 * 3600 * 1_000_000
    assert anywhere.end < anywhere.start


def test_secrets_are_written_only_on_request() -> None:
    text = """
    endpoints:
      hook: {kind: webhook, address: "https://example.com/x", secret: s3cret}
    """
    org = applied(text)
    assert "s3cret" not in write(org)
    assert "secret: s3cret" in write(org, secrets=True)
    assert applied(text.replace(", secret: s3cret", ""), org) == org


def test_a_difference_is_told_in_the_words_of_the_file() -> None:
    org = applied(PEOPLE + "endpoints: {hook: {kind: chat, address: 'https://x.example/', secret: old}}\n")
    text = PEOPLE.replace("Europe/Paris", "Asia/Tokyo").replace("  bob: {}\n", "  bob: {active: false}\n  cyd: {}\n")
    text = text.replace("1w", "2w").replace("[schedule: primary]", "[schedule: primary, user: cyd]")
    text += "endpoints: {hook: {kind: chat, address: 'https://x.example/', secret: new}}\n"

    def lines(text: str, prune: bool = False) -> list[str]:
        return diff(org, plan(org, read("watchbill: 1\n" + text, "org.yaml", org, mint(prefix="again")), prune))

    assert lines(text) == [
        "change user ann: zone: Europe/Paris -> Asia/Tokyo",
        "change user bob: active: (not set) -> false",
        "add user cyd",
        "change schedule primary: layers[0].interval: 1w -> 2w",
        "change endpoint hook: secret: (secret) -> (secret)",
        "change policy db: steps[0].targets[1].user: (not set) -> cyd",
    ]
    assert lines("policies: {}\n", prune=True) == ["remove policy db"]
    assert lines(PEOPLE) == []
    assert EMPTY.users == {}


def test_a_contact_before_others_is_told_as_one_that_is_added() -> None:
    """By their places in the list all others would seem to change, and a secret to be lost."""
    text = PEOPLE.replace("label: work}", "label: work, verified: true, secret: s3cret}")
    org = applied(text)
    more = text.replace("    contacts:\n", "    contacts:\n      - {pocket: ann}\n      - {pocket: ann, label: two}\n")
    assert diff(org, plan(org, read("watchbill: 1\n" + more, "org.yaml", org, mint(prefix="again")))) == [
        "change user ann: contacts[pocket ann].pocket: (not set) -> ann",
        "change user ann: contacts[pocket ann][1].pocket: (not set) -> ann",
        "change user ann: contacts[pocket ann][1].label: (not set) -> two",
    ]


def test_two_contacts_with_one_address_and_a_step_that_waits_come_back() -> None:
    org = applied(PEOPLE)
    ann = one(org)
    mail = ann.contacts[0]
    steps = (PagingStep((), 60_000_000), *ann.paging[0].steps)
    twice = replace(ann, contacts=(*ann.contacts, replace(mail, id="second", label="")))
    before = edited(org, replace(twice, paging=(replace(ann.paging[0], steps=steps),)))
    desired = read(write(before), "org.yaml", before, mint(prefix="again"))
    assert changed(before, plan(before, desired, prune=True)) == before


def test_a_step_that_makes_a_ticket_keeps_its_identity() -> None:
    text = """
    people: {ann: {}}
    policies:
      db:
        steps:
          - {targets: [user: ann], action: ticket, ticket: {fields: {priority: High}, updates: {withAlertState: true}}}
          - {targets: [user: ann], action: ticket, after: 5m, ticket: {fields: {priority: Low}}}
    """
    org = applied(text)
    assert applied(text, org, prefix="again") == org

    org_turned = applied(text.replace("High", "Mid"), org, prefix="again")
    steps = [step for policy in org_turned.policies.values() for step in policy.steps]
    assert [step.ticket.fields["priority"] for step in steps if step.ticket] == ["Mid", "Low"]
    assert [step.id for step in steps] == [step.id for policy in org.policies.values() for step in policy.steps]
