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
import { startServer } from '@oncekey/server'
import type { AuditQuery } from '@oncekey/protocol/schemas'
import { fillAudit } from './audit-fill.ts'
import { figure, type Figure } from './figures.ts'
import { login, openSide, prepare, quiet, settings } from './side.ts'

const SHORT = 1_000
/** Three at each compartment of the demonstration's bank: a bolt moves at most six times a minute. */
const ENTRIES = 36
const PAGES_AN_ENTRY = 10
const SEARCHES = 60

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

async function compare (folders: readonly [string, string], rows: number): Promise<Figure[]> {
  const short = await openSide(folders[0], PAGES_AN_ENTRY)
  const long = await openSide(folders[1], PAGES_AN_ENTRY)
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
