"""The ids of alerts: digits, unique over all tenants, so that a partner may name those of its clients."""

from collections.abc import Sequence

from watchbill.api.opsramp.tenancy import tenant
from watchbill.asgi.requests import Call
from watchbill.domain.errors import NotFound
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization
from watchbill.usecases.ports import Tx

# The last digits are the organization's number, those before it the incident's.
ORGANIZATIONS = 1_000_000
LONGEST = 24
NO_ALERT = "No alert found with id {}"


def alert_number(incident: Incident) -> int:
    return numbered(incident.org, incident.number)


def numbered(org: int, incident: int) -> int:
    return incident * ORGANIZATIONS + org


def parts(id: str) -> tuple[int, int]:
    """The organization and the incident; zeros, which nothing has, for what is no such id."""
    if not (id.isascii() and id.isdigit() and len(id) <= LONGEST):
        return 0, 0
    number, org = divmod(int(id), ORGANIZATIONS)
    return (org, number) if number < 1 << 60 else (0, 0)


def alert_of(tx: Tx, call: Call) -> tuple[Organization, Incident]:
    """The alert in the address: of the tenant, or of a client of it. Raises NotFound."""
    return alert_named(tx, tenant(tx, call), call.params["alert"])


def alert_named(tx: Tx, org: Organization, id: str) -> tuple[Organization, Incident]:
    """Raises NotFound."""
    number, incident = parts(id)
    owner = org if number == org.number else tx.organizations([number]).get(number)
    if owner is None or org.number not in (owner.number, owner.parent):
        raise NotFound(NO_ALERT.format(id[:100]))
    try:
        return owner, tx.incident(owner.number, incident)
    except NotFound:
        raise NotFound(NO_ALERT.format(id[:100])) from None


def in_scope(tx: Tx, org: Organization) -> Sequence[Organization]:
    """The organization and its clients."""
    if org.parent is not None:
        return [org]
    return [org, *tx.organizations(tx.client_numbers(org.number)).values()]
