import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from 'pg'
import { sharedPostgres } from '../../../../scripts/postgres.mjs'
import { storeContract } from './contract.ts'
import { postgresSchema, postgresStore, type PostgresDriver } from './postgres.ts'
import { count, door, minute, reasonOf, reasonsOf, web, world, type World } from './testing/world.ts'

const database = sharedPostgres().then(({ url }) => url(`otp_${process.pid}`))

async function connect (): Promise<Client> {
  const client = new Client(await database)
  await client.connect()
  return client
}

/** An empty store, and more connections to it. */
async function opened (connections: number): Promise<{ clients: Client[], close: () => Promise<void> }> {
  const clients = await Promise.all(Array.from({ length: connections }, connect))
  await clients[0]?.query(postgresSchema)
  await clients[0]?.query('TRUNCATE otp_codes, otp_budgets')
  return { clients, close: async () => { await Promise.all(clients.map(client => client.end())) } }
}

const own = (client: PostgresDriver) => postgresStore(client, { transaction: 'own' })

storeContract({
  name: 'PostgreSQL',
  async open () {
    const { clients, close } = await opened(1)
    return { store: own(clients[0]!), close }
  }
})

/** Many tries at once over four connections, as from four processes. */
async function race (where: typeof door | typeof web, codes: (right: string) => string[]): Promise<{ reasons: string[], w: World, code: string }> {
  const { clients, close } = await opened(4)
  try {
    const w = world(own(clients[0]!))
    const { code } = await w.code({ ...where, purpose: 'unlock' })
    const engines = clients.map(client => w.engine({ store: own(client) }))
    const verdicts = await Promise.all(codes(code).map(async (typed, i) => engines[i % engines.length]!.verify({ ...where, purpose: 'unlock', code: typed })))
    const afterwards = await w.type(code, { ...where, purpose: 'unlock' })
    return { reasons: [...reasonsOf(verdicts), `then ${reasonOf(afterwards)}`], w, code }
  } finally {
    await close()
  }
}

const zeros = (times: number): string[] => Array.from({ length: times }, () => '0000')

test('PostgreSQL: several connections evaluate exactly the three tries of a reader and the five of a challenge', async () => {
  const reader = await race(door, () => zeros(200))
  assert.deepEqual([count(reader.reasons, 'wrong'), count(reader.reasons, 'lockedOut'), reader.reasons.at(-1)], [3, 197, 'then lockedOut'])
  const challenge = await race(web, () => zeros(200))
  assert.deepEqual([count(challenge.reasons, 'wrong'), count(challenge.reasons, 'lockedOut'), challenge.reasons.at(-1)], [5, 195, 'then lockedOut'])
})

test('PostgreSQL: of many right codes over several connections one is granted, and an honest one among wrong ones is', async () => {
  assert.equal(count((await race(door, right => Array.from({ length: 100 }, () => right))).reasons, 'granted'), 1)
  for (let i = 0; i < 10; i++) assert.equal(count((await race(web, right => ['0000', '0000', '0000', '0000'].toSpliced(i % 5, 0, right))).reasons, 'granted'), 1)
})

test('PostgreSQL: codes issued, revoked and swept at once over several connections: each is spent once, one is live in a slot', async () => {
  const { clients, close } = await opened(4)
  const w = world(own(clients[0]!))
  const engines = clients.map(client => w.engine({ store: own(client) }))
  const scopes = ['r1', 'r2', 'r3']
  const issued = await Promise.all(Array.from({ length: 60 }, async (_, i) => engines[i % 4]!.issue({ ...door, scope: scopes[i % 3]!, slot: `anna/${i % 2}`, digits: 8, ttlMs: 10 * minute })))
  assert.ok(issued.every(one => one.issued))
  for (const scope of scopes) {
    assert.equal((await w.otp.status({ ...door, scope })).live, 2)
    assert.equal((await w.otp.status({ ...door, scope })).generation, 20)
  }
  w.wait(10 * minute)
  const [revoked, swept] = await Promise.all([
    Promise.all(engines.map(async engine => engine.revokeWhere({ slotPrefix: 'anna/' }))),
    Promise.all(engines.map(async engine => engine.sweep()))
  ])
  const ended = [...revoked.flat(), ...swept.flatMap(one => one.expired)].map(code => code.id)
  assert.equal(ended.length, 6)
  assert.equal(new Set(ended).size, 6)
  const { rows } = await clients[0]!.query('SELECT count(*)::int AS spent FROM otp_codes WHERE spent IS NOT NULL')
  assert.equal(rows[0].spent, 60)
  await close()
})

test("PostgreSQL: inside the caller's transaction everything is kept or undone together with it", async () => {
  const { clients, close } = await opened(1)
  const [client] = clients
  const w = world(postgresStore(client!, { transaction: 'caller' }))
  await client!.query('BEGIN')
  const { code } = await w.code()
  await client!.query('COMMIT')

  await client!.query('BEGIN')
  assert.equal(reasonOf(await w.type(code)), 'granted')
  assert.equal(reasonOf(await w.type(code)), 'alreadyUsed')
  assert.equal((await w.otp.status(door)).failuresInWindow, 1)
  await client!.query('ROLLBACK')

  assert.equal((await w.otp.status(door)).failuresInWindow, 0)
  await client!.query('BEGIN')
  assert.equal(reasonOf(await w.type(code)), 'granted')
  await client!.query('COMMIT')
  await close()
})

test('PostgreSQL: when the connection is gone, the first error is told and the next call comes to its turn', async () => {
  const { clients, close } = await opened(1)
  let isGone = false
  const store = own({
    query (text, values) {
      if (isGone) return Promise.reject(new Error('no connection'))
      return clients[0]!.query(text, values)
    }
  })
  await assert.rejects(store.change({ tenant: 't', scope: 's', now: 0 }, () => {
    isGone = true
    throw new Error('the first')
  }), /^Error: the first$/)
  isGone = false
  await clients[0]!.query('ROLLBACK')
  assert.equal(await store.read({ tenant: 't', scope: 's', now: 0 }, facts => facts.generation), 0)
  await close()
})
