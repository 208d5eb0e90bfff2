"""Which policies an alert starts, and how urgently."""

from tests.stories.town import daily, paged_by, person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import HOUR
from watchbill.domain.people import Role, Urgency
from watchbill.domain.routes import Condition, Join, Op, Start


def staffed(world: World, *names: str) -> World:
    """For each name a person, and a policy that pages them."""
    for name in names:
        world.has(person(name))
        world.policy(name, step(name))
    return world


def is_(field: str, value: str) -> Condition:
    return Condition(field=field, value=value)


def test_a_routing_key_compares_without_regard_to_case_and_unknown_ones_take_the_default_route(world: World) -> None:
    staffed(world, "ann", "catch")
    world.key("Database", "ann")
    world.key("default", "catch", default=True)
    world.alert("DATABASE", "one")
    world.phone("ann").expects("one")
    world.alert("unknown", "two")
    world.alert(None, "three")
    world.phone("catch").expects("two")
    world.phone("catch").expects("three")
    assert world.incident("one").routing_key == "Database"
    world.tells("two", "routing key 'unknown' is not known: default route")


def test_a_field_that_is_no_text_is_compared_as_json(world: World) -> None:
    staffed(world, "ann", "catch")
    world.key("default", "catch", default=True)
    wanted = (Condition(field="up", op=Op.REGEX, value="false", ignore_case=False), is_("deep", '{"a":[1,"é"]}'))
    world.rule("told", 1, condition=Condition(Join.ALL, parts=wanted), starts=(Start("ann"),))
    world.alert(None, "disk", fields={"up": False, "deep": {"a": [1, "é"]}})
    world.phone("ann").expects("disk")
    world.alert(None, "other", fields={"up": None})
    world.phone("catch").expects("other")


def test_a_key_without_policies_takes_the_default_route(world: World) -> None:
    staffed(world, "catch")
    world.key("empty")
    world.key("default", "catch", default=True)
    world.alert("empty", "disk")
    world.phone("catch").expects("disk")


def test_the_first_rule_whose_condition_holds_decides(world: World) -> None:
    staffed(world, "ann", "bob", "carl")
    disk = Condition(field="title", op=Op.WILDCARD, value="*disk*")
    staging = Condition(Join.NONE, parts=(is_("tags.env", "prod"),))
    world.rule("staging disks", 1, condition=Condition(Join.ALL, parts=(disk, staging)), starts=(Start("carl"),))
    world.rule("disks", 2, condition=disk, starts=(Start("ann"),))
    world.key("web", "bob")
    world.alert("web", "Disk full", tags={"env": "prod"})
    world.phone("ann").expects("Disk full")
    world.alert("web", "disk of staging", tags={"env": "staging"})
    world.phone("carl").expects("disk of staging")
    world.alert("web", "500s")
    world.phone("bob").expects("500s")
    world.tells("Disk full", "rule disks")


def test_a_rule_that_goes_on_lets_later_rules_add_theirs(world: World) -> None:
    staffed(world, "ann", "bob")
    world.rule("all", 1, starts=(Start("ann"),), go_on=True)
    world.rule("more", 2, starts=(Start(user_id="bob"),))
    world.rule("never asked", 3, starts=(Start("bob"),))
    world.alert("db", "disk")
    world.phone("ann").expects("disk")
    world.phone("bob").expects("disk")


def test_a_rule_counts_only_in_its_hours_and_while_it_is_active(world: World) -> None:
    staffed(world, "ann", "bob", "carl")
    world.rule("off", 0, starts=(Start("carl"),), active=False)
    world.rule("by day", 1, hours=daily("UTC", 8, 18), starts=(Start("ann"),))
    world.rule("else", 2, starts=(Start("bob"),))
    world.alert("db", "at night")
    world.phone("bob").expects("at night")
    world.pass_(8 * HOUR)
    world.alert("db", "by day")
    world.phone("ann").expects("by day")


def test_a_rule_hands_the_alert_to_another_team(world: World) -> None:
    staffed(world, "ann")
    world.team("storage", "ann")
    world.rule("to storage", reroute_team_id="storage")
    world.rule("of storage", team_id="storage", starts=(Start("ann"),))
    world.alert("db", "disk")
    world.phone("ann").expects("disk")


def test_teams_that_hand_an_alert_to_each_other_end_in_the_safety_net(world: World) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN))
    world.team("one")
    world.team("two")
    world.rule("in", reroute_team_id="one")
    world.rule("one", team_id="one", reroute_team_id="two")
    world.rule("two", team_id="two", reroute_team_id="one")
    world.alert("db", "disk")
    world.phone("boss").expects("disk")
    assert world.incident("disk").unreached


def test_the_urgency_is_the_routes_or_the_alerts_own(world: World) -> None:
    low = paged_by("low", ring("email"), urgency=Urgency.LOW)
    world.has(person("ann", policies=(low, paged_by("high", ring("sms"), urgency=Urgency.HIGH))))
    world.policy("p", step("ann"))
    world.key("dynamic", "p")
    world.key("low", "p", urgency=Urgency.LOW)
    world.key("high", "p", urgency=Urgency.HIGH)
    ann = world.phone("ann")
    world.alert("dynamic", "critical")
    ann.expects("critical", by="sms")
    world.alert("dynamic", "warning", Signal.WARNING)
    ann.expects("warning", by="email")
    world.alert("dynamic", "said to be low", urgency=Urgency.LOW)
    ann.expects("said to be low", by="email")
    world.alert("low", "low route")
    ann.expects("low route", by="email")
    world.pass_(HOUR)
    world.alert("high", "high route", Signal.WARNING)
    ann.expects("high route", by="sms")


def test_a_step_may_be_more_urgent_than_its_policy(world: World) -> None:
    low = paged_by("low", ring("email"), urgency=Urgency.LOW)
    world.has(person("ann", policies=(low, paged_by("high", ring("sms")))))
    world.policy("p", step("ann", urgency=Urgency.HIGH))
    world.key("low", "p", urgency=Urgency.LOW)
    world.alert("low", "disk")
    world.phone("ann").expects("disk", by="sms")


def test_of_several_values_of_a_tag_one_that_fits_is_enough(world: World) -> None:
    staffed(world, "ann", "bob")
    world.rule("web", 1, condition=is_("tags.team", "web"), starts=(Start("ann"),))
    not_db = Condition(Join.NONE, parts=(is_("tags.team", "db"),))
    world.rule("not db", 2, condition=not_db, starts=(Start("bob"),))
    world.alert(None, "both", tags={"team": "db"}, more_tags={"team": ("web", "core")})
    world.phone("ann").expects("both")
    world.alert(None, "neither", tags={"team": "core"}, more_tags={"team": ("ops",)})
    world.phone("bob").expects("neither")


def test_a_team_without_rules_is_paged_by_the_first_policy_that_it_owns(world: World) -> None:
    world.has(person("ann"))
    world.team("storage", "ann")
    world.policy("first", step("ann"), team_id="storage")
    world.policy("second", step("ann"), team_id="storage")
    world.rule("to storage", reroute_team_id="storage")
    world.alert("db", "disk")
    world.phone("ann").expects("disk")
    world.tells("disk", "storage has no rules, so its policy first")


def test_an_unknown_routing_key_is_kept_no_longer_than_an_index_takes(world: World) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN))
    told = "\N{SNOWMAN}" * 1024
    world.alert(told, "by no key")
    world.rule("all", starts=())
    world.alert(told, "by a rule")
    assert {len(world.incident(title).routing_key) for title in ("by no key", "by a rule")} == {512}
    world.phone("boss").expects("by no key")
    world.phone("boss").expects("by a rule")
