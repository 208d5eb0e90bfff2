"""Taking somebody into the organization."""

from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, User
from watchbill.domain.personal import first_step
from watchbill.domain.record import record, replace
from watchbill.usecases import directory, notices
from watchbill.usecases.ports import Tx


class Unavailable(Conflict):
    """The user name or the e-mail address is somebody else's."""


@record
class Invitation:
    """How somebody new is told: who invites them, and where the server is. `label` names the contact that their
    address becomes. `shared_address`: others may have the same."""

    actor: str
    url: str
    label: str = ""
    shared_address: bool = False


def admit(tx: Tx, org_number: int, user: User, invitation: Invitation, now: int) -> User:
    """Takes in somebody of whom the names, the address and the role are known, and tells them so.

    Their address becomes their first contact, and they are paged by it and on all devices they may add. Raises
    Unavailable and Unfit.
    """
    org = tx.organization(org_number)
    ensure_available(org, user, invitation.shared_address)
    user = replace(
        user,
        id=tx.new_id(now),
        number=tx.next_numbers(org_number, "user", 1)[0],
        created_at=now,
        contacts=(_contact(tx, org_number, user.email, invitation.label, now),),
    )
    user = replace(user, paging=(_paging(tx, org_number, user.contacts[0], now),))
    after = directory.apply(tx, org_number, [Change("user", user.id, user)], invitation.actor, now)
    invite(tx, after, user, invitation, now)
    return user


def invite(tx: Tx, org: Organization, user: User, invitation: Invitation, now: int) -> None:
    """Tells somebody that they are in the organization."""
    notices.notify(tx, org, [user], _invited(org, user, invitation), now)


def ensure_available(org: Organization, user: User, shared_address: bool = False) -> None:
    """Raises Unavailable. Capitals don't count, neither in names nor in addresses."""
    name, email = user.username.lower(), "" if shared_address else user.email.lower()
    for other in org.users.values():
        if other.id == user.id:
            continue
        if other.username.lower() == name:
            raise Unavailable(f"User name {user.username} is unavailable")
        if email and other.email.lower() == email:
            raise Unavailable(f"E-mail address {user.email} is unavailable")


def _contact(tx: Tx, org: int, address: str, label: str, now: int) -> ContactMethod:
    """Mail to the account's own address needs no verifying: it is the last resort anyway."""
    number = tx.next_numbers(org, "contact", 1)[0]
    return ContactMethod(tx.new_id(now), number, "email", address, label, verified=True, created_at=now)


def _paging(tx: Tx, org: int, contact: ContactMethod, now: int) -> PagingPolicy:
    rules = [PagingRule("push", id=tx.new_id(now)), PagingRule("email", contact.id, tx.new_id(now))]
    step = first_step(rules, tx.next_numbers(org, "paging_step", 1)[0])
    return PagingPolicy(tx.new_id(now), tx.next_numbers(org, "paging_policy", 1)[0], "Primary", (step,))


def _invited(org: Organization, user: User, invitation: Invitation) -> str:
    return "\n".join(
        [
            f"Welcome to on-call at {org.name}",
            "",
            f"{invitation.actor} added you to {org.name} on Watchbill, {invitation.url}.",
            f"Your user name is {user.username}. You are paged at this address until you add other contacts.",
        ]
    )
