"""Whether an API key is good: what Terraform asks before anything else (reference, part 2.2)."""

from watchbill.api.datadog.auth import check_api_key
from watchbill.asgi.dialect import get
from watchbill.asgi.requests import Call, Reply
from watchbill.usecases.ports import Tx


def validate(tx: Tx, call: Call) -> Reply:
    check_api_key(tx, call.request)
    return Reply(body={"valid": True})


ROUTES = [get("/api/v1/validate", validate, open=True)]
