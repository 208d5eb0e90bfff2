"""What a body says of a person: themselves, how they are reached, the roles and groups they are in (part 3.1)."""

from collections.abc import Sequence
from typing import Any

from watchbill.api.opsramp import people, rolebook
from watchbill.api.opsramp.bodies import Body, flag, objects, text
from watchbill.api.opsramp.kept import UPDATED, keeping, kept
from watchbill.api.opsramp.zones import zone_of
from watchbill.domain import check_values
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Change, Document, Organization
from watchbill.domain.people import ContactMethod, Member, PagingRule, PagingStep, Role, Team, User
from watchbill.domain.personal import primary_policy, with_paging
from watchbill.domain.phones import number_of
from watchbill.domain.record import replace
from watchbill.usecases.ports import Tx

NAMES = {"loginName": "username", "firstName": "first_name", "lastName": "last_name", "email": "email"}
MOST_NOTIFICATIONS = 50


def person(org: Organization, user: User, body: Body, now: int) -> User:
    """The person with what the body tells of them. Raises Invalid."""
    moved: dict[str, Any] = {}
    for field, attribute in NAMES.items():
        told = text(body, field, 200)
        if told is not None:
            moved[attribute] = told.strip()
    for _, message in check_values.email("email", moved["email"]) if moved.get("email") else ():
        raise Invalid(message, "email")
    other = org.users_by_name.get(str(moved.get("username", "")).lower())
    if other is not None and other.id != user.id:
        raise Invalid(f"Login name {moved['username']} is taken", "loginName")
    if body.get("timeZone") is not None:
        moved["zone"] = zone_of(body["timeZone"], "timeZone")
    told_besides = {name: text(body, name, 500) for name in people.TOLD if name != "userNotifications"}
    values = {**kept(user), **{name: value for name, value in told_besides.items() if value is not None}}
    notifications = objects(body, "userNotifications")
    if notifications is not None:
        values["userNotifications"] = [_notification(one) for one in notifications[:MOST_NOTIFICATIONS]]
    return keeping(replace(user, **moved), {**values, UPDATED: now})


def _notification(told: Body) -> Body:
    """As told, without nulls. Raises Invalid where a known member is of another type."""
    known = {name: text(told, name) for name in ("notifyType", "notifyMethod", "notifyInputType")}
    settled = {**told, **known, "notifyRecurringReport": flag(told, "notifyRecurringReport")}
    return {name: value for name, value in settled.items() if value is not None}


def reachable(tx: Tx, org: Organization, user: User, now: int) -> User:
    """Their mobile number, where it is one with its country, is called and texted at once: whoever may make people
    vouches for it. One that replaces another takes its place."""
    number = _mobile(user)
    old = next((one for one in user.contacts if one.label == "Mobile" and one.kind == "phone"), None)
    if number is None or any(one.kind == "phone" and one.address == number for one in user.contacts):
        return user
    if old is not None:
        contacts = tuple(replace(one, address=number) if one is old else one for one in user.contacts)
        return replace(user, contacts=contacts)
    made = ContactMethod(
        id=tx.new_id(now),
        number=tx.next_numbers(org.number, "contact", 1)[0],
        kind="phone",
        address=number,
        label="Mobile",
        verified=True,
        created_at=now,
    )
    return _texted(tx, replace(user, contacts=(*user.contacts, made)), made, now)


def _mobile(user: User) -> str | None:
    try:
        return number_of(people.phone(user, "mobileNumber"))
    except Invalid:
        return None


def _texted(tx: Tx, user: User, contact: ContactMethod, now: int) -> User:
    """The first step of the policy that counts at any time texts the new number too."""
    policy = primary_policy(user)
    if policy is None or not policy.steps:
        return user
    rule = PagingRule("sms", contact.id, tx.new_id(now))
    first: PagingStep = replace(policy.steps[0], rules=(*policy.steps[0].rules, rule))
    return with_paging(user, replace(policy, steps=(first, *policy.steps[1:])))


def memberships(org: Organization, user: User, body: Body) -> list[Change]:
    """The person, and the roles and groups that they are in from now on. Raises Invalid for one that there is not."""
    given_roles, given_groups = objects(body, "roles"), objects(body, "userGroups")
    changes: list[Change] = []
    if given_roles is not None:
        builtin, custom = _roles(org, given_roles)
        user = _with_builtin(user, builtin, bool(custom))
        changes += _role_changes(org, user, {role.id for role in custom})
    if given_groups is not None:
        changes += _group_changes(org, user, {team.id for team in _groups(org, given_groups)})
    return [Change("user", user.id, user), *changes]


def _with_builtin(user: User, builtin: Sequence[Role], custom: bool) -> User:
    """Somebody with roles of the tenant's own only has what these give them; with none at all, the usual one."""
    given = builtin or ([Role.STAKEHOLDER] if custom else [Role.USER])
    role = rolebook.strongest(given)
    told = {rolebook.BUILTIN: [one.value for one in builtin], rolebook.CAME_TO: role.value}
    return replace(keeping(user, {**kept(user), **told}), role=role)


def _roles(org: Organization, given: Sequence[Body]) -> tuple[list[Role], list[Document]]:
    builtin, custom = [], []
    for index, one in enumerate(given):
        wanted = _words(one)
        role = next((role for role in Role if _is(org, role, wanted)), None)
        document = next((doc for doc in rolebook.custom_roles(org) if wanted & {doc.name.lower(), _public(doc)}), None)
        if role is not None:
            builtin.append(role)
        elif document is not None:
            custom.append(document)
        else:
            raise Invalid("There is no such role", f"roles[{index}]")
    return builtin, custom


def _words(one: Body) -> set[str]:
    return {value.strip().lower() for name in ("name", "uniqueId") if isinstance(value := one.get(name), str)}


def _is(org: Organization, role: Role, wanted: set[str]) -> bool:
    id = f"role-{rolebook.builtin_id(org, role)}"
    return not wanted.isdisjoint({rolebook.builtin_name(org, role).lower(), id})


def _public(document: Document) -> str:
    return rolebook.role_id(document).lower()


def _role_changes(org: Organization, user: User, wanted: set[str]) -> list[Change]:
    changes = []
    for role in rolebook.custom_roles(org):
        users = [id for id in rolebook.named(role, "users") if id != user.id]
        users += [user.id] if role.id in wanted else []
        if list(rolebook.named(role, "users")) != users:
            changes.append(Change("document", role.id, replace(role, body={**role.body, "users": users})))
    return changes


def _groups(org: Organization, given: Sequence[Body]) -> list[Team]:
    found = []
    for index, one in enumerate(given):
        wanted = _words(one)
        team = next(
            (team for team in org.teams.values() if wanted & {team.name.lower(), people.group_id(team).lower()}), None
        )
        if team is None:
            raise Invalid("There is no such user group", f"userGroups[{index}]")
        found.append(team)
    return found


def _group_changes(org: Organization, user: User, wanted: set[str]) -> list[Change]:
    changes = []
    for team in org.teams.values():
        inside = any(member.user_id == user.id for member in team.members)
        if inside == (team.id in wanted):
            continue
        others = tuple(member for member in team.members if member.user_id != user.id)
        members = (*others, Member(user.id)) if team.id in wanted else others
        changes.append(Change("team", team.id, replace(team, members=members)))
    return changes
