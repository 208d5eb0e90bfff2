"""Messages to stakeholders (reference, part 2.19)."""

import msgspec

from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.incidents import incident_number
from watchbill.api.victorops.lookups import team_named, user_named
from watchbill.asgi.dialect import Route, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.usecases import access
from watchbill.usecases.access import Right
from watchbill.usecases.notices import Notice, tell
from watchbill.usecases.ports import Tx

MOST = 1000


class WireMessage(msgspec.Struct):
    title: str | None = None
    message: str | None = None
    incidentId: int | str | None = None
    recipients: list[str] | None = None
    recipientTeams: list[str] | None = None


def send(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.RESPOND)
    given = body_of(WireMessage, call)
    title, message = needed(given.title, "title"), given.message or ""
    number = None if given.incidentId in (None, "") else incident_number(given.incidentId)
    notice = Notice(f"{' '.join(title.split())}\n\n{message}", _people(org, given), number)
    tell(tx, org, notice, call.caller.actor, call.now)
    return Reply(body={})


def _people(org: Organization, given: WireMessage) -> tuple[User, ...]:
    """Each once. Raises NotFound and Invalid."""
    names, slugs = given.recipients or [], given.recipientTeams or []
    if not 1 <= len(names) + len(slugs) <= MOST:
        raise Invalid(f"name 1 to {MOST} recipients", "recipients")
    people = [user_named(org, name) for name in names]
    ids = [member.user_id for slug in slugs for member in team_named(org, slug).members]
    people += [org.users[id] for id in ids if id in org.users and org.users[id].active]
    return tuple({user.id: user for user in people}.values())


ROUTES: tuple[Route, ...] = (post("/api-public/v1/stakeholders/sendMessage", send),)
