"""The pages behind the links of a page: what it told of, a button that answers it, and what came of that.

Mail scanners follow every link, so looking changes nothing; only a form that a person sends does.
"""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watchbill.domain.delivery import Purpose
from watchbill.domain.errors import Conflict, NotFound
from watchbill.domain.incident import Incident, Phase
from watchbill.usecases.replies import Answer, Question
from watchbill.web.ports import WebPorts
from watchbill.web.refusals import wants_json
from watchbill.web.rendering import data, page
from watchbill.web.security import PRIVATE, refuse_other_sites
from watchbill.web.showing import moment, shown

_DONE = {Answer.ACKNOWLEDGE: "acknowledged", Answer.RESOLVE: "resolved"}


@dataclass(frozen=True, slots=True)
class Result:
    """What a page says about a question: `text` follows the heading; `answers` are those still to choose from, the
    likeliest first.
    """

    heading: str
    text: str
    answers: tuple[Answer, ...] = ()


class AnswerPages:
    def __init__(self, ports: WebPorts) -> None:
        self._ports = ports

    async def ask(self, request: Request) -> Response:
        code = request.path_params["code"]
        question = await self._ports.look_up(code)
        if not question.answers:
            return _told(code, question, closed(question), 409)
        return _told(code, question, asked(question, request.query_params.get("do", "")), 200)

    async def ask_again(self, request: Request) -> Response:
        code, answer = quote(request.path_params["code"]), quote(request.path_params["answer"])
        return RedirectResponse(f"/p/{code}?do={answer}", 303, PRIVATE)

    async def answer(self, request: Request) -> Response:
        refuse_other_sites(request)
        code, what = request.path_params["code"], _answer_named(request.path_params["answer"])
        try:
            question = await self._ports.answer(code, what)
            result, status = done(question, what), 200
        except Conflict:
            question = await self._ports.look_up(code)
            result, status = closed(question), 409
        return (_as_json if wants_json(request) else _told)(code, question, result, status)


def asked(question: Question, wanted: str) -> Result:
    """The question as the link put it; without that, or when it was answered, the next thing people do."""
    if question.delivery.purpose is Purpose.VERIFY:
        return Result(f"Is {question.delivery.address} yours?", question.delivery.reason, question.answers)
    if wanted in question.answers:
        likely = Answer(wanted)
    else:
        fresh = any(one.phase is Phase.TRIGGERED for one in question.incidents)
        likely = question.answers[0] if fresh else Answer.RESOLVE
    others = tuple(one for one in question.answers if one is not likely)
    return Result(f"{likely.capitalize()} {_what(question)}?", _answered(question), (likely, *others))


def _answered(question: Question) -> str:
    at = question.delivery.answered_at
    return "" if at is None else f"This page was answered on {moment(at, question.zone).text}."


def done(question: Question, what: Answer) -> Result:
    who = question.name or question.delivery.address
    if what is Answer.VERIFY:
        return Result("Verified", f"{who} can be paged at {question.delivery.address} from now on.")
    text = f"{who} has {_DONE[what]} {_what(question)}."
    if any(one.phase is Phase.TRIGGERED for one in question.incidents):
        text += " Others who were paged have yet to answer."
    return Result(_DONE[what].capitalize(), text, question.answers)


def closed(question: Question) -> Result:
    """Why this page can't be answered (any more)."""
    if question.delivery.purpose is Purpose.VERIFY:
        return Result("Nothing to verify", f"{question.delivery.address} is verified already, or in use no more.")
    if not question.incidents:
        return Result("Nothing to answer", "This page tells of no incident.")
    if all(one.phase is Phase.RESOLVED for one in question.incidents):
        last = max(question.incidents, key=lambda one: one.resolved_at or 0)
        return Result("Already resolved", f"Nothing is left to do: {_resolved(last)}.")
    return Result("Already answered", f"{_answered(question)} Each page acknowledges once.", question.answers)


def _resolved(incident: Incident) -> str:
    state = shown(incident).state
    when = f" on {moment(incident.resolved_at).text}" if incident.resolved_at is not None else ""
    return f"#{incident.number} was {state}{when}"


def _what(question: Question) -> str:
    if len(question.incidents) == 1:
        return f"#{question.incidents[0].number}"
    return f"these {len(question.incidents)} incidents"


def _answer_named(name: str) -> Answer:
    if name not in list(Answer):
        raise NotFound("a page can be acknowledged or resolved, a contact verified")
    return Answer(name)


def _told(code: str, question: Question, result: Result, status: int) -> Response:
    return page(
        "answer.html",
        status,
        code=code,
        result=result,
        delivery=question.delivery,
        paged=question.name or question.delivery.address,
        at=moment(question.delivery.sent_at or question.delivery.created_at, question.zone),
        incidents=[shown(one) for one in question.incidents],
    )


def _as_json(code: str, question: Question, result: Result, status: int) -> Response:
    incidents = [
        {"number": one.number, "title": one.title, "phase": one.phase, "state": one.state}
        for one in map(shown, question.incidents)
    ]
    said = {"message": result.text} if status == 200 else {"error": f"{result.heading}. {result.text}"}
    return data(said | {"answers": list(question.answers), "incidents": incidents}, status)
