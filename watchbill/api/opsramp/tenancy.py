"""The tenant in the address: the organization of the key, or a client of it (reference, parts 1.1, 1.2)."""

import re

from watchbill.api.opsramp.envelope import Gone
from watchbill.asgi.requests import Call
from watchbill.domain.errors import Forbidden, NotFound
from watchbill.domain.organization import Document, Organization
from watchbill.usecases import access
from watchbill.usecases.keys import tenant_name
from watchbill.usecases.ports import Tx

T = "/api/v2/tenants/{tenant}"
# What is known of a tenant only here lies in one document of its own organization.
DETAILS = "opsramp.tenant"


tenant_id = tenant_name


def details(org: Organization) -> Document | None:
    return next(iter(org.documents_by_kind.get(DETAILS, ())), None)


def activated(org: Organization) -> bool:
    found = details(org)
    return found is None or found.body.get("activated") is not False


def organization(tx: Tx, call: Call, name: str = "tenant") -> Organization:
    """The one that the address names, active or not. Raises Forbidden: whether there is such a one is nobody's
    business."""
    given = call.params[name]
    found = re.fullmatch(r"(msp|client)_([1-9]\d{0,17})", given, re.ASCII)
    try:
        org = access.tenant(tx, call.caller, int(found[2])) if found else None
    except NotFound:
        org = None
    if org is None or tenant_id(org) != given:
        raise Forbidden(f"This key has no access to tenant {given[:100]}")
    return org


def tenant(tx: Tx, call: Call) -> Organization:
    """The tenant in the address. Raises Forbidden, Gone."""
    org = organization(tx, call)
    if not activated(org):
        raise Gone(f"Tenant {tenant_id(org)} is deactivated")
    return org
