"""What is written is read again as the same, for any organization."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.organizations import organizations
from tests.cli.values import NOW
from watchbill.cli.orgfile import Mint, Unreadable, diff, plan, read, write
from watchbill.domain.checks import check
from watchbill.domain.organization import MAPS, Organization
from watchbill.usecases.directory import changed

BOUND = settings(max_examples=40, suppress_health_check=list(HealthCheck))


def mint() -> Mint:
    ids = count(1)
    return Mint(lambda: f"new-{next(ids)}", lambda counter: 1000, NOW)


@BOUND
@given(organizations(), st.booleans())
def test_applying_an_export_to_its_own_organization_changes_nothing(org: Organization, secrets: bool) -> None:
    assert check(org) == []

    desired = read(write(org, secrets), "org.yaml", org, mint())

    assert diff(org, plan(org, desired)) == []
    assert diff(org, plan(org, desired, prune=True)) == []


@BOUND
@given(organizations())
def test_an_export_makes_the_same_organization_elsewhere(org: Organization) -> None:
    exported = write(org, secrets=True)
    empty = Organization(2, "other", "other", "Other")

    other = changed(empty, plan(empty, read(exported, "org.yaml", empty, mint())))

    assert check(other) == []
    assert write(other, secrets=True) == exported


@BOUND
@given(organizations(), organizations())
def test_pruning_turns_any_organization_into_any_other(one: Organization, other: Organization) -> None:
    exported = write(other, secrets=True)

    becomes = changed(one, plan(one, read(exported, "org.yaml", one, mint()), prune=True))

    assert plan(becomes, read(exported, "org.yaml", becomes, mint()), prune=True) == []
    assert check(becomes) == []
    for name in MAPS.values():
        assert len(getattr(becomes, name)) == len(getattr(other, name))


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_bytes_are_read_or_refused_with_a_line(text: bytes | str) -> None:
    refused_with_lines(text, Organization(1, "org", "org", "Org"))


@BOUND
@given(organizations(), st.data())
def test_a_damaged_export_is_read_or_refused_with_a_line(org: Organization, data: st.DataObject) -> None:
    text = write(org)
    for _ in range(3):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from("{}[]:-&*!|>'\"\n \x00,#a1~%@")) + text[at + 1 :]
    refused_with_lines(text, org)


def refused_with_lines(text: bytes | str, org: Organization) -> None:
    refusal = None
    try:
        read(text, "org.yaml", org, mint())
    except Unreadable as error:
        refusal = error
    if refusal is not None:
        assert refusal.mistakes
        assert all(mistake.line >= 1 and mistake.message for mistake in refusal.mistakes)
