// Every call of the VictorOps client, at its defaults: it refuses answers above 10,000 bytes.
import assert from 'node:assert/strict';
import Client from 'victorops-api-client';

const { URL: baseUrl, VICTOROPS_API_ID: apiId, VICTOROPS_API_KEY: apiKey, VICTOROPS_READONLY_KEY: readonly, INGEST_KEY: ingest } = process.env;
const called = new Set();

// The client, with a note of each call that came back.
function noted(client) {
  const groups = Object.entries(client).filter(([, group]) => group && Object.values(group).some((f) => typeof f === 'function') && !('request' in group));
  return Object.fromEntries(groups.map(([name, group]) => [name, Object.fromEntries(Object.entries(group).map(([verb, call]) => [verb, async (...given) => {
    const answer = await call(...given);
    called.add(`${name}.${verb}`);
    return answer;
  }]))]));
}

const vo = noted(new Client({ apiId, apiKey, baseUrl }));

async function refused(status, promise) {
  const error = await promise.then((answer) => assert.fail(`not refused: ${JSON.stringify(answer)}`), (problem) => problem);
  assert.equal(error.statusCode, status, `${error.message} ${JSON.stringify(error.body)}`);
  return error.body;
}

async function people() {
  const mira = { firstName: 'Mira', lastName: 'Kaur', username: 'mira.k', email: 'mira@example.org' };
  const made = await vo.users.addUser(mira);
  assert.equal(made.username, 'mira.k');
  assert.equal(made.verified, false);
  assert.equal(made._selfUrl, '/api-public/v1/user/mira.k');
  assert.match(made.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match((await refused(422, vo.users.addUser({ ...mira, email: 'other@example.org' }))).error, /mira\.k/);
  const batch = await vo.users.addUsers([
    { firstName: 'Tomas', lastName: 'Berg', username: 'tomas', email: 'tomas@example.org' },
    { firstName: 'Lea', lastName: 'Roy', username: 'lea', email: 'lea@example.org' },
    { firstName: 'Mira', lastName: 'Again', username: 'mira.k', email: 'again@example.org' },
  ]);
  assert.deepEqual(batch.users.map((row) => row.errors.length), [0, 0, 1]);
  const [all] = (await vo.users.getUsers()).users;
  for (const name of ['ann', 'bob', 'mira.k', 'tomas', 'lea']) assert.ok(all.some((user) => user.username === name), name);
  assert.equal((await vo.users.updateUser('mira.k', { ...mira, lastName: 'Kaur-Lind' })).lastName, 'Kaur-Lind');
  assert.equal((await vo.users.getUser('mira.k')).lastName, 'Kaur-Lind');
  assert.deepEqual((await vo.users.getTeams('mira.k')).teams, []);
  assert.deepEqual(await vo.users.deleteUser('lea', { replacement: 'tomas' }), { result: 'lea deleted' });
  await refused(404, vo.users.getUser('lea'));
}

async function contacts() {
  const has = vo.contactMethods;
  const email = await has.createContactEmail('mira.k', { label: 'Private', email: 'mira@home.example' });
  assert.equal(email.value, 'mira@home.example');
  assert.equal(email.contactType, 'Email');
  assert.equal(email.verified, 'unverified');
  assert.equal(typeof email.id, 'number');
  const phone = await has.createContactPhone('mira.k', { label: 'Mobile', phone: '+1 411-555-0110', rank: 500 });
  assert.equal(phone.contactType, 'Phone');
  assert.equal(phone.value.replace(/[ -]/g, ''), '+14115550110');
  assert.deepEqual(await has.getContactEmail('mira.k', email.extId), email);
  assert.deepEqual(await has.getContactPhone('mira.k', phone.extId), phone);
  const emails = (await has.getContactEmails('mira.k')).contactMethods;
  assert.deepEqual(emails.map((one) => one.label).sort(), ['Default', 'Private']);
  assert.deepEqual((await has.getContactPhones('mira.k')).contactMethods, [phone]);
  const all = await has.getContactMethods('mira.k');
  assert.deepEqual([all.emails.contactMethods.length, all.phones.contactMethods.length, all.devices.contactMethods.length], [2, 1, 0]);
  const [first, second] = (await has.getContactDevices('ann')).contactMethods;
  assert.equal((await has.updateContactDevice('ann', first.extId, { device_label: 'Pocket' })).label, 'Pocket');
  assert.equal((await has.getContactDevice('ann', first.extId)).label, 'Pocket');
  assert.equal((await has.deleteContactDevice('ann', second.extId)).extId, second.extId);
  await refused(404, has.getContactDevice('ann', second.extId));
  assert.equal((await has.deleteContactEmail('mira.k', email.extId)).extId, email.extId);
  await refused(404, has.getContactEmail('mira.k', email.extId));
  return { phone, mail: emails.find((one) => one.label === 'Default'), gone: await has.createContactPhone('mira.k', { label: 'Old', phone: '+1 411-555-0111' }) };
}

async function paging({ phone, mail, gone }) {
  const values = vo.pagingPolicyValues;
  assert.deepEqual((await values.getContactTypes()).contactTypes.map((one) => one.type), ['email', 'phone']);
  assert.deepEqual((await values.getNotificationTypes()).notificationTypes.map((one) => one.type), ['push', 'email', 'sms', 'phone']);
  assert.deepEqual((await values.getTimeoutValues()).timeoutTypes.map((one) => one.type), ['1', '5', '10', '15', '20', '25', '30', '45', '60']);
  const own = vo.personalPagingPolicies;
  const before = (await own.getPagingPolicy('mira.k')).steps.length;
  const rule = (type, contact, kind) => ({ type, contact: { id: contact.id, type: kind } });
  const { step, _selfUrl } = await own.createPolicyStep('mira.k', { timeout: 15, rules: [rule('email', mail, 'email')] });
  assert.equal(step.index, before);
  assert.equal(_selfUrl, `/api-public/v1/profile/mira.k/policies/${before}`);
  const { stepRule } = await own.createPolicyStepRule('mira.k', before, rule('sms', phone, 'phone'));
  assert.deepEqual([stepRule.index, stepRule.type, stepRule.contact.type], [1, 'sms', 'Phone']);
  assert.equal((await own.updatePolicyStepRule('mira.k', before, 1, rule('phone', phone, 'phone'))).stepRule.type, 'phone');
  assert.equal((await own.getPolicyStepRule('mira.k', before, 1)).stepRule.contact.id, phone.id);
  assert.deepEqual((await own.getPolicyStep('mira.k', before)).step.rules.map((one) => one.type), ['email', 'phone']);
  const changed = await own.updatePolicyStep('mira.k', before, { timeout: 20, rules: [rule('phone', phone, 'phone'), rule('sms', gone, 'phone')] });
  assert.deepEqual([changed.step.timeout, changed.step.rules.length], [20, 2]);
  assert.equal((await own.deletePolicyStepRule('mira.k', before, 1)).stepRule.type, 'sms');
  assert.equal((await own.getPolicyStep('mira.k', before)).step.rules.length, 1);
  const flat = await vo.userPagingPolicies.getPagingPolicies('mira.k');
  assert.equal(flat.username, 'mira.k');
  const last = flat.policies.at(-1);
  assert.deepEqual(last, { order: before + 1, timeout: 20, contactType: 'phone', extId: phone.extId });
  assert.equal((await vo.contactMethods.deleteContactPhone('mira.k', gone.extId)).extId, gone.extId);
}

async function teams() {
  const team = await vo.teams.addTeam({ name: 'Web' });
  assert.match(team.slug, /^team-[0-9A-Za-z]{16}$/);
  assert.deepEqual([team.memberCount, team.version, team.isDefaultTeam], [0, 0, false]);
  await refused(422, vo.teams.addTeam({ name: 'Web' }));
  assert.equal((await vo.teams.updateTeam(team.slug, { name: 'Web and shop' })).name, 'Web and shop');
  for (const name of ['mira.k', 'tomas']) {
    const { members } = await vo.teams.addMember(team.slug, { username: name });
    assert.equal(members.at(-1).username, name);
  }
  assert.equal((await vo.teams.getTeam(team.slug)).memberCount, 2);
  assert.ok((await vo.teams.getTeams()).some((one) => one.slug === team.slug));
  assert.deepEqual((await vo.teams.getMembers(team.slug)).members.map((one) => one.username), ['mira.k', 'tomas']);
  assert.deepEqual((await vo.users.getTeams('mira.k')).teams.map((one) => one.slug), [team.slug]);
  assert.deepEqual((await vo.teams.getAdmins(team.slug)).teamAdmins, []);
  const left = await vo.teams.removeMember(team.slug, 'tomas', { replacement: 'mira.k' });
  assert.deepEqual(left.members.map((one) => one.username), ['mira.k']);
  await vo.teams.addMember(team.slug, { username: 'tomas' });
  const spare = await vo.teams.addTeam({ name: 'Spare' });
  assert.equal((await vo.teams.removeTeam(spare.slug)).slug, spare.slug);
  const gone = await refused(404, vo.teams.getTeam(spare.slug));
  assert.deepEqual(gone, { error: `No team '${spare.slug}' found` });
  return team;
}

async function policies(team) {
  const database = (await vo.teams.getTeams()).find((one) => one.name === 'Databases');
  const { rotationGroups } = await vo.rotations.getRotationGroups(database.slug);
  assert.equal(rotationGroups.length, 1);
  const { webhooks, webHooks } = await vo.webhooks.getWebhooks();
  assert.deepEqual(webhooks, webHooks);
  assert.equal(webhooks[0].url, 'https://status.example.org/hook');
  const asked = {
    name: 'Shop', teamSlug: team.slug, ignoreCustomPagingPolicies: true,
    steps: [
      { timeout: 0, entries: [{ executionType: 'user', user: { username: 'mira.k' } }, { executionType: 'email', email: { address: 'ops@example.org' } }] },
      { timeout: 10, entries: [{ executionType: 'rotation_group', rotationGroup: { slug: rotationGroups[0].slug } }, { executionType: 'rotation_group_next', rotationGroup: { slug: rotationGroups[0].slug } }] },
      { timeout: 15, entries: [{ executionType: 'webhook', webhook: { slug: webhooks[0].slug } }, { executionType: 'team_page' }] },
    ],
  };
  const policy = await vo.escalationPolicies.createPolicy(asked);
  const entry = (one) => Object.values(one).filter((value) => typeof value === 'object').map((value) => value.slug ?? value.username ?? value.address)[0];
  assert.deepEqual(policy.steps.map((step) => step.timeout), [0, 10, 15]);
  assert.deepEqual(policy.steps.map((step) => step.entries.map((one) => [one.executionType, entry(one)])),
    asked.steps.map((step) => step.entries.map((one) => [one.executionType, entry(one)])));
  assert.deepEqual([policy.name, policy.ignoreCustomPagingPolicies], ['Shop', true]);
  const next = await vo.escalationPolicies.createPolicy({ name: 'After', teamSlug: team.slug, steps: [{ timeout: 0, entries: [{ executionType: 'policy_routing', targetPolicy: { policySlug: policy.slug } }] }] });
  assert.equal(next.steps[0].entries[0].targetPolicy.policySlug, policy.slug);
  assert.deepEqual(await vo.escalationPolicies.getPolicy(policy.slug), policy);
  assert.ok((await vo.escalationPolicies.getPolicies()).policies.some((one) => one.policy.slug === policy.slug && one.team.slug === team.slug));
  assert.equal((await vo.escalationPolicies.deletePolicy(next.slug)).result, 'success');
  await refused(404, vo.escalationPolicies.getPolicy(next.slug));
  const key = await vo.routingKeys.createRoutingKey({ routingKey: 'shop', targets: [policy.slug] });
  assert.deepEqual([key.routingKey, key.targets], ['shop', [policy.slug]]);
  const { routingKeys } = await vo.routingKeys.getRoutingKeys();
  assert.equal(routingKeys.find((one) => one.routingKey === 'shop').targets[0].policySlug, policy.slug);
  assert.equal(routingKeys.find((one) => one.isDefault).routingKey, '.+');
  return { database, policy };
}

async function onCall({ database, policy }) {
  const { teamsOnCall } = await vo.oncall.getOncallUsers();
  const here = teamsOnCall.find((one) => one.team.slug === database.slug).oncallNow[0];
  const [now] = here.users.map((one) => one.onCalluser.username);
  const other = now === 'ann' ? 'bob' : 'ann';
  const taken = here.escalationPolicy.slug;
  const schedule = await vo.oncall.getTeamSchedule(database.slug, { daysForward: 30, daysSkip: 0, step: 0 });
  const [entry] = schedule.schedules[0].schedule;
  assert.deepEqual([entry.onCallUser.username, entry.onCallType], [now, 'rotation_group']);
  assert.equal(entry.shiftRoll, entry.rolls[0].start);
  assert.equal('overrideOnCallUser' in entry, false);
  const { teamSchedules } = await vo.oncall.getUserSchedule(now, { daysForward: 14 });
  assert.ok(teamSchedules.some((one) => one.team.slug === database.slug));
  await refused(400, vo.oncall.createOncallOverride(taken, { fromUser: other, toUser: now }));
  assert.deepEqual(await vo.oncall.createOncallOverride(taken, { fromUser: now, toUser: other }), { result: 'ok' });
  const after = (await vo.oncall.getTeamSchedule(database.slug)).schedules[0].schedule[0];
  assert.deepEqual([after.onCallUser.username, after.overrideOnCallUser.username], [now, other]);
  return { database, policy, taken };
}

async function overrides({ taken }) {
  const days = 86400000;
  const at = (day) => new Date(Date.now() + day * days).toISOString().slice(0, 19) + 'Z';
  const made = await vo.scheduledOverrides.createOverride({ username: 'ann', timezone: 'Europe/Paris', start: at(1), end: at(20) });
  assert.deepEqual(made.schedule, made.override);
  const { publicId, assignments } = made.override;
  assert.match(publicId, /^ovrprd-/);
  assert.ok(assignments.some((one) => one.policy === taken && !one.assigned && !('user' in one)));
  const asked = vo.scheduledOverrides;
  assert.ok((await asked.getOverrides()).overrides.some((one) => one.publicId === publicId));
  assert.equal((await asked.getOverride(publicId)).override.timezone, 'Europe/Paris');
  assert.deepEqual(await asked.getAssignments(publicId), assignments);
  const given = await asked.updateAssignment(publicId, taken, { policy: taken, username: 'bob' });
  assert.deepEqual([given.assigned, given.user], [true, 'bob']);
  assert.deepEqual(await asked.getAssignment(publicId, taken), given);
  const back = await asked.deleteAssignment(publicId, taken);
  assert.deepEqual([back.assigned, 'user' in back], [false, false]);
  assert.equal((await asked.deleteOverride(publicId)).override.publicId, publicId);
  await refused(404, asked.getOverride(publicId));
}

async function sent(entity, more = {}) {
  const told = { message_type: 'CRITICAL', entity_id: entity, entity_display_name: `${entity} is down`, monitoring_tool: 'probe', host_name: 'eu-3', ...more };
  const answer = await fetch(`${baseUrl}/integrations/generic/20131114/alert/${ingest}/shop`, { method: 'POST', body: JSON.stringify(told) });
  assert.equal((await answer.json()).entity_id, entity);
}

async function incidentOf(entity) {
  return (await vo.incidents.getIncidents()).incidents.find((one) => one.entityId === entity);
}

// What pages do happens a moment later.
async function eventually(probe) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await probe();
    if (found) return found;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  return assert.fail(`never: ${probe}`);
}

async function incidents({ policy, database }) {
  await sent('db/eu-3/disk');
  const fresh = await eventually(async () => {
    const found = await incidentOf('db/eu-3/disk');
    return found?.pagedUsers.includes('mira.k') && found;
  });
  assert.deepEqual([fresh.currentPhase, fresh.entityState, fresh.entityType, fresh.routingKey, fresh.alertCount], ['UNACKED', 'CRITICAL', 'HOST', 'shop', 1]);
  assert.deepEqual(fresh.transitions, []);
  assert.deepEqual(fresh.pagedPolicies.map((one) => one.policy.slug), [policy.slug]);
  const alert = await vo.alerts.getAlert(fresh.firstAlertUuid);
  assert.deepEqual([alert.messageType, alert.entityId, alert.monitoringTool], ['CRITICAL', 'db/eu-3/disk', 'probe']);
  assert.equal(JSON.parse(alert.raw).host_name, 'eu-3');

  const made = await vo.incidents.createIncident({ summary: 'Shop is slow', details: 'Ten seconds a page', userName: 'tomas', targets: [{ type: 'User', slug: 'mira.k' }, { type: 'EscalationPolicy', slug: policy.slug }], isMultiResponder: false });
  assert.match(made.incidentNumber, /^\d+$/);
  const number = made.incidentNumber;
  const results = (await vo.incidents.ackIncidents({ userName: 'mira.k', incidentNames: [number, '9999'], message: 'on it' })).results;
  assert.deepEqual(results.map((one) => [one.incidentNumber, one.cmdAccepted]), [[number, true], ['9999', false]]);
  const acked = await incidentOf(made.entityId);
  assert.deepEqual([acked.currentPhase, acked.monitorName, acked.transitions.map((one) => [one.name, one.by, one.manually])], ['ACKED', 'vouser-tomas', [['ACKED', 'mira.k', true]]]);
  const { statuses } = await vo.incidents.rerouteIncidents({ userName: 'mira.k', reroutes: [{ incidentNumber: number, targets: [{ type: 'User', slug: 'tomas' }], addTargets: false }] });
  assert.deepEqual(statuses.map((one) => [one.incidentNumber, one.success, one.targetStatus.map((target) => target.slug)]), [[number, true, ['tomas']]]);
  assert.equal((await incidentOf(made.entityId)).currentPhase, 'UNACKED');
  await notes(number);
  assert.deepEqual(await vo.chat.sendChat({ username: 'tomas', text: 'Looking', monitoringTool: 'chat', incidentId: Number(number) }), {});
  const resolved = await vo.incidents.resolveIncidents({ userName: 'tomas', incidentNames: [number], message: 'done' });
  assert.deepEqual(resolved.results.map((one) => one.cmdAccepted), [true]);
  const both = await vo.incidents.ackUserIncidents({ userName: 'mira.k', message: 'all of them' });
  assert.deepEqual(both.results.map((one) => one.incidentNumber), [fresh.incidentNumber]);
  const ended = await vo.incidents.resolveUserIncidents({ userName: 'mira.k' });
  assert.deepEqual(ended.results.map((one) => one.incidentNumber), [fresh.incidentNumber]);
  await reports(number, database);
}

async function notes(number) {
  assert.deepEqual((await vo.notes.getNotes(number)).notes, []);
  const note = await vo.notes.createNote(number, { name: 'runbook', display_name: 'Runbook', json_value: { url: 'https://wiki.example.org/shop' } });
  assert.deepEqual([note.name, note.displayName, note.json_value.url], ['runbook', 'Runbook', 'https://wiki.example.org/shop']);
  assert.equal((await vo.notes.getNotes(number)).name, 'runbook');
  await vo.notes.updateNote(number, 'runbook', { name: 'runbook', display_name: 'Run book', json_value: {} });
  assert.equal((await vo.notes.getNotes(number)).displayName, 'Run book');
  await vo.notes.deleteNote(number, 'runbook');
  assert.deepEqual((await vo.notes.getNotes(number)).notes, []);
}

async function reports(number, database) {
  const history = await vo.reporting.getIncidentHistory({ limit: 10, incidentNumber: number, currentPhase: 'resolved' });
  assert.equal(history.total, 1);
  assert.deepEqual(history.incidents[0].transitions.map((one) => one.name).filter((name, at, all) => all.indexOf(name) === at), ['triggered', 'acknowledged', 'resolved']);
  const log = await vo.reporting.getShiftChanges(database.slug, { start: new Date(Date.now() - 7 * 86400000).toISOString(), end: new Date().toISOString() });
  assert.equal(log.teamSlug, database.slug);
  assert.equal(log.results, log.userLogs.length);
}

async function maintenance() {
  assert.deepEqual((await vo.maintenanceMode.getModeState()).activeInstances, []);
  const { companyId, activeInstances: [one] } = await vo.maintenanceMode.startMode({ type: 'RoutingKeys', names: ['shop'], purpose: 'kernel upgrade' });
  assert.deepEqual([companyId, one.isGlobal, one.purpose, one.targets], ['acme', false, 'kernel upgrade', [{ type: 'RoutingKeys', names: ['shop'] }]]);
  assert.deepEqual((await vo.maintenanceMode.endMode(one.instanceId)).activeInstances, []);
}

async function keys() {
  const reading = noted(new Client({ apiId, apiKey: readonly, baseUrl }));
  assert.ok((await reading.users.getUsers()).users);
  await refused(403, reading.incidents.resolveIncidents({ userName: '', incidentNames: [] }));
  const wrong = noted(new Client({ apiId, apiKey: 'x'.repeat(32), baseUrl }));
  const error = await wrong.users.getUsers().then(() => assert.fail('not refused'), (problem) => problem);
  assert.ok([401, 403].includes(error.statusCode));
}

await keys();
await people();
await paging(await contacts());
const found = await policies(await teams());
await overrides(await onCall(found));
await incidents(found);
await maintenance();
const all = Object.entries(vo).flatMap(([name, group]) => Object.keys(group).map((verb) => `${name}.${verb}`));
assert.deepEqual(all.filter((name) => !called.has(name)), []);
console.log(`${called.size} calls`);
