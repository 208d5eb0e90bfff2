"""A person's own paging policies, looked at and changed."""

from tests.stories.town import daily, paged_by, person, ring
from watchbill.domain.civil import MINUTE
from watchbill.domain.people import ContactMethod, PagingRule, PagingStep, Urgency
from watchbill.domain.personal import primary_policy, with_paging, without_contact

NIGHTS = paged_by("nights", ring("sms"), hours=daily("UTC", 22, 6))
LOW = paged_by("low", ring("email"), urgency=Urgency.LOW)
HIGH = paged_by("high", ring("voice"), urgency=Urgency.HIGH)
ANY = paged_by("any", ring("push"))


def test_the_primary_policy_is_the_one_for_any_time_and_urgency() -> None:
    assert primary_policy(person("ann", policies=(NIGHTS, LOW, HIGH, ANY))) == ANY
    assert primary_policy(person("ann", policies=(NIGHTS, LOW, HIGH))) == HIGH
    assert primary_policy(person("ann", policies=(NIGHTS, LOW))) == LOW
    assert primary_policy(person("ann", policies=(NIGHTS,))) is None


def test_a_policy_stays_in_its_place_and_a_new_one_comes_last() -> None:
    user = person("ann", policies=(NIGHTS, ANY))
    longer = paged_by("nights", ring("sms"), ring("voice"))
    assert with_paging(user, longer).paging == (longer, ANY)
    assert with_paging(user, LOW).paging == (NIGHTS, ANY, LOW)


def test_rules_go_with_the_contact_that_they_name() -> None:
    contacts = (ContactMethod("a", 1, "phone", "+14155550120"), ContactMethod("b", 2, "email", "b@example.org"))
    to_a, to_b, to_all = PagingRule("sms", "a"), PagingRule("email", "b"), PagingRule("sms")
    steps = (PagingStep((to_a,), MINUTE), PagingStep((to_a, to_b), MINUTE), PagingStep((to_all,), MINUTE))
    after = without_contact(person("ann", policies=(paged_by("p", *steps),), contacts=contacts), "a")
    assert after.contacts == contacts[1:]
    assert after.paging[0].steps == (PagingStep((to_b,), MINUTE), PagingStep((to_all,), MINUTE))
