"""The sections of an organization's file, in the order in which they refer to one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watchbill.cli.orgfile.machines import ENDPOINT_RECORD, INTEGRATION_RECORD
from watchbill.cli.orgfile.people import PERSON, TEAM_RECORD
from watchbill.cli.orgfile.plans import (
    KEY_RECORD,
    POLICY_RECORD,
    RULE_RECORD,
    SETTINGS_RECORD,
    WINDOW_RECORD,
)
from watchbill.cli.orgfile.records import Record
from watchbill.cli.orgfile.rota import OVERRIDE_RECORD, SCHEDULE_RECORD
from watchbill.cli.orgfile.shapes import Context
from watchbill.cli.orgfile.transforms import ALERT_RULE_RECORD
from watchbill.domain.organization import Entity, Organization

VERSION = 1


@dataclass(frozen=True, slots=True)
class Section:
    """`kind` as in the domain's KINDS; `maps` is the organization's attribute. With a `key` the section is a mapping
    from that attribute to the rest; without one it is a list."""

    name: str
    kind: str
    maps: str
    record: Record
    key: str = ""

    def entities(self, org: Organization) -> Mapping[str, Entity]:
        found: Mapping[str, Entity] = getattr(org, self.maps)
        return found

    def names(self, org: Organization) -> dict[str, str]:
        """The name by which each of them is referred to, by id."""
        return {id: getattr(entity, self.key) for id, entity in self.entities(org).items()} if self.key else {}


SECTIONS = (
    Section("people", "user", "users", PERSON, "username"),
    Section("teams", "team", "teams", TEAM_RECORD, "slug"),
    Section("schedules", "schedule", "schedules", SCHEDULE_RECORD, "slug"),
    Section("endpoints", "endpoint", "endpoints", ENDPOINT_RECORD, "slug"),
    Section("policies", "policy", "policies", POLICY_RECORD, "slug"),
    Section("routing_keys", "routing_key", "routing_keys", KEY_RECORD, "name"),
    Section("rules", "rule", "rules", RULE_RECORD),
    Section("alert_rules", "alert_rule", "alert_rules", ALERT_RULE_RECORD),
    Section("maintenance", "window", "windows", WINDOW_RECORD, "slug"),
    Section("integrations", "integration", "integrations", INTEGRATION_RECORD, "name"),
    Section("overrides", "override", "overrides", OVERRIDE_RECORD),
)
BY_KIND: Mapping[str, Section] = MappingProxyType({section.kind: section for section in SECTIONS})
SETTINGS = "settings"
FIELDS = ("watchbill", *(section.name for section in SECTIONS), SETTINGS)
SETTINGS_FORM = SETTINGS_RECORD


def context_of(org: Organization, secrets: bool = False) -> Context:
    """For reading and showing what belongs to this organization."""
    names = {section.kind: section.names(org) for section in SECTIONS if section.key}
    return Context(
        ids={kind: {name.lower(): id for id, name in named.items()} for kind, named in names.items()},
        names=names,
        zones={schedule.id: schedule.zone for schedule in org.schedules.values()},
        secrets=secrets,
    )
