"""People: list, make, read, change, disable; oneself (reference, part 4.10)."""

from collections.abc import Mapping, Sequence

from watchbill.api.datadog import people
from watchbill.api.datadog.documents import data_of, plain_answer
from watchbill.api.datadog.envelope import InvalidParameter, Told
from watchbill.api.datadog.fields import Fields
from watchbill.api.datadog.keeping import full_name, keeping, status_of
from watchbill.api.datadog.lists import Order, listed, order_asked, page_asked
from watchbill.api.datadog.permissions import Permission, demand, demand_profile
from watchbill.api.datadog.roles import permissions_of, role_named
from watchbill.asgi.dialect import delete, get, patch, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.leaving import ensure_governed
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.domain.record import replace
from watchbill.domain.slugs import spoken
from watchbill.usecases.ports import Tx

LONGEST_TITLE = 200
STATUSES = ("Active", "Pending", "Disabled")
# "user_count" is documented and says nothing about a person: the order stays by name.
ORDERS: Mapping[str, Order[User]] = {
    "name": lambda user: (full_name(user) or "").lower(),
    "user_count": lambda user: (full_name(user) or "").lower(),
    "modified_at": people.modified_at,
    "created_at": lambda user: user.created_at,
    "email": lambda user: user.email.lower(),
    "handle": people.handle,
}


# --- Reading


def list_all(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_READ)
    page = page_asked(call)
    found = _ordered(call, _filtered(call, org))
    shown = page.of(found)
    rows = [people.to_wire(org, user) for user in shown]
    meta = {"page": {"total_count": len(org.users), "total_filtered_count": len(found)}}
    return listed(rows, people.related(org, *shown), meta=meta)


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_READ)
    return _shown(org, people.user_with(org, call.params["user_id"]))


def show_oneself(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return _shown(org, people.user_with(org, call.caller.user_id or ""))


def show_permissions(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_READ)
    return plain_answer(permissions_of(org, people.user_with(org, call.params["user_id"])))


def _shown(org: Organization, user: User) -> Reply:
    return plain_answer(people.to_wire(org, user), people.related(org, user))


def _filtered(call: Call, org: Organization) -> list[User]:
    """Those whose name or address has the text in it, any case, and whose status is one of those asked for."""
    text = (call.asked("filter") or "").strip().lower()
    wanted = {one.strip().lower() for one in (call.asked("filter[status]") or "").split(",") if one.strip()}
    if not wanted <= {status.lower() for status in STATUSES}:
        raise InvalidParameter("filter[status]", "query", ", ".join(STATUSES))
    return [
        user
        for user in org.users.values()
        if people.mentions(user, text) and (not wanted or status_of(user).lower() in wanted)
    ]


def _ordered(call: Call, users: Sequence[User]) -> list[User]:
    order, downwards = order_asked(call, ORDERS)
    direction = call.asked("sort_dir") or "asc"
    if direction not in ("asc", "desc"):
        raise InvalidParameter("sort_dir", "query", "asc, desc")
    return sorted(users, key=order, reverse=downwards or direction == "desc")


# --- Writing


def create(tx: Tx, call: Call) -> Reply:
    """A pending user without a channel or a rule; the user name is drawn from the address."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_INVITE)
    data = data_of(call, "users")
    email = data.attributes.text("email").strip().lower()
    if not email:
        raise Invalid("is required", "email")
    people.check_free(org, email)
    user = User(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, "user", 1)[0],
        username=spoken(email.partition("@")[0], org.users_by_name, "user"),
        email=email,
        role=role_named(org, data.links("roles", "roles") or ()),
        created_at=call.now,
    )
    named = people.renamed(user, (data.attributes.maybe_text("name") or "").strip())
    made = keeping(named, pending=True, title=data.attributes.maybe_text("title", LONGEST_TITLE))
    org = people.keep(tx, call, made)
    return plain_answer(people.to_wire(org, made), status=201)


def change(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_MANAGE)
    return _changed(tx, call, people.user_with(org, call.params["user_id"]), may_disable=True)


def change_oneself(tx: Tx, call: Call) -> Reply:
    """Nobody disables themselves."""
    org = tx.organization(call.caller.org)
    user = people.user_with(org, call.caller.user_id or "")
    demand_profile(org, call, user.id, writes=True)
    return _changed(tx, call, user, may_disable=False)


def disable(tx: Tx, call: Call) -> Reply:
    """They stay readable, and where they are in schedules and policies; there they are passed over."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_MANAGE)
    user = people.user_with(org, call.params["user_id"])
    if not user.active:
        raise NotFound(f"{user.id} not found")
    ensure_governed(org, user)
    people.keep(tx, call, people.touched(replace(user, active=False), call.now))
    return Reply(204)


def _changed(tx: Tx, call: Call, user: User, may_disable: bool) -> Reply:
    org = tx.organization(call.caller.org)
    data = data_of(call, "users")
    if (data.id or "").lower() != user.id:
        raise Told(422, "UUID's in the URL and request body do not match")
    after = _with(org, user, data.attributes)
    disabled = data.attributes.maybe_flag("disabled")
    if disabled is not None and may_disable:
        if disabled and user.active:
            ensure_governed(org, user)
        after = replace(after, active=not disabled)
    after = people.touched(after, call.now)
    return plain_answer(people.to_wire(people.keep(tx, call, after), after))


def _with(org: Organization, user: User, given: Fields) -> User:
    """What is not named stays; a name or a title that is null goes."""
    email = given.maybe_text("email")
    if email is not None and email.strip().lower() != user.email.lower():
        people.check_free(org, email.strip().lower(), user.id)
        user = replace(user, email=email.strip().lower())
    if given.names("name"):
        user = people.renamed(user, (given.maybe_text("name") or "").strip())
    if given.names("title"):
        user = keeping(user, title=given.maybe_text("title", LONGEST_TITLE))
    return user


ROUTES = [
    get("/api/v2/users", list_all),
    post("/api/v2/users", create),
    get("/api/v2/users/{user_id}", show),
    patch("/api/v2/users/{user_id}", change),
    delete("/api/v2/users/{user_id}", disable),
    get("/api/v2/users/{user_id}/orgs", show),
    get("/api/v2/users/{user_id}/permissions", show_permissions),
    get("/api/v2/current_user", show_oneself),
    patch("/api/v2/current_user", change_oneself),
]
