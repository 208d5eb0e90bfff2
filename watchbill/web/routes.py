"""The addresses of the web."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from watchbill.web.pages.answers import AnswerPages
from watchbill.web.pages.pocket import PocketPages
from watchbill.web.pages.start import start
from watchbill.web.ports import WebPorts
from watchbill.web.refusals import told
from watchbill.web.rendering import Static

__all__ = ["WebPorts", "routes"]


def routes(ports: WebPorts) -> list[BaseRoute]:
    answers, pocket = AnswerPages(ports), PocketPages(ports)

    async def begin(request: Request) -> Response:
        return start(ports.version)

    return [
        Route("/", begin),
        Route("/p/{code}", told(answers.ask)),
        Route("/p/{code}/{answer}", told(answers.answer), methods=["POST"]),
        # Where a browser comes to that opens the address of a result again.
        Route("/p/{code}/{answer}", told(answers.ask_again)),
        Route("/pocket/{token}", told(pocket.show)),
        Route("/pocket/{token}/events", told(pocket.events)),
        Mount("/static", Static(), name="static"),
    ]
