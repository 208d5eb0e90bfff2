"""How long the people of a team were on call (reference, part 2.15.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.victorops.lookups import team_named, user_named
from watchbill.api.victorops.policies import named
from watchbill.api.victorops.times import iso_millis, moment
from watchbill.asgi.dialect import Route, get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import DAY, MINUTE
from watchbill.domain.errors import Invalid
from watchbill.usecases.hours import Spell, covered, spells
from watchbill.usecases.ports import Tx

LONGEST = 366 * DAY


def to_wire(spells: Sequence[Spell]) -> Mapping[str, Any]:
    """Of one person. The adjusted total counts time in two policies once."""
    return {
        "userId": spells[0].user.username,
        "total": _hours(sum(one.end - one.start for one in spells)),
        "adjustedTotal": _hours(covered(spells)),
        "log": [
            {
                "on": iso_millis(one.start),
                "off": iso_millis(one.end),
                "duration": _hours(one.end - one.start),
                "escalationPolicy": named(one.policy),
            }
            for one in spells
        ],
    }


def _hours(span: int) -> Mapping[str, int]:
    hours, minutes = divmod(span // MINUTE, 60)
    return {"hours": hours, "minutes": minutes}


def read_log(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_named(org, call.params["team"])
    start, end = _range(call)
    name = (call.asked("userName") or "").strip()
    only = user_named(org, name).id if name else None
    of_user: dict[str, list[Spell]] = {}
    for spell in spells(tx, org.number, team.id, start, end):
        if only in (None, spell.user.id):
            of_user.setdefault(spell.user.id, []).append(spell)
    logs = sorted((to_wire(own) for own in of_user.values()), key=lambda log: str(log["userId"]))
    body = {"teamSlug": team.slug, "start": iso_millis(start), "end": iso_millis(end), "results": len(logs)}
    return Reply(body=body | {"userLogs": logs})


def _range(call: Call) -> tuple[int, int]:
    """Today, unless it is said. Raises Invalid."""
    midnight = call.now // DAY * DAY
    start, end = call.asked("start"), call.asked("end")
    low = moment(start, "start") if start else midnight
    high = moment(end, "end") if end else midnight + DAY
    if high <= low:
        raise Invalid("the end is not after the start", "end")
    if high - low > LONGEST:
        raise Invalid("the range is longer than a year", "end")
    return low, high


ROUTES: Sequence[Route] = (get("/api-reporting/v1/team/{team}/oncall/log", read_log),)
