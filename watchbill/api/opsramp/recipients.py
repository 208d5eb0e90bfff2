"""Whom a policy writes to: references by public id, and the people, groups and rosters they mean (reference, 8.7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.ids import GROUP, ROSTER, USER, inner, number_of, numbered
from watchbill.api.opsramp.kept import kept
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.rota import Schedule

USERS, GROUPS, ROSTERS, MAILING = "USER", "USERGROUP", "ROSTER", "USERGROUP_DL"
# The written enumeration has other words than the samples and the clients.
WORDS = {
    "USER": USERS,
    "USERS": USERS,
    "USERGROUP": GROUPS,
    "USERGROUPS": GROUPS,
    "ROSTER": ROSTERS,
    "ROSTERS": ROSTERS,
    "USERGROUP_DL": MAILING,
    "USERGROUPDL": MAILING,
}
TYPES = {TargetKind.USER: USERS, TargetKind.TEAM: GROUPS, TargetKind.SCHEDULE: ROSTERS}


@dataclass(frozen=True, slots=True)
class Known:
    """The people, groups and rosters of a tenant, by their public ids."""

    org: Organization

    def user(self, reference: str) -> User | None:
        """By public id, or by login name."""
        found = self.org.users_by_number.get(number_of(USER, reference) or 0)
        return found or self.org.users_by_name.get(reference.lower())

    def group(self, reference: str) -> Team | None:
        return self.org.teams.get(inner(GROUP, reference))

    def group_named(self, name: str) -> Team | None:
        return next((team for team in self.org.teams.values() if team.name.lower() == name.lower()), None)

    def roster(self, reference: str) -> Schedule | None:
        return self.org.schedules.get(inner(ROSTER, reference))

    def meant(self, recipient: Body) -> User | Team | Schedule | None:
        """Who a recipient is; None for one that is not known here."""
        reference, kind = str(recipient.get("id", "")), type_of(recipient)
        if kind == USERS:
            return self.user(reference)
        return self.roster(reference) if kind == ROSTERS else self.group(reference)

    def target(self, recipient: Body) -> Target | None:
        """What the core writes to for a recipient; None for nobody known."""
        found = self.meant(recipient)
        if found is None:
            return None
        if isinstance(found, User):
            return Target(TargetKind.USER, found.id)
        if isinstance(found, Schedule):
            return Target(TargetKind.SCHEDULE, found.id)
        if type_of(recipient) != MAILING:
            return Target(TargetKind.TEAM, found.id)
        address = mailing_address(found)
        return Target(TargetKind.EMAIL, address) if address else None

    def named(self, recipient: Body) -> Mapping[str, object]:
        """The recipient as it was sent, with its name where it is known and was not sent."""
        found = None if recipient.get("name") else self.meant(recipient)
        return {**recipient, "name": name_of(found)} if found is not None else dict(recipient)

    def recipient(self, target: Target) -> Mapping[str, object] | None:
        """A target of the core in the words of this dialect; None for one that it has no words for."""
        places: Mapping[TargetKind, Mapping[str, User | Team | Schedule]] = {
            TargetKind.USER: self.org.users,
            TargetKind.TEAM: self.org.teams,
            TargetKind.SCHEDULE: self.org.schedules,
        }
        found = places.get(target.kind, {}).get(target.id)
        if found is not None:
            return {"id": public_id(found), "name": name_of(found), "type": TYPES[target.kind]}
        group = next((team for team in self.org.teams.values() if mailing_address(team) == target.id), None)
        if target.kind is TargetKind.EMAIL and group is not None:
            return {"id": public_id(group), "name": group.name, "type": MAILING}
        return None


def type_of(recipient: Body) -> str:
    return WORDS.get(str(recipient.get("type", USERS)).upper().replace(" ", ""), "")


def public_id(thing: User | Team | Schedule) -> str:
    if isinstance(thing, User):
        return numbered(USER, thing.number)
    return (GROUP if isinstance(thing, Team) else ROSTER) + thing.id


def name_of(thing: User | Team | Schedule | None) -> str:
    return thing.name if thing is not None else ""


def mailing_address(team: Team) -> str:
    """The group's distribution address, "" for none (reference, part 3.3)."""
    address = kept(team).get("email")
    return address if isinstance(address, str) else ""
