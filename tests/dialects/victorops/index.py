"""The calls of the reference's index (part 7), each with something to do in an organization that has all they name."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.dialects.speaking import Answer, Speaker
from tests.dialects.victorops.rotas import V1, by_name, on_duty, policy, rotation, shift, team
from tests.dialects.victorops.test_story_incident import posts
from tests.stories.world import World
from watchbill.domain.people import ContactMethod

INDEX = """
1 GET v1/alerts/{uuid}
2 GET v1/incidents
3 GET v1/incidents/{incident}
4 POST v1/incidents
5 PATCH v1/incidents/ack
6 PATCH v1/incidents/resolve
7 PATCH v1/incidents/byUser/ack
8 PATCH v1/incidents/byUser/resolve
9 POST v1/incidents/reroute
10 GET v1/incidents/{incident}/notes
11 POST v1/incidents/{incident}/notes
12 PUT v1/incidents/{incident}/notes/{note}
13 DELETE v1/incidents/{incident}/notes/{note}
14 GET v1/maintenancemode
15 POST v1/maintenancemode/start
16 PUT v1/maintenancemode/{mode}/end
17 GET v1/oncall/current
18 GET v2/team/{team}/oncall/schedule
19 GET v2/user/{user}/oncall/schedule
20 PATCH v1/policies/{policy}/oncall/user
21 PATCH v1/team/{team}/oncall/user
22 GET v1/team/{team}/oncall/schedule
23 GET v1/user/{user}/oncall/schedule
24 GET v1/org/routing-keys
25 POST v1/org/routing-keys
26 PUT v1/org/routing-keys/{key}
27 DELETE v1/org/routing-keys/{key}
28 GET v1/overrides
29 POST v1/overrides
30 GET v1/overrides/{override}
31 DELETE v1/overrides/{override}
32 GET v1/overrides/{override}/assignments
33 GET v1/overrides/{override}/assignments/{policy}
34 PUT v1/overrides/{override}/assignments/{policy}
35 DELETE v1/overrides/{override}/assignments/{policy}
36 GET v1/policies
37 POST v1/policies
38 GET v1/policies/{policy}
39 PUT v1/policies/{policy}
40 DELETE v1/policies/{policy}
41 GET v1/team/{team}/policies
42 GET v1/policies/types/contacts
43 GET v1/policies/types/notifications
44 GET v1/policies/types/timeouts
45 GET v1/profile/{user}/policies
46 POST v1/profile/{user}/policies
47 GET v1/profile/{user}/policies/{step}
48 PUT v1/profile/{user}/policies/{step}
49 POST v1/profile/{user}/policies/{step}
50 GET v1/profile/{user}/policies/{step}/{rule}
51 PUT v1/profile/{user}/policies/{step}/{rule}
52 DELETE v1/profile/{user}/policies/{step}/{rule}
53 GET v2/profile/{user}/policies
54 GET v1/user/{user}/policies
55 GET v1/team
56 POST v1/team
57 GET v1/team/{team}
58 PUT v1/team/{team}
59 DELETE v1/team/{team}
60 GET v1/team/{team}/admins
61 GET v1/team/{team}/members
62 POST v1/team/{team}/members
63 DELETE v1/team/{team}/members/{user}
64 GET v1/user
65 GET v2/user
66 POST v1/user
67 POST v1/user/batch
68 GET v1/user/{user}
69 PUT v1/user/{user}
70 DELETE v1/user/{user}
71 GET v1/user/{user}/teams
72 GET v1/user/{user}/contact-methods
73 GET v1/user/{user}/contact-methods/devices
74 GET v1/user/{user}/contact-methods/devices/{device}
75 PUT v1/user/{user}/contact-methods/devices/{device}
76 DELETE v1/user/{user}/contact-methods/devices/{device}
77 GET v1/user/{user}/contact-methods/emails
78 POST v1/user/{user}/contact-methods/emails
79 GET v1/user/{user}/contact-methods/emails/{email}
80 DELETE v1/user/{user}/contact-methods/emails/{email}
81 GET v1/user/{user}/contact-methods/phones
82 POST v1/user/{user}/contact-methods/phones
83 GET v1/user/{user}/contact-methods/phones/{phone}
84 DELETE v1/user/{user}/contact-methods/phones/{phone}
85 GET reporting/v2/incidents
86 GET reporting/v1/incidents
87 GET reporting/v1/team/{team}/oncall/log
88 GET v1/teams/{team}/rotations
89 GET v2/team/{team}/rotations
90 POST v1/teams/{team}/rotations
91 GET v1/teams/{team}/rotations/{group}
92 PUT v1/teams/{team}/rotations/{group}
93 DELETE v1/teams/{team}/rotations/{spare}
94 POST v1/teams/{team}/rotations/{group}
95 GET v1/teams/{team}/rotations/{group}/{shift}
96 PUT v1/teams/{team}/rotations/{group}/{shift}
97 DELETE v1/teams/{team}/rotations/{group}/{shift}
98 POST v1/teams/{team}/rotations/{group}/{shift}/members
99 PUT v1/teams/{team}/rotations/{group}/{shift}/members
100 DELETE v1/teams/{team}/rotations/{group}/{shift}/members
101 GET v1/teams/{team}/rotations/{group}/{shift}/scheduled
102 PUT v1/teams/{team}/rotations/{group}/{shift}/scheduled
103 GET v1/webhooks
104 POST v1/chat
105 GET v1/chat
106 POST v1/stakeholders/sendMessage
107 GET v1/alertRules
108 POST v1/alertRules
109 PUT v1/alertRules/{alertRule}
110 DELETE v1/alertRules/{alertRule}
"""

PAGED = {"type": "email", "contact": {"id": 0, "type": "email"}}
NEW = {"firstName": "Eve", "lastName": "Fox", "username": "eve", "email": "eve@example.org"}
RULE = {"alertField": "host_name", "alertValueMatch": "eu-*", "matchType": "WILDCARD", "routeKey": "database"}
DONE = {"userName": "mira", "incidentNames": ["1"], "message": "mine"}
MANUAL = {"summary": "Smoke", "details": "hall", "userName": "mira", "targets": [{"type": "User", "slug": "tomas"}]}
AWAY = {"username": "mira", "timezone": "Europe/Prague", "start": "2026-06-02T08:00:00Z", "end": "2026-06-04T08:00:00Z"}


@dataclass(frozen=True, slots=True)
class Row:
    """`path` has names in braces for what a furnished organization has."""

    number: int
    method: str
    path: str

    @property
    def parts(self) -> Sequence[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    def at(self, names: Mapping[str, object]) -> str:
        return self.path.format_map({name: str(one) for name, one in names.items()})


def _rows() -> Iterator[Row]:
    for line in INDEX.split("\n"):
        if line:
            number, method, path = line.split(" ")
            yield Row(int(number), method, ("/api-" if path.startswith("reporting/") else "/api-public/") + path)


ROWS: Sequence[Row] = tuple(_rows())


def bodies(names: Mapping[str, Any]) -> Mapping[int, Any]:
    """What the calls that take something are sent, by their numbers."""
    reroutes = [{"incidentNumber": "1", "targets": [{"type": "EscalationPolicy", "slug": names["policy"]}]}]
    policy = {"name": "Night", "teamSlug": names["team"], "steps": [{"timeout": 0, "entries": [by_name("tomas")]}]}
    told = [
        ((4,), MANUAL),
        ((5, 6), DONE),
        ((7, 8), {"userName": "mira"}),
        ((9,), {"userName": "tomas", "reroutes": reroutes}),
        ((11,), {"name": "map", "display_name": "Map", "json_value": {"url": "https://wiki.example"}}),
        ((12,), {"display_name": "The cause"}),
        ((15,), {"type": "RoutingKeys", "names": ["database"], "purpose": "kernel"}),
        ((20, 21), {"fromUser": "mira", "toUser": "tomas"}),
        ((25, 26), {"routingKey": "web", "targets": [names["policy"]]}),
        ((29,), AWAY),
        ((34,), {"policy": names["policy"], "username": "tomas", "acceptOverlap": True}),
        ((37, 39), policy),
        ((46, 48), {"timeout": 10, "rules": [PAGED]}),
        ((49, 51), PAGED),
        ((56, 58), {"name": "Network"}),
        ((62,), {"username": "lead"}),
        ((63, 70), {"replacement": "tomas"}),
        ((66,), NEW),
        ((67,), [NEW]),
        ((69,), {"lastName": "Cole"}),
        ((75,), {"device_label": "Old phone"}),
        ((78,), {"label": "Home", "email": "home@example.org", "rank": 10}),
        ((82,), {"label": "Home", "phone": "+1 411-555-0199"}),
        ((90,), {"label": "Nights", "shifts": [shift("tomas")]}),
        ((92,), {"label": "Weeks"}),
        ((94, 96), shift("mira", "tomas", label="days")),
        ((98, 100, 102), {"username": "tomas"}),
        ((99,), {"username": "tomas", "position": 0}),
        ((104,), {"username": "mira", "text": "looking", "incidentId": 1}),
        ((106,), {"title": "Shop", "message": "It is slow.", "incidentId": 1, "recipients": ["lead"]}),
        ((108, 109), RULE),
    ]
    return {number: body for numbers, body in told for number in numbers}


def furnished(world: World, api: Speaker) -> Mapping[str, Any]:
    """An organization that has all that the calls name. Mira is on call, and paged for incident 1."""
    slug = team(api, "Database", "mira", "tomas", "lead")
    made = rotation(api, slug, "DB weekly", shift("tomas", "mira", start="2026-05-25T15:00:00Z"))
    spare = rotation(api, slug, "Spare", shift("tomas"))
    world.pass_(16 * 3600 * 1_000_000)
    paging = policy(api, slug, "DB primary", (0, [on_duty(made["slug"])]), (15, [by_name("lead")]))
    api.post(f"{V1}/org/routing-keys", {"routingKey": "database", "targets": [paging]}).expect(200)
    api.post(f"{V1}/org/routing-keys", {"routingKey": "other", "targets": [paging]}).expect(200)
    own = f"{V1}/user/mira/contact-methods"
    phone = api.post(f"{own}/phones", {"label": "Mobile", "phone": "+1 411-555-0110"}).expect(200)
    email = api.post(f"{own}/emails", {"label": "Work", "email": "work@example.org"}).expect(200)
    api.post(f"{V1}/profile/mira/policies", {"timeout": 15, "rules": [PAGED]}).expect(200)
    device = ContactMethod("device-1", 77, "push", "token", "Phone", verified=True)
    mira = world.organization.users_by_name["mira"]
    world.has(replace(mira, contacts=(*mira.contacts, device)))
    mode = api.post(f"{V1}/maintenancemode/start", {"names": ["other"], "purpose": "move"}).expect(200)
    away = api.post(f"{V1}/overrides", AWAY | {"end": "2026-06-09T08:00:00Z"}).expect(200)["override"]
    rule = api.post(f"{V1}/alertRules", RULE).expect(200)
    posts(world, "database", message_type="CRITICAL", entity_id="disk", host_name="eu-3", state_message="97%")
    api.post(f"{V1}/incidents/1/notes", {"name": "cause", "json_value": {"text": "logs"}}).expect(200)
    uuid = api.get(f"{V1}/incidents/1").expect(200)["firstAlertUuid"]
    return {
        **{"uuid": uuid, "incident": 1, "note": "cause", "mode": mode["activeInstances"][0]["instanceId"]},
        **{"team": slug, "user": "mira", "policy": paging, "key": "database", "override": away["publicId"]},
        **{"step": 1, "rule": 0, "device": device.id, "email": email["extId"], "phone": phone["extId"]},
        **{"group": made["id"], "shift": made["shifts"][0]["rot_id"], "spare": spare["id"], "alertRule": rule["id"]},
    }


def inside(value: Any) -> Iterator[Any]:
    """A value of JSON, and all that is in it."""
    yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(each)


def plain(answer: Answer) -> Any:
    """What a call answered that went well (parts 1.4 and 1.5): 200, compact JSON, nothing that is null, no error."""
    told = answer.expect(200)
    assert answer.body == json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    assert None not in list(inside(told))
    assert "error" not in told
    return told
