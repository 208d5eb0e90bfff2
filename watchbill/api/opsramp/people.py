"""A person as this dialect shows them, and how it finds them (reference, part 3.1)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import ids, rolebook
from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.kept import created_at, kept, updated_at
from watchbill.api.opsramp.tenancy import tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.api.opsramp.zones import shown
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.usecases.access import RIGHTS

ACTIVE, INACTIVE = "active", "inactive"
REGULAR = "REGULAR"
# Kept as they are told.
TOLD = (
    *("altEmail", "designation", "address", "city", "state", "zip", "country", "phoneNumber", "mobileNumber"),
    *("userAccountType", "userGroupType", "userNotifications"),
)
NO_PICTURE = {"logoPath": "", "thumbPath": "", "tinyThumbPath": ""}


def user_id(user: User) -> str:
    return ids.numbered(ids.USER, user.number)


def find_user(org: Organization, public: str) -> User | None:
    """By id, or by login name."""
    number = ids.number_of(ids.USER, public)
    if number is not None:
        return org.users_by_number.get(number)
    return org.users_by_name.get(public.lower())


def user_meant(org: Organization, told: Body) -> User | None:
    """By id, or by login name, as a body names somebody."""
    return find_user(org, str(told.get("id") or told.get("loginName") or ""))


def users_meant(org: Organization, given: Iterable[Body], path: str = "") -> Sequence[User]:
    """The people in a list, each once; `path` is where the body has it. Raises Invalid for one who is not there."""
    found: dict[str, User] = {}
    for index, told in enumerate(given):
        user = user_meant(org, told)
        if user is None:
            raise Invalid("There is no such user", f"{path}[{index}].id")
        found[user.id] = user
    return list(found.values())


def user_named(org: Organization, public: str) -> User:
    """Raises NotFound."""
    user = find_user(org, public)
    if user is None:
        raise NotFound(f"No user found with id {public[:100]}")
    return user


def status_of(user: User) -> str:
    return ACTIVE if user.active else INACTIVE


def minimal(user: User) -> Mapping[str, Any]:
    return {
        "id": user_id(user),
        "loginName": user.username,
        "lastName": user.last_name,
        "firstName": user.first_name,
        "email": user.email,
    }


def member(user: User) -> Mapping[str, Any]:
    """As in lists of members: with the telephone numbers."""
    return {**minimal(user), "phoneNumber": phone(user, "phoneNumber"), "mobileNumber": phone(user, "mobileNumber")}


def phone(user: User, field: str) -> str:
    told = kept(user).get(field)
    if isinstance(told, str):
        return told
    numbers = [contact.address for contact in user.contacts if contact.kind == "phone"]
    return numbers[0] if numbers and field == "mobileNumber" else ""


def user(org: Organization, one: User) -> Mapping[str, Any]:
    told = {name: value for name, value in kept(one).items() if name in TOLD}
    return {
        **minimal(one),
        "userAccountType": REGULAR,
        **told,
        "phoneNumber": phone(one, "phoneNumber"),
        "mobileNumber": phone(one, "mobileNumber"),
        "timeZone": shown(one.zone),
        "roles": roles(org, one),
        "authType": "LOCAL",
        "userGroups": [group_named(team) for team in org.teams_by_user.get(one.id, ())],
        "status": status_of(one),
        "orgId": tenant_id(org),
        "organizationName": org.name,
        "profileImage": NO_PICTURE,
        "createdTime": stamp(one.created_at or created_at(one)),
        "updatedTime": stamp(updated_at(one) or one.created_at or created_at(one)),
    }


def user_in_full(org: Organization, one: User) -> Mapping[str, Any]:
    rights = sorted(right.value.upper() for right in RIGHTS[one.role]) if one.active else []
    return {**user(org, one), "permissions": rights, "twoFactorAuthentication": False}


def roles(org: Organization, one: User) -> list[Mapping[str, Any]]:
    builtin = [
        {"id": rolebook.STRENGTH.index(role) + 1, "name": rolebook.builtin_name(org, role)}
        for role in rolebook.builtins_of(one)
    ]
    custom = [{"id": role.number + len(rolebook.STRENGTH), "name": role.name} for role in rolebook.custom_of(org, one)]
    return [*builtin, *custom]


# --- Groups


def group_id(team: Team) -> str:
    return ids.GROUP + team.id


def find_group(org: Organization, public: str) -> Team | None:
    return org.teams.get(ids.inner(ids.GROUP, public))


def group_meant(org: Organization, told: Body) -> Team | None:
    """By public id, or by name."""
    found = find_group(org, str(told.get("uniqueId", "")))
    name = str(told.get("name", "")).strip().lower()
    return found or next((team for team in org.teams.values() if name and team.name.lower() == name), None)


def groups_meant(org: Organization, given: Iterable[Body]) -> Sequence[Team]:
    """The groups of a list `userGroups`, each once. Raises Invalid for one that there is not."""
    found: dict[str, Team] = {}
    for index, told in enumerate(given):
        team = find_group(org, str(told.get("uniqueId", "")))
        if team is None:
            raise Invalid("There is no such user group", f"userGroups[{index}].uniqueId")
        found[team.id] = team
    return list(found.values())


def group_of(org: Organization, public: str) -> Team:
    """Raises NotFound."""
    team = find_group(org, public)
    if team is None:
        raise NotFound(f"No user group found with id {public[:100]}")
    return team


def group_named(team: Team) -> Mapping[str, Any]:
    """As it is named in other things."""
    told = {"uniqueId": group_id(team), "name": team.name, "description": team.description}
    return {**told, "createdTime": stamp(created_at(team))}


def group(org: Organization, team: Team) -> Mapping[str, Any]:
    return {
        **group_named(team),
        "updatedTime": stamp(updated_at(team) or created_at(team)),
        "email": str(kept(team).get("email") or ""),
        "roles": [role_named(role) for role in rolebook.custom_of_group(org, team.id)],
    }


def role_named(role: Any) -> Mapping[str, Any]:
    return {
        "uniqueId": rolebook.role_id(role),
        "name": role.name,
        "description": str(role.body.get("description") or ""),
        "defaultRole": False,
    }
