"""Pages: an incident that somebody asks a team or a person for (reference, parts 4.9, 5.1 and 5.2).

A page is an incident, and has its id. What is done to a page that is over has no effect, and is accepted.
"""

from collections.abc import Callable, Iterable, Mapping

from watchbill.api.datadog.documents import answer, data_of, path_id, resource
from watchbill.api.datadog.fields import Fields
from watchbill.api.datadog.keeping import handle_of
from watchbill.api.datadog.permissions import Permission, demand
from watchbill.asgi.dialect import post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Conflict, NotFound
from watchbill.domain.incident import Actor, Incident, Phase
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, Urgency, User
from watchbill.domain.record import replace
from watchbill.domain.routes import Start
from watchbill.domain.routing import Selection, select_for_team
from watchbill.usecases import incidents
from watchbill.usecases.alerts import Arrival, receive
from watchbill.usecases.ports import Tx

TYPE = "pages"
TARGETS = ("team_id", "team_handle", "user_id")
LONGEST_TITLE = 1024
LONGEST_TEXT = 20_480
MOST_TAGS = 1000
NO_LIMIT = 2**31

Verb = Callable[[Tx, int, int, Actor, int], Incident]


# --- What is asked


def event_asked(given: Fields, key: str) -> AlertEvent:
    """The alert that a page is. What is too long is cut: a page must not be lost to that."""
    title, description = given.text("title", NO_LIMIT), given.maybe_text("description", NO_LIMIT) or ""
    if not title.strip():
        raise given.wrong("title", "must not be empty")
    tags = [tag[:LONGEST_TITLE] for tag in given.maybe_texts("tags", first=MOST_TAGS) or ()]
    named = _tags(tags)
    return AlertEvent(
        Signal.CRITICAL,
        key,
        title[:LONGEST_TITLE],
        description[:LONGEST_TEXT],
        urgency=Urgency(given.choice("urgency", [each.value for each in Urgency])),
        tags={name: values[0] for name, values in named.items()},
        more_tags={name: tuple(values[1:]) for name, values in named.items() if len(values) > 1},
        fields={"tags": tags} if tags else {},
    )


def _tags(tags: Iterable[str]) -> Mapping[str, list[str]]:
    """The values of each name; a tag without a colon is a name with an empty value."""
    named: dict[str, list[str]] = {}
    for tag in tags:
        name, _, value = tag.partition(":")
        named.setdefault(name, []).append(value)
    return named


def selection_asked(org: Organization, given: Fields, event: AlertEvent, by: str, now: int) -> Selection:
    """Whom a page reaches: a team by its rules, a person as they are. Raises NotFound."""
    kind, name = given.choice("type", TARGETS), given.text("identifier")
    if kind == "user_id":
        user = _user(org, name)
        return Selection((Start(user_id=user.id),), f"{by} pages {user.name}")
    team = _team(org, kind, name)
    chosen = select_for_team(org, team.id, event, now)
    return replace(chosen, reason=f"{by} pages team {team.name}; {chosen.reason}")


def _user(org: Organization, name: str) -> User:
    """Somebody who was disabled is not there to be paged."""
    user = org.users.get(name.lower())
    if user is None or not user.active:
        raise NotFound("user not found")
    return user


def _team(org: Organization, kind: str, name: str) -> Team:
    found = org.teams.get(name.lower()) if kind == "team_id" else _called(org, name)
    if found is None:
        raise NotFound("team not found")
    return found


def _called(org: Organization, handle: str) -> Team | None:
    """A handle counts before the slug of a team that has none."""
    teams = sorted(org.teams.values(), key=lambda team: not team.handle)
    return next((team for team in teams if handle_of(team).lower() == handle.lower()), None)


# --- Operations


def create(tx: Tx, call: Call) -> Reply:
    """Each page is an incident of its own: nothing joins it, so a page that is sent twice is two."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_PAGE)
    given = data_of(call, TYPE).attributes
    event = replace(event_asked(given, f"page/{tx.new_id(call.now)}"), raw=call.request.body)
    selection = selection_asked(org, given.inner("target"), event, call.caller.actor.name, call.now)
    [receipt] = receive(tx, [Arrival(org.number, "", event, selection=selection)], call.now)
    assert receipt.incident is not None  # a critical alert with a key of its own opens one
    return answer(resource(TYPE, tx.incident(org.number, receipt.incident).id))


def _doing(verb: Verb) -> Callable[[Tx, Call], Reply]:
    def handle(tx: Tx, call: Call) -> Reply:
        org = tx.organization(call.caller.org)
        demand(org, call, Permission.ON_CALL_RESPOND)
        page = _page(tx, call)
        if page.phase is not Phase.RESOLVED:
            _done(tx, call, verb, page)
        return Reply(202)

    return handle


def _done(tx: Tx, call: Call, verb: Verb, page: Incident) -> None:
    try:
        verb(tx, page.org, page.number, call.caller.actor, call.now)
    except Conflict:
        return  # resolved by time meanwhile


def _page(tx: Tx, call: Call) -> Incident:
    """Raises NotFound."""
    id = path_id(call, "page_id")
    try:
        return tx.incident_by_id(call.caller.org, id)
    except NotFound:
        raise NotFound("page not found") from None


PLACE = "/api/v2/on-call/pages"
ROUTES = (
    post(PLACE, create),
    post(PLACE + "/{page_id}/acknowledge", _doing(incidents.acknowledge)),
    post(PLACE + "/{page_id}/escalate", _doing(incidents.escalate)),
    post(PLACE + "/{page_id}/resolve", _doing(incidents.resolve)),
)
