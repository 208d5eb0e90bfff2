"""Policies write to whom their recipients mean today, not on the day the policy was sent (reference, part 8.7)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import alert, incident, message, policy, post, staff, team, user
from tests.dialects.opsramp.ramp import Ramp
from tests.stories.world import World
from watchbill.domain.civil import MINUTE
from watchbill.usecases.explain import explain

LIST = {"id": "USRGRP-ops", "type": "USERGROUP_DL"}


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann", "bob")
    team(world, "ops", "ann", email="ops@example.org")
    return client


def test_a_mailing_list_that_moves_gets_its_mails_at_the_new_address(world: World, desk: Ramp) -> None:
    sent = post(desk, policy(message(LIST, user(2), notifyLimitCount=1)))
    desk.post("userGroups/USRGRP-ops", {"email": "new@example.org"}).expect(200)
    assert desk.get(f"escalations/{sent['id']}").expect(200)["escalations"] == sent["escalations"]
    alert(desk)
    world.phone("new@example.org").expects("disk full", at=0, by="email")
    world.phone("bob").expects("disk full", at=0)
    world.nothing_else_was_sent()


def test_a_mailing_list_that_gets_its_address_later(world: World, desk: Ramp) -> None:
    team(world, "late", "bob")
    post(desk, policy(message({"id": "USRGRP-late", "type": "USERGROUP_DL"}, notifyLimitCount=1)))
    desk.post("userGroups/USRGRP-late", {"email": "late@example.org"}).expect(200)
    alert(desk)
    world.phone("late@example.org").expects("disk full", at=0, by="email")


def test_a_group_that_is_gone_gets_no_mail_any_more(world: World, desk: Ramp) -> None:
    post(desk, policy(message(LIST, user(2), notifyLimitCount=1)))
    desk.delete("userGroups/USRGRP-ops").expect(200)
    alert(desk)
    world.phone("bob").expects("disk full", at=0)
    world.nothing_else_was_sent()


def test_the_mails_of_an_incident_follow_its_group(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(assigneeGroup={"name": "Ops"})))
    desk.post("userGroups/USRGRP-ops", {"email": "new@example.org"}).expect(200)
    desk.post("userGroups/USRGRP-ops", {"name": "Operations"}).expect(200)
    alert(desk)
    world.phone("new@example.org").expects("disk full", at=0, by="email")
    world.nothing_else_was_sent()


def test_a_login_name_that_is_somebodys_later(world: World, desk: Ramp) -> None:
    post(desk, policy(message({"id": "carl", "type": "USER"}, wait=5, notifyLimitCount=1)))
    body = {
        "loginName": "carl",
        "password": "Aa1!aaaaa",
        "firstName": "C",
        "lastName": "C",
        "email": "carl@example.org",
    }
    desk.post("users", body).expect(200)
    alert(desk)
    world.pass_(6 * MINUTE)
    lines = [line.text for line in world.write(explain, world.org, 1).lines]
    assert "C C: paging by email carl@example.org" in lines


@pytest.mark.parametrize("change", [{"description": "edited"}, {"escalations": [message({"id": "ann"}, user(2))]}])
def test_somebody_with_another_login_name_is_meant_as_before(world: World, desk: Ramp, change: dict[str, Any]) -> None:
    sent = post(desk, policy(message({"id": "ann", "type": "USER"}, user(2), notifyLimitCount=1)))
    desk.post("users/USR0000000001", {"loginName": "anna"}).expect(200)
    desk.post(f"escalations/{sent['id']}", change).expect(200)
    desk.post(f"escalations/{sent['id']}/disable").expect(200)
    desk.post(f"escalations/{sent['id']}/enable").expect(200)
    alert(desk)
    (step,) = next(iter(world.organization.policies.values())).steps
    assert [target.id for target in step.targets] in (["ann", "bob"], ["bob", "ann"])
    world.phone("bob").expects("disk full", at=0)


def test_who_is_taken_off_after_another_was_renamed_is_off(world: World, desk: Ramp) -> None:
    sent = post(desk, policy(message({"id": "ann", "type": "USER"}, user(2), notifyLimitCount=1)))
    desk.post("users/USR0000000001", {"loginName": "anna"}).expect(200)
    desk.post(f"escalations/{sent['id']}", {"escalations": [message(user(2), notifyLimitCount=1)]}).expect(200)
    alert(desk)
    world.phone("bob").expects("disk full", at=0)
    world.nothing_else_was_sent()
