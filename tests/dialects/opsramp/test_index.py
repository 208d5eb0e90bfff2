"""Every call of the index is there, lets nobody in without a token, and keeps tenants apart (reference, part 18)."""

import pytest

from tests.dialects.opsramp.policies import alert, message, policy, post, staff, user
from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.stories.world import World

TENANT = "/api/v2/tenants/{tenant}"
INDEX = {
    "token": """
        POST /auth/oauth/token
        POST /tenancy/auth/oauth/token""",
    "escalation": """
        POST T/escalations
        GET T/escalations/search
        GET POST DELETE T/escalations/x
        POST T/escalations/x/enable
        POST T/escalations/x/disable
        GET T/alerts/x/escalations""",
    "rosters": """
        POST T/rosters
        GET T/rosters/search
        GET POST DELETE T/rosters/x""",
    "users": """
        POST T/users
        GET T/users/search
        GET T/users/minimal
        GET POST T/users/x
        POST T/users/x/activate
        POST T/users/x/changePassword
        GET T/users/loginHistory/search""",
    "groups": """
        GET POST T/userGroups
        GET POST DELETE T/userGroups/x
        GET POST DELETE T/userGroups/x/users""",
    "roles": """
        GET T/roles/search
        POST T/roles
        GET POST DELETE T/roles/x
        GET T/permissionSets""",
    "alerts": """
        POST T/alert
        POST T/alerts
        GET T/alerts/search
        GET T/alerts/x
        GET T/alerts/event/x
        POST T/alerts/x/actions/close
        POST T/alerts/x/acknowledge
        GET T/alerts/x/comments
        GET T/alerts/x/occurrences
        POST T/alerts/x/incidents/x/attach
        PUT T/alerts/x/tickets/x/update
        GET T/alertStatusHistory/x
        POST T/subAlertTypes
        GET /api/v2/alertTypes
        POST /integrations/alertsWebhook/{tenant}/alerts
        GET /api/v2/alerts/tenants/{tenant}/alerts/x
        GET /api/v2/alerts/tenants/{tenant}/tickets/x""",
    "incidents": """
        POST T/incidents
        GET T/incidents/search
        GET POST T/incidents/x
        POST T/incidents/x/close
        POST T/incidents/x/responses
        GET T/incidents/x/responses/search
        GET T/incidents/x/activitylog
        GET POST T/INCIDENT/x/notes
        GET POST DELETE T/INCIDENT/x/notes/x
        GET POST T/incidents/businessImpacts
        POST T/incidents/businessImpacts/x
        GET POST T/incidents/urgencies
        POST T/incidents/urgencies/x
        GET POST T/incidents/forwardMapping
        GET POST T/incidents/reverseMapping
        POST T/incidents/categories
        POST T/incidents/categories/x
        GET T/INCIDENT/categories/x
        GET T/customFields/INCIDENT
        GET T/customFields/INCIDENT/x
        GET T/incidents/customForm
        GET T/INCIDENT/statusReasons
        GET T/serviceDesk/config/businessImpacts
        GET T/serviceDesk/config/urgencies
        DELETE T/serviceDesk/businessImpacts
        DELETE T/serviceDesk/urgencies""",
    "tenants": """
        GET T
        GET T/clients/minimal
        GET T/clients/search
        POST T/clients
        GET POST T/clients/{tenant}
        POST T/clients/{tenant}/activate
        GET /api/v2/tenants/client/{tenant}
        GET /itop/tenancyContext
        GET /api/v2/cfg/timezones
        GET /api/v2/cfg/countries
        GET /api/v2/cfg/tenants/channels
        GET /api/v2/cfg/tenants/nocs
        GET /api/v2/cfg/alertTechnologies
        GET /api/v2/cfg/devices/types
        GET /api/v2/cfg/alertSource/available/custIntg/x
        GET T/deviceGroups/minimal""",
    "machine learning": """
        POST GET T/machineLearning/files
        POST T/machineLearning/train/ALERT_ESCALATION_TRAINING""",
    "neighbours": """
        GET POST T/policies/firstResponse
        GET POST DELETE T/policies/firstResponse/x
        POST T/policies/firstResponse/x/enable
        GET POST T/policies/alertCorrelation
        GET POST DELETE T/policies/alertCorrelation/x
        POST T/policies/alertCorrelation/x/disable""",
}
CALLS = [
    (method, line.split()[-1].replace("T", TENANT, 1) if line.split()[-1][0] == "T" else line.split()[-1])
    for lines in INDEX.values()
    for line in lines.strip().splitlines()
    for method in line.split()[:-1]
]
# Their caller is known otherwise than by a bearer token.
OPEN = ("/auth/oauth/token", "/tenancy/auth/oauth/token", "/integrations/alertsWebhook/{tenant}/alerts")
NO_SUCH_ADDRESS = "there is no such address"


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_call_of_the_index(client: Ramp, partner: Ramp, method: str, path: str) -> None:
    """At both levels, with a trailing slash too; what it says of an empty or odd body is for it to say."""
    for speaker in (client, partner):
        for body in (None, b"{", b"[null]", b'{"name": 5, "id": {}}'):
            for slash in ("", "/"):
                answer = speaker.ask(method, path.format(tenant=speaker.tenant) + slash, body)
                assert answer.status in (200, 400, 401, 403, 404, 409), answer
                assert NO_SUCH_ADDRESS not in answer.body.decode()
                assert answer.status == 200 or answer.json, answer
                assert not any(name.lower().startswith("x-ratelimit") for name in answer.headers)


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call[1] not in OPEN])
def test_without_a_token_nothing_is_said(client: Ramp, method: str, path: str) -> None:
    client.headers = {}
    told = client.ask(method, path.format(tenant=client.tenant), b"{}").expect(401)
    assert set(told) == {"error", "error_description"}


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if "{tenant}" in call[1] and call[1] not in OPEN])
def test_a_client_is_kept_out_of_every_other_tenant(world: World, client: Ramp, method: str, path: str) -> None:
    other = f"client_{client_of(world, 'Other')}"
    for tenant in (other, "msp_1", "client_999"):
        for body in (b"", b"{}", b"[]"):
            told = client.ask(method, path.format(tenant=tenant), body)
            assert told.status == 403, (tenant, told)
            assert set(told.json) == {"error", "error_description"}


def test_what_belongs_to_others_is_missing_at_ones_own_address(world: World, client: Ramp) -> None:
    """Ids of another client, and of the partner, asked for at one's own address."""
    for number in (client_of(world, "Other"), 1):
        world.org = number
        other = Ramp(world, "msp_1" if number == 1 else f"client_{number}", number)
        staff(world, "zoe")
        made = post(other, policy(message(user(1), notifyLimitCount=1), name=f"theirs of {number}"))
        group = other.post("userGroups", {"name": "Theirs"}).expect(200)["uniqueId"]
        alert(other)
        found = other.get("alerts/search").expect(200)["results"]
        (row,) = [one for one in found if one["clientUniqueId"] == other.tenant]
        ticket = other.post("incidents", {"subject": "s", "description": "d"}).expect(200)["id"]
        paths = [f"userGroups/{group}", f"alerts/{row['uniqueId']}", f"incidents/{ticket}"]
        paths += [f"alerts/{row['uniqueId']}/{what}" for what in ("comments", "occurrences", "escalations")]
        paths += [f"escalations/{made['id']}"] if number != 1 else []
        for path in paths:
            client.get(path).expect(404)
        client.post(f"alerts/{row['uniqueId']}/actions/close").expect(404)
        assert other.get(f"alerts/{row['uniqueId']}").expect(200)["status"] != "Closed"
        assert client.get("alerts/search").expect(200)["totalResults"] == 0
        assert client.get("users/search").expect(200)["totalResults"] == 0
