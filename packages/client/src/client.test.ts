import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createClient, OfflineError, ProblemError, type Client } from './index.ts'
import { fetchWithCookies } from './cookies.ts'
import { json, world, type World } from './testing/server.ts'

async function house (t: TestContext, ...answers: World['answers']): Promise<World & { client: Client }> {
  const made = await world(...answers)
  t.after(made.close)
  return { ...made, client: createClient({ base: made.base }) }
}

/** Whatever form a verb takes: only its way is looked at. */
function form<Form> (): Form {
  const any: Form = JSON.parse('{"a":1}')
  return any
}

const problem = { type: 'https://oncekey.example/problems/coolingDown', code: 'coolingDown', title: 'That was too soon.', cure: 'Wait.', status: 429 }

test('every verb asks its own path, under the sub-path, with its form', async (t) => {
  const { client: c, asked } = await house(t, json({}))
  const verbs: [string, () => Promise<unknown>][] = [
    ['GET /api/v1/setup', () => c.setup.state()],
    ['POST /api/v1/setup {"a":1}', () => c.setup.start(form())],
    ['POST /api/v1/sessions {"a":1}', () => c.session.start(form())],
    ['DELETE /api/v1/sessions/current', () => c.session.end()],
    ['POST /api/v1/sign-in-codes {"a":1}', () => c.session.askForCode(form())],
    ['POST /api/v1/sessions/by-code {"a":1}', () => c.session.byCode(form())],
    ['POST /api/v1/registrations {"a":1}', () => c.registration.start(form())],
    ['POST /api/v1/registrations/confirm {"a":1}', () => c.registration.confirm(form())],
    ['GET /api/v1/registration-policy', () => c.registration.policy()],
    ['PATCH /api/v1/registration-policy {"a":1}', () => c.registration.setPolicy(form())],
    ['POST /api/v1/recoveries {"a":1}', () => c.recovery.start(form())],
    ['POST /api/v1/recoveries/confirm {"a":1}', () => c.recovery.confirm(form())],
    ['POST /api/v1/challenges/resend {"challenge":"h1"}', () => c.challenges.resend('h1')],
    ['GET /api/v1/me', () => c.me.get()],
    ['GET /api/v1/me/access', () => c.me.access()],
    ['GET /api/v1/me/push', () => c.push.get()],
    ['POST /api/v1/me/push {"a":1}', () => c.push.add(form())],
    ['DELETE /api/v1/me/push/b1', () => c.push.remove('b1')],
    ['GET /api/v1/alarms?kind=gap&ended=true', () => c.alarms.list({ kind: 'gap', ended: true })],
    ['POST /api/v1/alarms/a1/acknowledge', () => c.alarms.acknowledge('a1')],
    ['POST /api/v1/alarms/a1/snooze {"minutes":60}', () => c.alarms.snooze('a1', { minutes: 60 })],
    ['POST /api/v1/alarms/a1/assign {"personId":null}', () => c.alarms.assign('a1', { personId: null })],
    ['POST /api/v1/alarms/a1/end', () => c.alarms.end('a1')],
    ['GET /api/v1/alarm-rules', () => c.alarms.rules()],
    ['PATCH /api/v1/alarm-rules {"version":0,"rules":[]}', () => c.alarms.changeRules({ version: 0, rules: [] })],
    ['GET /api/v1/me/inbox', () => c.me.inbox()],
    ['POST /api/v1/me/inbox/m1/reveal', () => c.me.reveal('m1')],
    ['PATCH /api/v1/me {"a":1}', () => c.me.change(form())],
    ['DELETE /api/v1/me', () => c.me.leave()],
    ['POST /api/v1/me/password {"a":1}', () => c.me.changePassword(form())],
    ['POST /api/v1/me/email {"a":1}', () => c.me.askForAddress(form())],
    ['POST /api/v1/me/email/confirm {"a":1}', () => c.me.confirmAddress(form())],
    ['GET /api/v1/me/sessions', () => c.me.sessions()],
    ['DELETE /api/v1/me/sessions', () => c.me.endOtherSessions()],
    ['DELETE /api/v1/me/sessions/s1', () => c.me.endSession('s1')],
    ['GET /api/v1/me/history?before=9', () => c.me.history({ before: 9 })],
    ['POST /api/v1/sessions/second-factor {"a":1}', () => c.session.secondFactor(form())],
    ['POST /api/v1/passkeys/options {}', () => c.session.passkeyOptions()],
    ['POST /api/v1/passkeys/options {"ticket":"t"}', () => c.session.passkeyOptions('t')],
    ['POST /api/v1/sessions/by-passkey {"a":1}', () => c.session.byPasskey(form())],
    ['GET /api/v1/me/factors', () => c.factors.get()],
    ['POST /api/v1/me/proof {"proof":{"totp":"1"}}', () => c.factors.prove({ totp: '1' })],
    ['POST /api/v1/me/proof/passkey-options', () => c.factors.proofOptions()],
    ['POST /api/v1/me/totp/setup', () => c.factors.setUpTotp()],
    ['POST /api/v1/me/totp {"a":1}', () => c.factors.addTotp(form())],
    ['DELETE /api/v1/me/totp', () => c.factors.removeTotp()],
    ['POST /api/v1/me/passkeys/setup', () => c.factors.setUpPasskey()],
    ['POST /api/v1/me/passkeys {"a":1}', () => c.factors.addPasskey(form())],
    ['PATCH /api/v1/me/passkeys/k1 {"a":1}', () => c.factors.renamePasskey('k1', form())],
    ['DELETE /api/v1/me/passkeys/k1', () => c.factors.removePasskey('k1')],
    ['POST /api/v1/me/recovery-codes', () => c.factors.renewRecoveryCodes()],
    ['DELETE /api/v1/me/browsers/b1', () => c.factors.forgetBrowser('b1')],
    ['DELETE /api/v1/me/browsers', () => c.factors.forgetBrowsers()],
    ['DELETE /api/v1/people/p1/second-factors', () => c.factors.removeOf('p1')],
    ['POST /api/v1/codes {"a":1}', () => c.codes.issue(form())],
    ['DELETE /api/v1/codes/c1', () => c.codes.revoke('c1')],
    ['GET /api/v1/codes', () => c.codes.list()],
    ['GET /api/v1/codes?personId=p1&accessPointId=a1', () => c.codes.list({ personId: 'p1', accessPointId: 'a1' })],
    ['GET /api/v1/people', () => c.people.list()],
    ['GET /api/v1/people?q=ma+l&role=member&limit=5', () => c.people.list({ q: 'ma l', role: 'member', limit: 5 })],
    ['POST /api/v1/people {"a":1}', () => c.people.add(form())],
    ['PATCH /api/v1/people/p1 {"a":1}', () => c.people.change('p1', form())],
    ['DELETE /api/v1/people/p1', () => c.people.remove('p1')],
    ['POST /api/v1/invitations/accept {"a":1}', () => c.invitations.accept(form())],
    ['GET /api/v1/places', () => c.places.get()],
    ['GET /api/v1/places?controllers=false', () => c.places.plan()],
    ['POST /api/v1/banks {"a":1}', () => c.places.addBank(form())],
    ['POST /api/v1/banks/b1/compartments {"a":1}', () => c.places.addCompartments('b1', form())],
    ['POST /api/v1/doors {"a":1}', () => c.places.addDoor(form())],
    ['PATCH /api/v1/banks/b1 {"a":1}', () => c.places.renameBank('b1', form())],
    ['PATCH /api/v1/access-points/a1 {"a":1}', () => c.places.renameAccessPoint('a1', form())],
    ['DELETE /api/v1/banks/b1', () => c.places.removeBank('b1')],
    ['DELETE /api/v1/access-points/a1', () => c.places.removeAccessPoint('a1')],
    ['GET /api/v1/access-points/a1/camera', () => c.cameras.get('a1')],
    ['PATCH /api/v1/access-points/a1/camera {"a":1}', () => c.cameras.set('a1', form())],
    ['DELETE /api/v1/access-points/a1/camera', () => c.cameras.remove('a1')],
    ['POST /api/v1/access-points/a1/camera/test', () => c.cameras.test('a1')],
    ['POST /api/v1/controllers/claim {"a":1}', () => c.controllers.claim(form())],
    ['GET /api/v1/controllers/k1/simulation', () => c.controllers.simulation('k1')],
    ['PATCH /api/v1/controllers/k1/offline-codes {"a":1}', () => c.controllers.offlineCodes('k1', form())],
    ['PATCH /api/v1/controllers/k1/offline-pins {"a":1}', () => c.controllers.offlinePins('k1', form())],
    ['POST /api/v1/controllers/k1/replace {"a":1}', () => c.controllers.replace('k1', form())],
    ['PATCH /api/v1/controllers/k1/policies {"a":1}', () => c.controllers.policies('k1', form())],
    ['POST /api/v1/controllers/k1/clear-lockout {"a":1}', () => c.controllers.clearLockout('k1', form())],
    ['DELETE /api/v1/controllers/k1', () => c.controllers.remove('k1')],
    ['POST /api/v1/commissioning {"a":1}', () => c.controllers.present(form())],
    ['POST /api/v1/access-points/a1/unlock {"reason":"lost phone"}', () => c.accessPoints.unlock('a1', { reason: 'lost phone' })],
    ['POST /api/v1/access-points/a1/lock {"reason":"closing"}', () => c.accessPoints.lock('a1', { reason: 'closing' })],
    ['GET /api/v1/access-points/a1/pins', () => c.doors.pins('a1')],
    ['POST /api/v1/access-points/a1/pins {"a":1}', () => c.doors.makePin('a1', form())],
    ['DELETE /api/v1/pins/p1', () => c.doors.revokePin('p1')],
    ['GET /api/v1/access-points/a1/door-mode', () => c.doors.mode('a1')],
    ['PATCH /api/v1/access-points/a1/door-mode {"a":1}', () => c.doors.changeMode('a1', form())],
    ['GET /api/v1/door-codes?accessPointId=a1', () => c.doors.codes('a1')],
    ['POST /api/v1/door-codes/k1/decision {"approve":true}', () => c.doors.decide('k1', true)],
    ['DELETE /api/v1/door-codes/k1', () => c.doors.cancelCode('k1')],
    ['GET /api/v1/grants', () => c.grants.list()],
    ['GET /api/v1/grants?personId=p1', () => c.grants.list({ personId: 'p1', accessPointId: undefined })],
    ['POST /api/v1/grants {"a":1}', () => c.grants.give(form())],
    ['DELETE /api/v1/grants/g1', () => c.grants.end('g1')],
    ['GET /api/v1/audit', () => c.audit.page()],
    ['GET /api/v1/audit?before=9&severity=alarm', () => c.audit.page({ before: 9, severity: 'alarm' })],
    ['GET /api/v1/audit/chain', () => c.audit.chain()],
    ['GET /api/v1/audit/retention', () => c.audit.retention()],
    ['GET /api/v1/audit/retention/preview?kind=openings&days=90', () => c.audit.previewRetention({ kind: 'openings', days: 90 })],
    ['PATCH /api/v1/audit/retention {"kind":"openings","days":90,"before":null}', () => c.audit.changeRetention({ kind: 'openings', days: 90, before: null })],
    ['GET /api/v1/audit/witness', () => c.audit.witness()],
    ['PATCH /api/v1/audit/witness {"mail":null}', () => c.audit.changeWitness({ mail: null })],
    ['GET /api/v1/verifications?status=blocked', () => c.verificationLog.page({ status: 'blocked' })],
    ['GET /api/v1/verifications/v1/course', () => c.verificationLog.course('v1')],
    ['GET /api/v1/insights?from=2026-01-01', () => c.insights.get({ from: '2026-01-01' })],
    ['GET /api/v1/insights/batteries', () => c.insights.batteries()],
    ['GET /api/v1/guard', () => c.guard.get()],
    ['GET /api/v1/guard/figures?by=day', () => c.guard.figures({ by: 'day' })],
    ['PATCH /api/v1/guard/settings {"a":1}', () => c.guard.change(form())],
    ['POST /api/v1/guard/blocks/b1/lift {"reason":"launch day"}', () => c.guard.lift('b1', { reason: 'launch day' })],
    ['GET /api/v1/controllers/c1', () => c.controllers.get('c1')],
    ['GET /api/v1/home-assistant', () => c.homeAssistant.state()],
    ['PATCH /api/v1/home-assistant {"a":1}', () => c.homeAssistant.change(form())],
    ['POST /api/v1/home-assistant/test', () => c.homeAssistant.test()],
    ['PATCH /api/v1/access-points/a1/home-assistant {"isAllowed":true}', () => c.homeAssistant.allow('a1', { isAllowed: true })],
    ['GET /api/v1/programs/record?after=0&limit=100', () => c.programs.record()],
    ['GET /api/v1/programs/record?after=7&limit=2', () => c.programs.record({ after: 7, limit: 2 })],
    ['POST /api/v1/programs/unlocks {"a":1}', () => c.programs.unlock(form())],
    ['POST /api/v1/programs/codes {"a":1}', () => c.programs.makeCode(form())],
    ['GET /api/v1/live', () => c.live.get()],
    ['GET /api/v1/live?states=false', () => c.live.numbers()],
    ['POST /api/v1/contact {"a":1}', () => c.contact.send(form())],
    ['GET /api/v1/me/conversations', () => c.contact.mine()],
    ['POST /api/v1/me/conversations/k1/messages {"text":"Hello?"}', () => c.contact.writeAgain('k1', 'Hello?')],
    ['POST /api/v1/contact/conversation {"token":"t"}', () => c.contact.linked('t')],
    ['POST /api/v1/contact/messages {"token":"t","text":"Thanks"}', () => c.contact.writeByLink('t', 'Thanks')],
    ['GET /api/v1/conversations?state=open', () => c.conversations.list({ state: 'open' })],
    ['GET /api/v1/conversations/k1', () => c.conversations.get('k1')],
    ['POST /api/v1/conversations/k1/messages {"a":1}', () => c.conversations.answer('k1', form())],
    ['PATCH /api/v1/conversations/k1 {"state":"closed"}', () => c.conversations.change('k1', { state: 'closed' })],
    ['DELETE /api/v1/conversations/k1', () => c.conversations.remove('k1')],
    ['GET /health', () => c.health()],
    ['DELETE /api/v1/grants/..%2Fpeople%2Fp1', () => c.grants.end('../people/p1')]
  ]
  for (const [says, call] of verbs) {
    await call()
    const { method, path, body, headers } = asked.at(-1)!
    assert.equal(`${method} ${path} ${body}`.trim(), says.replace(' /', ' /deep/'))
    // An empty body that calls itself JSON is refused by servers.
    assert.equal(headers['content-type'], body === '' ? undefined : 'application/json')
  }
})

test('an answer is what the server said, and nothing when it said nothing', async (t) => {
  const { client } = await house(t, json({ needed: true, version: '1', me: null }), json(undefined, 204))
  assert.deepEqual(await client.setup.state(), { needed: true, version: '1', me: null })
  assert.equal(await client.session.end(), undefined)
})

test('a key makes issuing repeatable', async (t) => {
  const { client, asked } = await house(t, json({}))
  await client.codes.issue({ accessPointId: 'a1' }, { idempotencyKey: 'k-1' })
  await client.codes.issue({ accessPointId: 'a1' })
  assert.deepEqual(asked.map((one) => one.headers['idempotency-key']), ['k-1', undefined])
})

test('a refusal is a ProblemError with everything that the server told', async (t) => {
  const errors = [{ field: 'name', needs: 'a name' }]
  const { client } = await house(t, json({ ...problem, detail: 'One code in 30 s.', errors, retryAfterSeconds: 12, instance: 'i-1' }, 429))
  await assert.rejects(client.me.get(), (error) => {
    assert.ok(error instanceof ProblemError)
    const { name, message, code, title, cure, status, retryAfterSeconds, instance } = error
    assert.deepEqual({ name, message, code, title, cure, status, retryAfterSeconds, instance, errors: error.errors },
      { name: 'ProblemError', message: 'One code in 30 s.', code: 'coolingDown', title: 'That was too soon.', cure: 'Wait.', status: 429, retryAfterSeconds: 12, instance: 'i-1', errors })
    return true
  })
})

test('the wait may stand in Retry-After alone, or nowhere', async (t) => {
  const { client } = await house(t, json(problem, 429, { 'retry-after': '7' }), json(problem, 429))
  await assert.rejects(client.me.get(), { retryAfterSeconds: 7, message: 'That was too soon.', errors: [], instance: null })
  await assert.rejects(client.me.get(), { retryAfterSeconds: null })
})

test('a call that wants to know again who one is: asked once, then made once more', async (t) => {
  const refused = json({ ...problem, code: 'proofNeeded', status: 403 }, 403)
  const { base, asked, answers } = await house(t, json({}))
  let proves = true
  let times = 0
  const client = createClient({ base, prove: async () => { times++; return proves } })
  answers.unshift(refused)
  await client.me.change({ name: 'Ana' })
  assert.deepEqual([times, asked.map((one) => one.body)], [1, ['{"name":"Ana"}', '{"name":"Ana"}']])
  answers.unshift(refused, refused)
  await assert.rejects(client.me.leave(), { code: 'proofNeeded' }, 'not for ever')
  assert.deepEqual([times, asked.length], [2, 4])
  proves = false
  answers.unshift(refused)
  await assert.rejects(client.me.leave(), { code: 'proofNeeded' })
  assert.deepEqual([times, asked.length], [3, 5])
  answers.unshift(refused)
  await assert.rejects(createClient({ base }).me.leave(), { code: 'proofNeeded' })
  answers.unshift(json({ ...problem, code: 'notAllowed', status: 403 }, 403))
  await assert.rejects(client.me.leave(), { code: 'notAllowed' })
  assert.deepEqual([times, asked.length], [3, 7], 'other refusals ask nobody')
})

test('health that fails is still an answer', async (t) => {
  const report = { status: 'failing', version: '1', uptimeSeconds: 1, checks: [] }
  const { client } = await house(t, json(report, 503))
  assert.deepEqual(await client.health(), report)
  await assert.rejects(client.me.get(), OfflineError)
})

test('silence, a proxy\'s page, a portal and a cut answer are all off line', async (t) => {
  const { client, base, close } = await house(t,
    (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway'),
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in to our Wi-Fi'),
    (response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"not ours"}'),
    (response) => { response.writeHead(200, { 'content-length': '99' }).write('{'); setImmediate(() => response.destroy()) },
    () => {})
  for (let i = 0; i < 4; i++) await assert.rejects(client.me.get(), OfflineError, `answer ${i}`)
  await assert.rejects(createClient({ base, timeoutMs: 30 }).me.get(), (error) => error instanceof OfflineError && error.cause instanceof Error)
  await close()
  await assert.rejects(client.me.get(), { name: 'OfflineError', message: 'The server can not be reached.' })
})

test('the base is relative unless told otherwise, with or without its last slash', async () => {
  const asked: string[] = []
  const listen: typeof fetch = async (input) => { asked.push(String(input)); return new Response('{}') }
  await createClient({ fetch: listen }).me.get()
  await createClient({ fetch: listen, base: '/keys' }).me.get()
  await createClient({ fetch: listen, base: 'https://example.org/' }).health()
  assert.deepEqual(asked, ['./api/v1/me', '/keys/api/v1/me', 'https://example.org/health'])
})

test('outside a browser a program keeps its cookies, each origin its own', async (t) => {
  const one = await world(json({}, 200, { 'set-cookie': ['session=abc=1; Path=/; HttpOnly', 'other=2'] }), json({}), json({}, 200, { 'set-cookie': ['session=; Max-Age=0', 'other=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'] }), json({}))
  const two = await world(json({}))
  t.after(one.close)
  t.after(two.close)
  const keep = fetchWithCookies()
  const client = createClient({ base: one.base, fetch: keep })
  for (let i = 0; i < 4; i++) await client.session.start({ login: 'a', password: 'b' })
  await createClient({ base: two.base, fetch: keep }).me.get()
  assert.deepEqual(one.asked.map((ask) => ask.headers.cookie), [undefined, 'session=abc=1; other=2', 'session=abc=1; other=2', undefined])
  assert.equal(one.asked[0]?.body, '{"login":"a","password":"b"}')
  assert.equal(two.asked[0]?.headers.cookie, undefined)
})
