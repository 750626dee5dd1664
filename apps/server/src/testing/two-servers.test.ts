import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig, startServer, type Server } from '../main.ts'
import { createLog } from '../platform/log.ts'
import { isPostgres, testDatabase } from './database.ts'

type Answer = { status: number, cookie: string, body: any } // eslint-disable-line typescript/no-explicit-any -- the test looks at bodies as whatever JSON came

test('two servers on one database behave as one: set-up, Idempotency-Keys, guesses, the chain', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  const database = await testDatabase(folder)
  const logged: string[] = []
  const log = createLog((line) => { logged.push(line) })
  const config = readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example', ...database.env })
  const servers: Server[] = []
  try {
    // Both migrate and begin at the same moment where the database is one for several processes.
    if (isPostgres) servers.push(...await Promise.all([startServer(config, { log }), startServer(config, { log })]))
    else for (let i = 0; i < 2; i++) servers.push(await startServer(config, { log }))
    const call = async (at: number, method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> => {
      const answer = await fetch(`${servers[at % 2]?.url}/api/v1/${path}`, {
        method, headers: { ...headers, ...body === undefined ? {} : { 'content-type': 'application/json' } }, ...body === undefined ? {} : { body: JSON.stringify(body) }
      })
      return { status: answer.status, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '', body: await answer.json().catch(() => null) }
    }
    const each = (count: number, one: (i: number) => Promise<Answer>): Promise<Answer[]> => Promise.all(Array.from({ length: count }, (_, i) => one(i)))
    const form = { siteName: 'Gym', name: 'Olga', email: 'olga@gym.example', password: 'quiet river stones', timeZone: 'Europe/Berlin', demonstration: true }
    const tokens = servers.map((server) => new URL(server.setupLink ?? '').searchParams.get('token') ?? '')
    const setUps = await Promise.all(tokens.flatMap((token) => [0, 1].map((at) => call(at, 'POST', 'setup', { ...form, token }))))
    assert.equal(setUps.filter((one) => one.status === 201).length, 1, JSON.stringify(setUps.map((one) => one.body)))
    const cookie = setUps.find((one) => one.status === 201)?.cookie ?? ''

    const { body: home } = await call(1, 'GET', 'me/access', undefined, { cookie })
    const accessPointId = home.access[0].accessPoint.id
    const codes = await each(40, (i) => call(i, 'POST', 'codes', { accessPointId }, { cookie, 'idempotency-key': 'one' }))
    assert.equal(new Set(codes.map((one) => `${one.status} ${one.body.code?.id} ${one.body.digits}`)).size, 1, 'one code, however often and wherever it is asked for')

    const { body: { secret } } = await call(0, 'POST', 'api-keys', { name: 'Shop' }, { cookie })
    const key = { authorization: `Bearer ${secret}` }
    const { body: verification } = await call(0, 'POST', 'verifications', { to: 'ana@example.org' }, key)
    const guesses = await each(60, (i) => call(i, 'POST', `verifications/${verification.id}/check`, { code: '0000' }, key))
    assert.deepEqual([...new Set(guesses.map((one) => `${one.status} ${one.body.status}`))], ['200 refused'])
    const refused = (await call(1, 'GET', 'audit?event=verification.refused&limit=200', undefined, { cookie })).body.rows
    assert.equal(refused.filter((row: { reason: string }) => row.reason === 'wrong').length, 5, 'exactly the budget was compared')
    assert.equal(refused.length, 60)
    const chain = (await call(0, 'GET', 'audit/chain', undefined, { cookie })).body
    assert.deepEqual([chain.intact, chain.fault], [true, null])
    const health = await fetch(`${servers[1]?.url}/health`)
    assert.match(JSON.stringify(await health.json()), isPostgres ? /PostgreSQL reads and writes/ : /SQLite reads and writes/)
    assert.deepEqual(logged.filter((line) => line.includes('"level":"error"')), [])
  } finally {
    await Promise.all(servers.map((server) => server.close()))
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  }
})
