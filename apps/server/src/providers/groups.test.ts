import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openVisits, type Visits } from '../testing/visits.ts'
import { groupsIn, higher, roleOf } from './groups.ts'
import { giveBackRoles, HOLDS_MS } from './roles.ts'
import { sourcesOf } from './told.ts'

let v: Visits
const open = async (t: TestContext, options: Parameters<typeof openVisits>[0]): Promise<void> => {
  v = await openVisits({ env: { ONCEKEY_OIDC_ROLES: 'door-admins=admin;desk=operator' }, ...options })
  t.after(async () => {
    await v.world.close()
    await v.provider.close()
  })
}
const mayas = { email: 'maya@gym.example', email_verified: true, name: 'Maya there' }
const person = async (email: string) => {
  const [row] = await v.world.house.rows('SELECT role, role_by_hand FROM people WHERE email = ?', email)
  return [row?.['role'], row?.['role_by_hand']]
}
const comes = async (account: string): Promise<void> => { assert.equal((await v.visitor().signIn(account)).location.startsWith('http://localhost:8080/'), true) }

test('groups are words of a claim, or of a path to one; anything else is none', () => {
  assert.deepEqual(groupsIn({ groups: ['a', 7, null, 'b', ['c']] }, 'groups'), ['a', 'b'])
  assert.deepEqual(groupsIn({ groups: 'only' }, 'groups'), ['only'])
  assert.deepEqual(groupsIn({ realm_access: { roles: ['a'] } }, 'realm_access.roles'), ['a'])
  assert.deepEqual(groupsIn({ 'https://x.example/groups': ['a'], https: 'no' }, 'https://x.example/groups'), ['a'])
  for (const claims of [{}, { groups: null }, { groups: { a: 'admin' } }, { groups: 7 }, { groups: true }]) assert.deepEqual(groupsIn(claims, 'groups'), [])
  assert.deepEqual(groupsIn({}, 'constructor.name'), [], 'what every object has was not said by anybody')
  assert.equal(groupsIn({ groups: Array.from({ length: 20_000 }, String) }, 'groups').length, 10_000)
})

test('an address of the token is never verified by the word of the other answer, nor the other way round; groups are of one of them, too', () => {
  const olga = 'olga@gym.example'
  const other = { email: 'mallory@elsewhere.example', email_verified: true, name: 'Mallory', groups: ['x'] }
  assert.deepEqual(sourcesOf({ email: olga }, other, 'groups'), { about: { email: olga }, groups: ['x'] })
  assert.deepEqual(sourcesOf({ email_verified: true }, { email: olga, email_verified: false }, null).about, { email: olga, email_verified: false })
  assert.deepEqual(sourcesOf({ email: olga, groups: ['a'] }, other, 'groups').groups, ['a'])
  const nested = { resource_access: { account: { roles: [] } } }
  assert.deepEqual(sourcesOf(nested, { resource_access: { oncekey: { roles: ['door-admins'] } } }, 'resource_access.oncekey.roles').groups, ['door-admins'])
  assert.deepEqual(sourcesOf({}, null, 'groups'), { about: {}, groups: [] })
})

test('of several groups the highest counts, and never less than by hand', () => {
  const roles = new Map([['desk', 'operator'], ['chiefs', 'admin']] as const)
  assert.deepEqual([roleOf([], roles), roleOf(['x'], roles), roleOf(['desk'], roles), roleOf(['desk', 'chiefs'], roles), roleOf(['Chiefs', 'desk '], roles)], [null, null, 'operator', 'admin', null])
  assert.deepEqual([higher('member', null), higher('member', 'operator'), higher('admin', 'operator'), higher('owner', 'admin')], ['member', 'operator', 'admin', 'owner'])
})

test('a group makes an administrator of a member; who has left it is a member again at the next sign-in, and their sessions end', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['desk', 'door-admins'] } } })
  const { maya } = v.world.people
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['admin', 'member'])
  assert.equal((await v.world.call(maya, 'GET', 'me')).refusal, 'signInNeeded', 'the session of the member has ended')
  const changes = async () => (await v.world.record('person.changed')).filter((row) => row.details['role'] !== undefined)
  const [raised] = await changes()
  assert.deepEqual([raised?.actor, raised?.subject?.name, raised?.details['roleBefore'], raised?.details['role'], raised?.details['by']], [null, 'Maya', 'member', 'admin', 'provider'])
  v.provider.accounts['m1'] = { ...mayas, groups: ['desk'] }
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['operator', 'member'])
  v.provider.accounts['m1'] = mayas
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['member', null], 'no groups said is none')
  assert.equal((await changes()).length, 3)
})

test('the role holds for twelve hours after the last word, and is given back when groups mean nothing any more', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['door-admins'] } } })
  const { house } = v.world
  await comes('m1')
  house.wait(HOLDS_MS - 1_000)
  await giveBackRoles(house)
  assert.deepEqual(await person('maya@gym.example'), ['admin', 'member'])
  house.wait(2_000)
  await giveBackRoles(house)
  assert.deepEqual(await person('maya@gym.example'), ['member', null])
  assert.equal((await house.rows('SELECT 1 FROM sessions WHERE person_id = ?', v.world.people.maya.id)).length, 0)
  // The provider's clock is the real one.
  house.wait(-HOLDS_MS - 1_000)
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['admin', 'member'])
  await giveBackRoles({ ...house, config: { ...house.config, provider: house.config.provider && { ...house.config.provider, groups: null } } })
  assert.deepEqual(await person('maya@gym.example'), ['member', null])
})

test('an owner stays an owner, somebody new comes in with the role of their group, and a role by hand is what stays', async (t) => {
  await open(t, { accounts: { o1: { email: 'olga@gym.example', email_verified: true, name: 'Olga', groups: ['desk'] }, n1: { email: 'noor@gym.example', email_verified: true, name: 'Noor', groups: ['desk'] }, m1: { ...mayas, groups: ['desk'] } } })
  await v.world.call(v.world.people.adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })
  await comes('o1')
  assert.deepEqual(await person('olga@gym.example'), ['owner', null])
  await comes('n1')
  assert.deepEqual(await person('noor@gym.example'), ['operator', 'member'])
  await comes('m1')
  assert.equal((await v.world.call(v.world.people.adam, 'PATCH', `people/${v.world.people.maya.id}`, { role: 'admin', roleBefore: 'operator' })).status, 200)
  assert.deepEqual(await person('maya@gym.example'), ['admin', null], 'by hand')
  v.provider.accounts['m1'] = mayas
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['admin', null])
})

test('half the factors change nobody\'s role; with the second one it is there', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['door-admins'] } } })
  const { maya } = v.world.people
  const { code } = await v.addTotp(maya)
  const back = await v.visitor().signIn('m1')
  const ticket = new URLSearchParams(back.url.hash.slice(1)).get('second') ?? ''
  assert.deepEqual(await person('maya@gym.example'), ['member', null])
  assert.equal((await v.world.call(maya, 'GET', 'me')).status, 200, 'and ends no session of theirs')
  v.world.house.wait(31_000)
  const given = await v.post('sessions/second-factor', { ticket, proof: { totp: code() } })
  assert.equal(given.status, 200)
  assert.deepEqual(await person('maya@gym.example'), ['admin', 'member'])
})

test('whoever proves anew who they are after they left a group is out', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['door-admins'] } } })
  const maya = v.visitor()
  await maya.signIn('m1')
  v.provider.accounts['m1'] = mayas
  const proven = await maya.get(await maya.walker.walk(await maya.start('?prove=1&next=%2Fme'), 'm1'), { crossSite: true })
  assert.match(proven.location, /provider=over/)
  assert.deepEqual(await person('maya@gym.example'), ['member', null])
})

test('an owner makes by hand what a group gave; a clock that was ahead keeps no role', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['desk'] } } })
  const { olga, maya } = v.world.people
  await comes('m1')
  assert.equal((await v.world.call(olga, 'PATCH', `people/${maya.id}`, { role: 'operator' })).status, 200)
  assert.deepEqual(await person('maya@gym.example'), ['operator', null])
  v.provider.accounts['m1'] = { ...mayas, groups: ['door-admins'] }
  await comes('m1')
  v.world.house.wait(-600_000)
  await giveBackRoles(v.world.house)
  assert.deepEqual(await person('maya@gym.example'), ['operator', null])
})

test('whoever steps down from a role of a group has no more by hand than before', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['door-admins'] } } })
  const { maya, adam } = v.world.people
  const visitor = v.visitor()
  const self = { ...maya, cookie: '' }
  const step = async (role: string): Promise<void> => {
    await visitor.signIn('m1')
    self.cookie = visitor.cookies['oncekey'] ?? ''
    // What dangerous calls ask for is another matter, and has its own tests.
    await v.world.house.db.write(async (trx) => { await trx.prepare('UPDATE sessions SET proven_at = ? WHERE person_id = ?').run(v.world.house.clock(), maya.id) })
    const { status, said } = await v.world.call(self, 'PATCH', `people/${maya.id}`, { role })
    assert.equal(status, 200, said)
  }
  await step('operator')
  assert.deepEqual(await person('maya@gym.example'), ['operator', 'member'])
  v.world.house.wait(HOLDS_MS + 1_000)
  await giveBackRoles(v.world.house)
  assert.deepEqual(await person('maya@gym.example'), ['member', null])
  v.world.house.wait(-HOLDS_MS - 1_000)
  await v.world.signIn(adam)
  assert.equal((await v.world.call(adam, 'PATCH', `people/${maya.id}`, { role: 'operator' })).status, 200)
  await step('member')
  assert.deepEqual(await person('maya@gym.example'), ['member', null], 'less than by hand is by hand')
})

test('groups that only the provider\'s address for what it knows of people says are found there, by a path', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, realm_access: { roles: ['door-admins'] } } }, userinfoOnly: true, env: { ONCEKEY_OIDC_ROLES: 'door-admins=admin', ONCEKEY_OIDC_GROUPS: 'realm_access.roles' } })
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['admin', 'member'])
})

test('without groups in the settings they mean nothing', async (t) => {
  await open(t, { accounts: { m1: { ...mayas, groups: ['door-admins'] } }, env: {} })
  await comes('m1')
  assert.deepEqual(await person('maya@gym.example'), ['member', null])
})
