"""Invitations: what Terraform asks for after each new user (reference, part 4.10). The person gets a mail. An
administrator gives out keys and passwords, so the invitation itself is only shown."""

from watchbill.api.datadog import people
from watchbill.api.datadog.documents import Resource, all_data_of, plain_answer, resource, to_one
from watchbill.api.datadog.permissions import Permission, demand
from watchbill.api.datadog.times import offset
from watchbill.asgi.dialect import get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import DAY
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Document, Organization
from watchbill.usecases.directory import apply
from watchbill.usecases.joining import Invitation, invite
from watchbill.usecases.ports import Tx

KIND = "datadog.invitation"
LIFE = 2 * DAY
MOST = 100


def send(tx: Tx, call: Call) -> Reply:
    """An invitation takes the place of the same person's earlier one."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_INVITE)
    asked = [data.link("user", "users") for data in all_data_of(call, "user_invitations")]
    if not 1 <= len(asked) <= MOST:
        raise Invalid(f'"data" must have 1 to {MOST} invitations')
    users = [people.user_with(org, id or "").id for id in dict.fromkeys(asked)]
    numbers = tx.next_numbers(org.number, "document", len(users))
    made = [
        Document(tx.new_id(call.now), number, KIND, id, created_at=call.now)
        for number, id in zip(numbers, users, strict=True)
    ]
    gone = [one.id for one in _all(org) if one.name in users]
    changes = [Change("document", id, None) for id in gone] + [Change("document", one.id, one) for one in made]
    actor = call.caller.actor.name
    after = apply(tx, org.number, changes, actor=actor, now=call.now)
    for id in users:
        if org.users[id].active:
            invite(tx, after, org.users[id], Invitation(actor, call.request.url), call.now)
    return plain_answer([_to_wire(one) for one in made], status=201)


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.USER_ACCESS_INVITE)
    id = call.params["user_invitation_uuid"]
    found = org.documents.get(id.lower())
    if found is None or found.kind != KIND:
        raise NotFound(f"{id} not found")
    return plain_answer(_to_wire(found))


def _all(org: Organization) -> tuple[Document, ...]:
    return org.documents_by_kind.get(KIND, ())


def _to_wire(invitation: Document) -> Resource:
    """The person's id is the document's name."""
    attributes = {
        "uuid": invitation.id,
        "login_method": None,
        "invite_type": "basic_invite",
        "created_at": offset(invitation.created_at),
        "expires_at": offset(invitation.created_at + LIFE),
    }
    return resource("user_invitations", invitation.id, attributes, {"user": to_one("users", invitation.name)})


ROUTES = [
    post("/api/v2/user_invitations", send),
    get("/api/v2/user_invitations/{user_invitation_uuid}", show),
]
