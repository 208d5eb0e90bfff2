// A page's whole life, by the Datadog client for Node: a team, who is on call, the page itself.
import assert from 'node:assert/strict';
import { client, v2 } from '@datadog/datadog-api-client';

const { URL: host, DATADOG_API_KEY, DATADOG_APP_KEY } = process.env;
const settings = client.createConfiguration({
  authMethods: { apiKeyAuth: DATADOG_API_KEY, appKeyAuth: DATADOG_APP_KEY },
  baseServer: new client.BaseServerConfiguration(host, {}),
});
const users = new v2.UsersApi(settings);
const teams = new v2.TeamsApi(settings);
const onCall = new v2.OnCallApi(settings);
const paging = new v2.OnCallPagingApi(settings);

// The client keeps what it can't read, and says so nowhere else.
function parsed(value, where = 'answer') {
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  assert.ok(!value.unparsedObject && !value._unparsed, `${where}: ${JSON.stringify(value)}`);
  for (const [name, each] of Object.entries(value)) parsed(each, `${where}.${name}`);
  return value;
}

async function asked(promise) {
  return parsed(await promise);
}

const vera = (await asked(users.createUser({ body: { data: { type: 'users', attributes: { email: 'Vera@Example.org', name: 'Vera' } } } }))).data;
assert.equal(vera.attributes.email, 'vera@example.org');
const team = (await asked(teams.createTeam({ body: { data: { type: 'team', attributes: { handle: 'shop', name: 'Shop' } } } }))).data;
await asked(teams.createTeamMembership({ teamId: team.id, body: { data: { type: 'team_memberships', attributes: { role: 'admin' }, relationships: { user: { data: { type: 'users', id: vera.id } } } } } }));

const owners = { teams: { data: [{ type: 'teams', id: team.id }] } };
const rotation = { name: 'Layer 1', effectiveDate: new Date('2025-01-01T00:00:00Z'), rotationStart: new Date('2025-01-01T09:00:00Z'), interval: { days: 7 }, members: [{ user: { id: vera.id } }] };
const schedule = await asked(onCall.createOnCallSchedule({ body: { data: { type: 'schedules', attributes: { name: 'Shop', timeZone: 'Europe/Paris', layers: [rotation] }, relationships: owners } }, include: 'layers,layers.members.user' }));
assert.deepEqual(schedule.included.map((each) => each.type), ['layers', 'members', 'users']);
const target = { type: 'schedules', id: schedule.data.id };
const policy = await asked(onCall.createOnCallEscalationPolicy({
  body: { data: { type: 'policies', attributes: { name: 'Shop', retries: 1, resolvePageOnPolicyEnd: false, steps: [
    { assignment: 'default', escalateAfterSeconds: 300, targets: [target] },
    { assignment: 'round-robin', escalateAfterSeconds: 300, targets: [{ ...target, config: { schedule: { position: 'next' } } }, { type: 'users', id: vera.id }] },
  ] }, relationships: owners } },
  include: 'teams,steps.targets',
}));
assert.equal(policy.data.relationships.steps.data.length, 2);
const rules = await asked(onCall.setOnCallTeamRoutingRules({
  teamId: team.id, include: 'rules',
  body: { data: { type: 'team_routing_rules', id: team.id, attributes: { rules: [
    { query: 'tags.env:test', actions: [{ type: 'send_slack_message', workspace: 'w', channel: 'c' }] },
    { query: '', actions: [{ type: 'escalation_policy', policyId: policy.data.id, urgency: 'dynamic' }] },
  ] } } },
}));
assert.deepEqual(rules.included.map((each) => each.attributes.query), ['tags.env:test', '']);
const channel = await asked(onCall.createUserNotificationChannel({ userId: vera.id, body: { data: { type: 'notification_channels', attributes: { config: { type: 'email', address: 'vera@example.org', formats: ['text'] } } } } }));
const rule = await asked(onCall.createUserNotificationRule({ userId: vera.id, body: { data: { type: 'notification_rules', attributes: { category: 'high_urgency', delayMinutes: 0 }, relationships: { channel: { data: { type: 'notification_channels', id: channel.data.id } } } } } }));
assert.equal((await asked(onCall.getUserNotificationRule({ userId: vera.id, ruleId: rule.data.id, include: 'channel' }))).included.length, 1);

assert.equal((await asked(onCall.getScheduleOnCallUser({ scheduleId: schedule.data.id, include: 'user' }))).data.relationships.user.data.id, vera.id);
await asked(onCall.getScheduleOnCallResponders({ scheduleId: schedule.data.id, filterPosition: 'previous,current,next', include: 'schedule,responders,responders.shifts,responders.shifts.user' }));
assert.deepEqual((await asked(onCall.getTeamOnCallUsers({ teamId: team.id, include: 'responders,escalations.responders' }))).data.relationships.responders.data.map((each) => each.id), [vera.id]);

const page = await asked(paging.createOnCallPage({ body: { data: { type: 'pages', attributes: { title: 'Shop is down', description: 'All of it.', tags: ['service:shop'], urgency: 'high', target: { type: 'team_handle', identifier: 'shop' } } } } }));
assert.equal(page.data.type, 'pages');
for (const act of ['acknowledgeOnCallPage', 'escalateOnCallPage', 'resolveOnCallPage']) await asked(paging[act]({ pageId: page.data.id }));
await assert.rejects(paging.resolveOnCallPage({ pageId: '00000000-0000-4000-8000-000000000000' }), (error) => error.code === 404);

for await (const each of onCall.listOnCallSchedulesWithPagination({ filterQuery: 'Shop' })) assert.equal(parsed(each).id, schedule.data.id);
await asked(onCall.setOnCallTeamRoutingRules({ teamId: team.id, body: { data: { type: 'team_routing_rules', id: team.id, attributes: { rules: [] } } } }));
await asked(onCall.deleteOnCallEscalationPolicy({ policyId: policy.data.id }));
await asked(onCall.deleteOnCallSchedule({ scheduleId: schedule.data.id }));
await asked(teams.deleteTeam({ teamId: team.id }));
await asked(users.disableUser({ userId: vera.id }));
console.log(`page ${page.data.id}`);
