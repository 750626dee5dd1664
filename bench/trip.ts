import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer } from '@oncekey/server'
import type { IdentityFile } from '@oncekey/simulator'
import { startPostgres } from '../scripts/postgres.mjs'
import { figure, type Figure } from './figures.ts'
import type { Order, Report } from './keypads.ts'

type Load = {
  name: string
  /** Settings of the server beyond its folder and ports. */
  env?: Record<string, string>
  controllers: number
  /** Locks of each; a bolt moves at most six times a minute. */
  locks: number
  /** Entries in all; each lock gets as many as go round. */
  entries: number
  perSecond: number
}

const login = { login: 'bench@example.org', password: 'nobody guesses this' }
const peer = 'an echo through a bare broker'
/** Entries before the measured ones: a server that has run for a day is compiled, and so is its peer. */
const WARM_UP = 160
/** Not faster: rounds would follow each other so quickly that bolts come to a seventh move in a minute, and rest instead. */
const WARM_UP_MS = 250

/** From the `#` at the keypad to the moment the bolt is told to move, against an echo through a bare broker at the same pace. */
export async function* trip (): AsyncGenerator<Figure> {
  const one = { controllers: 1, locks: 40, entries: 160, perSecond: 4 }
  yield* await under({ ...one, name: 'keypad to bolt' })
  yield* await under({ name: 'keypad to bolt, 500 controllers', controllers: 500, locks: 1, entries: 1000, perSecond: 100 })
  const postgres = await startPostgres().catch((error: unknown) => { console.error(`Not measured on PostgreSQL: ${error instanceof Error ? error.message : String(error)}`) })
  if (postgres === undefined) return
  try {
    yield* await under({ ...one, name: 'keypad to bolt, PostgreSQL', env: { ONCEKEY_DATABASE_URL: await postgres.url('bench') } })
  } finally {
    await postgres.stop()
  }
}

async function under (load: Load): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  let shiftMs = 0
  const quiet = (): void => {}
  const server = await startServer(readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ...load.env }), { clock: () => Date.now() + shiftMs, log: { info: quiet, warn: quiet, error: console.error } })
  const keypads = fork(join(import.meta.dirname, 'keypads.ts'))
  const echo = fork(join(import.meta.dirname, 'bare-echo.mjs'))
  /** The limits of claims and of codes are for people: the server's clock moves on instead. */
  const later = async (ms: number): Promise<void> => {
    shiftMs += ms
    await client.session.start(login)
  }
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  try {
    const echoUrl = (await heard<{ url: string }>(echo)).url
    const token = new URL(server.setupLink ?? '').searchParams.get('token') ?? ''
    const me = await client.setup.start({ token, name: 'Bench', email: login.login, password: login.password, siteName: 'Bench', timeZone: 'UTC', demonstration: false })
    const doors: IdentityFile[] = []
    const points: { door: number, accessPointId: string }[] = []
    for (let i = 0; i < load.controllers; i++) {
      if (i % 10 === 9) await later(600_000)
      const bank = await client.places.addBank({ name: `Bank ${i}`, range: `A01-A${String(load.locks).padStart(2, '0')}` })
      const key = randomBytes(32).toString('base64url')
      const box = { key, claimCode: `BENCH${String(i).padStart(5, '0').replaceAll('0', 'Z').replaceAll('1', 'Y')}`, hardware: 'bench', firmware: '1', locks: load.locks }
      await client.controllers.present(box)
      const controller = await client.controllers.claim({ claimCode: box.claimCode, name: bank.name, bankId: bank.id })
      const answer = await client.controllers.present(box)
      if (!answer.claimed) throw new Error('The claim did not reach the controller.')
      doors.push({ siteId: answer.siteId, controllerId: controller.id, key, locks: load.locks })
      for (const point of bank.accessPoints) points.push({ door: i, accessPointId: point.id })
    }
    for (let from = 0; from < points.length; from += 100) await client.grants.give({ personId: me.id, accessPointIds: points.slice(from, from + 100).map((one) => one.accessPointId) })
    await ordered(keypads, { is: 'connect', mqtt: `mqtt://127.0.0.1:${server.mqttPort}`, echo: echoUrl, doors })

    const ours: number[] = []
    const echoes: number[] = []
    console.error(`${load.name}: ${load.controllers} controllers stand, ${load.entries + WARM_UP} entries follow`)
    for (let left = load.entries + WARM_UP; left > 0; left -= points.length) {
      await later(660_000)
      const entries: Extract<Order, { is: 'type' }>['entries'] = []
      for (const { door, accessPointId } of points.slice(0, left)) entries.push({ door, digits: (await client.codes.issue({ accessPointId })).digits })
      const pace = 1000 / load.perSecond
      const report = await ordered(keypads, { is: 'type', entries, everyMs: left > load.entries ? Math.min(WARM_UP_MS, pace) : pace })
      if (report.is !== 'typed' || report.lost > 0) throw new Error(`${load.name}: of ${entries.length} entries some opened nothing: ${JSON.stringify(report)}`)
      ours.push(...report.ours)
      echoes.push(...report.echoes)
      console.error(`${load.name}: ${ours.length} entries opened`)
    }
    return [0.5, 0.99].map((share) => figure(`${load.name}, p${100 * share}`, 'ms', peer, ours.slice(WARM_UP), echoes.slice(WARM_UP), share))
  } finally {
    for (const child of [keypads, echo]) if (child.connected) child.disconnect()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function ordered (child: ChildProcess, order: Order): Promise<Report> {
  child.send(order)
  return heard(child)
}

/** The next message of a child of ours. */
function heard<T> (child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => { reject(new Error(`A part of the bench ended with ${code}.`)) }
    child.once('exit', ended)
    // It only says what its own file declares.
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as T)
    })
  })
}
