"""People of the organization (reference, part 2.13)."""

from collections.abc import Sequence

import msgspec

from watchbill.api.victorops.asked import asked_user
from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.envelope import Told
from watchbill.api.victorops.keeping import changed, keeping
from watchbill.api.victorops.lookups import self_url
from watchbill.api.victorops.people import DEFAULT, own_contact, user_body
from watchbill.api.victorops.successors import chosen_successor
from watchbill.api.victorops.teams import links
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Conflict
from watchbill.domain.leaving import NoSuccessor
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Role, User
from watchbill.domain.record import replace
from watchbill.usecases import directory
from watchbill.usecases.access import Right, demand
from watchbill.usecases.joining import Invitation, Unavailable, admit, ensure_available
from watchbill.usecases.leaving import remove_user
from watchbill.usecases.ports import Tx


class UserBody(msgspec.Struct):
    """`admin` is read and ignored, as there (it is deprecated); so is how long an invitation holds."""

    firstName: str | None = None
    lastName: str | None = None
    username: str | None = None
    email: str | None = None


class RemovalBody(msgspec.Struct):
    replacement: str | None = None
    replacementStrategy: str | None = None


def create(tx: Tx, call: Call, wanted: UserBody, role: Role = Role.USER) -> User:
    """Raises Invalid, and Told when the name or address is taken."""
    user = User(
        id="",
        number=0,
        username=needed(wanted.username, "username"),
        first_name=needed(wanted.firstName, "firstName"),
        last_name=needed(wanted.lastName, "lastName"),
        email=needed(wanted.email, "email"),
        role=role,
        settings=keeping({}, verified=False),
    )
    invitation = Invitation(call.caller.actor.name, call.request.url, DEFAULT)
    try:
        return admit(tx, call.caller.org, user, invitation, call.now)
    except Unavailable as taken:
        raise Told(422, taken.message) from taken


# --- Calls


def listed(tx: Tx, call: Call) -> Reply:
    """Nested once more than it is documented: clients need it so."""
    users = [user_body(user) for user in _people(tx, call)]
    return Reply(body={"users": [users], "_selfUrl": self_url("user")})


def found(tx: Tx, call: Call) -> Reply:
    """A plus in an address that was not encoded has become a space."""
    email = (call.asked("email") or "").strip().lower()
    users = [user for user in _people(tx, call) if not email or user.email.lower().replace("+", " ") == _loose(email)]
    return Reply(body={"users": [user_body(user) for user in users]})


def _loose(email: str) -> str:
    return email.replace("+", " ")


def shown(tx: Tx, call: Call) -> Reply:
    return Reply(body=user_body(asked_user(tx, call)[1]))


def created(tx: Tx, call: Call) -> Reply:
    demand(tx.organization(call.caller.org), call.caller, Right.GOVERN)
    return Reply(body=user_body(create(tx, call, body_of(UserBody, call))))


def updated(tx: Tx, call: Call) -> Reply:
    """What is left out stays; the user name stays in any case."""
    org, user = asked_user(tx, call, Right.PERSON)
    wanted = body_of(UserBody, call)
    after = replace(
        user,
        first_name=user.first_name if wanted.firstName is None else wanted.firstName.strip(),
        last_name=user.last_name if wanted.lastName is None else wanted.lastName.strip(),
    )
    if wanted.email is not None:
        after = _readdressed(org, after, needed(wanted.email, "email"))
    if after != user:
        after = replace(after, settings=changed(user.settings))
        directory.apply(tx, org.number, [Change("user", user.id, after)], call.caller.actor.name, call.now)
    return Reply(body=user_body(after))


def _readdressed(org: Organization, user: User, email: str) -> User:
    """The contact that the address had become moves along. Raises Told when the address is somebody else's."""
    if email == user.email:
        return user
    own = own_contact(user)
    contacts = tuple(replace(one, address=email) if one == own else one for one in user.contacts)
    after = replace(user, email=email, contacts=contacts)
    try:
        ensure_available(org, after)
    except Unavailable as taken:
        raise Told(422, taken.message) from taken
    return after


def deleted(tx: Tx, call: Call) -> Reply:
    org, user = asked_user(tx, call, Right.GOVERN)
    wanted = body_of(RemovalBody, call)
    strategy = wanted.replacementStrategy or call.asked("replacementStrategy")
    succession = chosen_successor(org, strategy, wanted.replacement or call.asked("replacement"))
    try:
        remove_user(tx, org.number, user, succession, call.caller.actor.name, call.now)
    except (NoSuccessor, Conflict) as refused:
        raise Told(422, refused.message) from refused
    return Reply(body={"result": f"{user.username} deleted"})


def teams(tx: Tx, call: Call) -> Reply:
    org, user = asked_user(tx, call)
    own = org.teams_by_user.get(user.id, ())
    return Reply(body={"teams": [{"name": team.name, "slug": team.slug, **links(team)} for team in own]})


def _people(tx: Tx, call: Call) -> list[User]:
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.SEE)
    return [user for user in org.users.values() if user.active]


USER = "/api-public/v1/user/{user}"
ROUTES: Sequence[Route] = (
    get("/api-public/v1/user", listed),
    get("/api-public/v2/user", found),
    post("/api-public/v1/user", created),
    get(USER, shown),
    put(USER, updated),
    delete(USER, deleted),
    get(f"{USER}/teams", teams),
)
