/**
 * `node bench/audit-size.ts [ROWS]`: what a long record costs. Two servers that differ in nothing but the length of their record, a
 * thousand rows and ROWS (ten million; one million takes a tenth of the time and of the 10 GB in the temporary folder), are asked
 * the same things in turns: an entry at a keypad, issuing a code, the newest page of the record. Then the long record is searched and verified.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer } from '@oncekey/server'
import type { AuditQuery } from '@oncekey/protocol/schemas'
import { identityFrom, mqttLink, nodeHmac, simulateDoor } from '@oncekey/simulator'
import { fillAudit } from './audit-fill.ts'
import { figure, type Figure } from './figures.ts'

const SHORT = 1_000
/** Three at each compartment of the demonstration's bank: a bolt moves at most six times a minute. */
const ENTRIES = 36
const PAGES_AN_ENTRY = 10
const SEARCHES = 60
const login = { login: 'bench@example.org', password: 'nobody guesses this' }
const quiet = (): void => {}

async function auditSize (rows: number): Promise<Figure[]> {
  const folders = [mkdtempSync(join(tmpdir(), 'oncekey-bench-')), mkdtempSync(join(tmpdir(), 'oncekey-bench-'))] as const
  try {
    for (const [i, folder] of folders.entries()) {
      await prepare(folder)
      fillAudit(folder, i === 0 ? SHORT : rows)
    }
    console.error(`  ${Math.round(statSync(join(folders[1], 'oncekey.db')).size / 1e6)} MB`)
    const figures = await compare(folders, rows)
    await search(folders[1])
    await verify(folders[1])
    return figures
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

const settings = (folder: string) => readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' })

/** A site with doors and nothing to sign any more. */
async function prepare (folder: string): Promise<void> {
  const server = await startServer(settings(folder), { log: { info: quiet, warn: quiet, error: console.error } })
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  await client.setup.start({ token: new URL(server.setupLink ?? '').searchParams.get('token') ?? '', name: 'Bench', email: login.login, password: login.password, siteName: 'Bench', timeZone: 'UTC', demonstration: true })
  for (;;) {
    await sleep(1_100)
    const [witness, page] = [await client.audit.witness(), await client.audit.page({ limit: 1 })]
    if (witness.lastCheckpoint?.seq === page.rows[0]?.seq) break
    // The next checkpoint would come in ten minutes; a hundred events bring it now.
    for (let i = 0; i < 50; i++) {
      await client.session.end()
      await client.session.start(login)
    }
  }
  await server.close()
}

async function openSide (folder: string) {
  const clock = { shiftMs: 0 }
  const server = await startServer(settings(folder), { clock: () => Date.now() + clock.shiftMs, log: { info: quiet, warn: quiet, error: console.error } })
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  await client.session.start(login)
  const compartments = (await client.places.get()).banks[0]?.accessPoints ?? []
  const simulation = await client.controllers.simulation(compartments[0]?.controllerId ?? '')
  let unlockedAt = 0
  const door = simulateDoor({
    identity: identityFrom(simulation), locks: simulation.locks, hmac: nodeHmac, link: mqttLink({ url: `mqtt://127.0.0.1:${server.mqttPort}` }),
    onEffect (effect) { if (effect.do === 'bolt' && effect.to === 'unlock') unlockedAt = performance.now() }
  })
  await door.until((one) => one.heard.some((message) => message.topic.endsWith('/down/ack')) && one.rows()[1].startsWith('Enter code'), 15_000)
  const times = { entry: [] as number[], issue: [] as number[], page: [] as number[] }
  return {
    times,
    async turn (i: number): Promise<void> {
      // The day's budget of codes is for people; the clock moves on by two hours between entries.
      clock.shiftMs += 7_200_000
      await client.session.start(login)
      const compartment = compartments[i % compartments.length]
      if (compartment === undefined) throw new Error('The demonstration site has no bank.')
      let begun = performance.now()
      const { digits } = await client.codes.issue({ accessPointId: compartment.id })
      times.issue.push(performance.now() - begun)
      unlockedAt = 0
      door.type(digits)
      begun = performance.now()
      door.type('#')
      await door.until(() => unlockedAt > 0, 5_000)
      times.entry.push(unlockedAt - begun)
      await door.until((one) => one.lock(compartment.lock).lockState === 'unlocked', 5_000)
      for (let page = 0; page < PAGES_AN_ENTRY; page++) {
        begun = performance.now()
        await client.audit.page({ limit: 50 })
        times.page.push(performance.now() - begun)
      }
    },
    async close (): Promise<void> {
      door.stop()
      await server.close()
    }
  }
}

async function compare (folders: readonly [string, string], rows: number): Promise<Figure[]> {
  const short = await openSide(folders[0])
  const long = await openSide(folders[1])
  try {
    for (let i = 0; i < ENTRIES; i++) for (const side of i % 2 === 0 ? [short, long] : [long, short]) await side.turn(i)
  } finally {
    await short.close()
    await long.close()
  }
  // The first turns fill caches on both sides.
  const warm = ENTRIES / 6
  const figures = (share: number, suffix: string): Figure[] => (['entry', 'issue', 'page'] as const).map((name) => {
    const skip = name === 'page' ? warm * PAGES_AN_ENTRY : warm
    const names = { entry: 'keypad entry', issue: 'issuing a code', page: 'newest page' }
    return figure(`${names[name]} at ${rows.toLocaleString('en')} rows${suffix}`, 'ms', `at ${SHORT.toLocaleString('en')} rows`, long.times[name].slice(skip), short.times[name].slice(skip), share)
  })
  return [...figures(0.5, ''), ...figures(0.9, ', p90')]
}

/** Searches of the long record, each for somebody and something else; p50 and p95 go to standard error. */
async function search (folder: string): Promise<void> {
  const server = await startServer(settings(folder), { log: { info: quiet, warn: quiet, error: console.error } })
  const database = new DatabaseSync(join(folder, 'oncekey.db'), { readOnly: true })
  try {
    const client = createClient({ base: server.url, fetch: fetchWithCookies() })
    await client.session.start(login)
    const number = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0)
    // Moments are noted beside the writes, and this record came from elsewhere.
    while (number('SELECT seq FROM audit_head') - number("SELECT value FROM settings WHERE key = 'audit.slots'") >= 1_000) await sleep(500)
    const samples = database.prepare('SELECT actor_id, access_point_id, time FROM audit WHERE seq = ?')
    const last = number('SELECT seq FROM audit_head')
    const dayMs = 86_400_000
    const kinds: Record<string, (row: { personId: string, accessPointId: string, time: number }) => AuditQuery> = {
      'person': ({ personId }) => ({ personId }),
      'person and time': ({ personId, time }) => ({ personId, from: time - dayMs, to: time + dayMs }),
      'access point and time': ({ accessPointId, time }) => ({ accessPointId, from: time - dayMs, to: time + dayMs }),
      'person, access point, reason': ({ personId, accessPointId }) => ({ personId, accessPointId, reason: 'wrong' }),
      'reason and time': ({ time }) => ({ reason: 'wrong', from: time - dayMs, to: time }),
      'time': ({ time }) => ({ from: time - 3_600_000, to: time }),
      'kinds and time': ({ time }) => ({ event: 'access.denied,session.started', from: time - dayMs, to: time }),
      'text': () => ({ text: 'bank' }),
      'text and time': ({ time }) => ({ text: 'bench', from: time - dayMs, to: time })
    }
    for (const [name, queryOf] of Object.entries(kinds)) {
      const times: number[] = []
      for (let i = 0; times.length < SEARCHES; i++) {
        const row = samples.get(Math.max(1, Math.floor(last * ((i * 0.618_034) % 1))))
        if (row === undefined || row['actor_id'] === null || row['access_point_id'] === null) continue
        const query = queryOf({ personId: String(row['actor_id']), accessPointId: String(row['access_point_id']), time: Number(row['time']) })
        const begun = performance.now()
        await client.audit.page({ ...query, limit: 50 })
        times.push(performance.now() - begun)
      }
      times.sort((a, b) => a - b)
      console.error(`  search by ${name.padEnd(30)} p50 ${times[SEARCHES / 2]?.toFixed(1)} ms, p95 ${times[Math.floor(SEARCHES * 0.95)]?.toFixed(1)} ms`)
    }
  } finally {
    database.close()
    await server.close()
  }
}

/** The long record, checked by the command; its speed and most memory go to standard error. */
async function verify (folder: string): Promise<void> {
  const begun = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../apps/server/bin/oncekey.mjs'), 'audit', 'verify', '--data-dir', folder], { env: {}, stdio: ['ignore', 'inherit', 'inherit'] })
  let most = 0
  let early = 0
  const timer = setInterval(() => {
    try {
      const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0)
      most = Math.max(most, kilobytes)
      if (performance.now() - begun < 10_000) early = most
    } catch { /* It has just ended. */ }
  }, 200)
  const code = await new Promise((resolve) => { child.once('close', resolve) })
  clearInterval(timer)
  console.error(`  verify ended with ${String(code)} after ${Math.round((performance.now() - begun) / 1000)} s; most memory after ten seconds ${Math.round(early / 1000)} MB, at the end ${Math.round(most / 1000)} MB`)
}

if (import.meta.main) {
  for (const one of await auditSize(Number(process.argv[2] ?? 10_000_000))) {
    console.log(JSON.stringify(one))
    console.error(`${one.name.padEnd(44)} ${String(one.ours).padStart(8)} ${one.unit}   ${one.ratio.toFixed(2)} x ${one.peerIs} (${one.peer} ${one.unit})`)
  }
}
