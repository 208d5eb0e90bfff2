"""What a process keeps of organizations between transactions."""

from dataclasses import replace

from watchbill.domain.organization import Organization
from watchbill.store.cache import Cache
from watchbill.store.snapshots import Pending

PARTNER = Organization(1, "p", "partner", "Partner", version=3)
CLIENT = Organization(2, "c", "client", "Client", version=5, parent=1, partner=PARTNER)


def test_two_that_read_side_by_side_agree_on_one_value_soon() -> None:
    cache = Cache()
    cache.publish(Pending({1: replace(PARTNER)}))
    cache.publish(Pending({1: PARTNER, 2: CLIENT}))
    partner = cache.organization(1)
    again = replace(CLIENT, partner=partner)  # as the next transaction puts it together
    cache.publish(Pending({2: again}))
    known = cache.organization(2)
    assert known is again
    assert known.partner is partner
    cache.publish(Pending({2: replace(again)}))
    assert cache.organization(2) is again


def test_an_older_value_never_takes_the_place_of_a_newer_one() -> None:
    cache = Cache()
    cache.publish(Pending({1: PARTNER, 2: CLIENT}))
    older = replace(CLIENT, version=4, partner=replace(PARTNER, version=9))
    cache.publish(Pending({2: older}))
    assert cache.organization(2) is CLIENT
    newer = replace(CLIENT, partner=replace(PARTNER, version=4))
    cache.publish(Pending({2: newer}))
    assert cache.organization(2) is newer
