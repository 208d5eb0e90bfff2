"""The start page: what this is and where things are. It tells nothing of any organization."""

from starlette.responses import Response

from watchbill.web.rendering import page

DOORS = (
    ("VictorOps REST endpoint", "/integrations/generic/20131114/alert/{key}/{routing key}"),
    ("Prometheus Alertmanager and Grafana webhooks", "/intake/alertmanager/{key}/{routing key}"),
    ("Any JSON, with field mapping; CloudEvents", "/intake/generic/{key}/{routing key}"),
)


def start(version: str) -> Response:
    return page("start.html", version=version, doors=DOORS)
