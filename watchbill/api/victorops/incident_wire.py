"""An incident in this dialect's words: as it stands now (reference, part 2.2), and in reports (part 2.15)."""

from collections.abc import Iterable, Mapping, Sequence

from watchbill.api.victorops.lookups import API
from watchbill.api.victorops.members import told
from watchbill.api.victorops.times import iso
from watchbill.domain.incident import Incident, Phase, Transition
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy

Wire = Mapping[str, object]

PHASES: Mapping[Phase, str] = {Phase.TRIGGERED: "UNACKED", Phase.ACKNOWLEDGED: "ACKED", Phase.RESOLVED: "RESOLVED"}
MANUAL = "manual"
# How the original spells the tools that it knows by name; what posts to the REST endpoint is "API".
TOOLS: Mapping[str, str] = {
    MANUAL: "Manual",
    "nagios": "NAGIOS",
    "pingdom": "PINGDOM",
    "cloudwatch": "Cloudwatch",
    "newrelic": "NewRelic",
    "zabbix": "Zabbix",
    "splunk": "Splunk",
    "servicenow": "ServiceNow",
}


def live(org: Organization, incident: Incident, url: str) -> Wire:
    """As it stands. The trigger itself is no transition here. `url` is this server's own."""
    return told(
        **_common(org, incident),
        currentPhase=PHASES[incident.phase],
        entityState=incident.state.upper(),
        entityType="HOST" if incident.host else "SERVICE",
        routingKey=_routing_key(org, incident) or "routingdefault",
        transitions=[_transition(one, PHASES[one.phase], url) for one in incident.transitions[1:]],
        firstAlertUuid=incident.first_alert_id,
        monitorName=incident.monitor or incident.tool,
        monitorType=_monitor_type(incident),
        isMultiResponder=incident.multi_responder,
    )


def reported(org: Organization, incident: Incident, url: str) -> Wire:
    """As reports tell it: in lower case, with the trigger as the first transition."""
    first = (_transition(one, one.phase.value, url, incident.first_alert_id) for one in incident.transitions[:1])
    later = (_transition(one, one.phase.value, url) for one in incident.transitions[1:])
    return told(
        **_common(org, incident),
        currentPhase=incident.phase.value,
        entityState=incident.state.value,
        entityType="host" if incident.host else "service",
        routingKey=_routing_key(org, incident) or "default",
        transitions=[*first, *later],
    )


def reported_before(org: Organization, incident: Incident) -> Wire:
    """As the first version of the reports told it (part 2.15.2)."""
    user = org.users_by_name.get(incident.acked_by.lower())
    teams = (org.teams[id] for id in _team_ids(_policies(incident)) if id in org.teams)
    acked = next((one.at for one in incident.transitions if one.phase is Phase.ACKNOWLEDGED), None)
    return told(
        incidentNumber=str(incident.number),
        currentPhase=incident.phase.value,
        startTime=iso(incident.opened_at),
        endTime=iso(incident.resolved_at) if incident.resolved_at is not None else None,
        ackTime=iso(acked) if acked is not None else None,
        ackUserId=incident.acked_by,
        ackUser=told(first=user.first_name, last=user.last_name, email=user.email) if user else None,
        entityId=incident.key,
        entityDispName=incident.title,
        entityType="host" if incident.host else "service",
        host=incident.host,
        service=incident.service or incident.title,
        alertCount=incident.alert_count,
        lastAlertID=incident.last_alert_id,
        lastAlertTime=iso(incident.last_alert_at),
        teams=",".join(team.name for team in teams),
    )


def _common(org: Organization, incident: Incident) -> Wire:
    policies = _policies(incident)
    return {
        "incidentNumber": str(incident.number),
        "startTime": iso(incident.opened_at),
        "alertCount": incident.alert_count,
        "lastAlertTime": iso(incident.last_alert_at),
        "lastAlertId": incident.last_alert_id,
        "entityId": incident.key,
        "entityDisplayName": incident.title or incident.key,
        "host": incident.host,
        "service": incident.service or incident.title or incident.key,
        "pagedUsers": [org.users[id].username for id in paged_users(incident) if id in org.users],
        "pagedTeams": [org.teams[id].slug for id in _team_ids(policies) if id in org.teams],
        "pagedPolicies": [_policy(org, policy) for policy in policies],
    }


def paged_users(incident: Incident) -> Sequence[str]:
    """The ids of those who are paged, or were since the incident last began."""
    by_runs = (id for run in incident.course.runs for id in run.paged)
    return _once((*by_runs, *(paging.user_id for paging in incident.course.pagings)))


def _policies(incident: Incident) -> Sequence[EscalationPolicy]:
    plan = {policy.id: policy for policy in incident.course.policies}
    return [plan[id] for id in _once(run.policy_id for run in incident.course.runs) if id in plan]


def _team_ids(policies: Sequence[EscalationPolicy]) -> Sequence[str]:
    return _once(policy.team_id for policy in policies if policy.team_id is not None)


def _once(ids: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(ids))


def _policy(org: Organization, policy: EscalationPolicy) -> Wire:
    team = org.teams.get(policy.team_id or "")
    return told(
        policy={"name": policy.name, "slug": policy.slug},
        team={"name": team.name, "slug": team.slug} if team else None,
    )


def _routing_key(org: Organization, incident: Incident) -> str:
    """Empty for what took the default route, or was opened by hand."""
    default = org.default_key
    return "" if default is not None and default.name == incident.routing_key else incident.routing_key


def _monitor_type(incident: Incident) -> str:
    if not incident.tool and "@" in incident.monitor:
        return "Email"
    return TOOLS.get(incident.tool.lower().replace(" ", ""), "API")


def _transition(one: Transition, name: str, url: str, alert_id: str = "") -> Wire:
    alert = one.alert_id or alert_id
    return told(
        name=name,
        at=iso(one.at),
        by=one.by if one.manual else None,
        message=one.note,
        manually=one.manual,
        alertId=alert,
        alertUrl=f"{url}{API}/alerts/{alert}" if alert else None,
    )
