import { statfs } from 'node:fs/promises'
import { Health, type HealthReport } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { App } from './http.ts'
import { perHouse } from './per-house.ts'

const SHARED_MS = 1_000

export type Check = HealthReport['checks'][number]

/** Free room of the data folder below which it fails, or is near to it. MB. */
export const leastRoom = Object.freeze({ failing: 50, degraded: 500 })

/** Checks that features add: each says how its part is, without work worth mentioning. */
export const moreChecks = perHouse((_house: House): (() => Check)[] => [])

const latestOf = perHouse((_house: House): { at: number, checks: Promise<Check[]> | null } => ({ at: 0, checks: null }))

/** How each part is now. Anybody may ask, and the database's check is a durable write: who asks within the same second gets the same answer. */
function check (house: House): Promise<Check[]> {
  const latest = latestOf(house)
  const now = house.clock()
  if (latest.checks === null || now - latest.at >= SHARED_MS || now < latest.at) {
    latest.at = now
    latest.checks = Promise.all([database(house), broker(house), mail(house), disk(house), ...redis(house), ...tls(house), ...moreChecks(house).map((one) => one())])
  }
  return latest.checks
}

/** What `/health` answers. */
export async function healthOf (house: House): Promise<HealthReport> {
  const checks = await check(house)
  const status = checks.some((one) => one.status === 'failing') ? 'failing' : checks.some((one) => one.status === 'degraded') ? 'degraded' : 'ok'
  return { status, version: house.version, uptimeSeconds: Math.floor((house.clock() - house.startedAt) / 1000), checks }
}

/** `/health`: each dependency with its state; 503 when one of them fails. `/health/live`: the process answers. */
export function healthRoutes (app: App, house: House): void {
  app.get('/health', { config: { audience: 'everybody', isPublicNotice: true }, schema: { tags: ['health'], summary: 'State of the server and of each part it needs', response: { 200: Health, 503: Health } } }, async (_request, reply) => {
    const report = await healthOf(house)
    return reply.status(report.status === 'failing' ? 503 : 200).send(report)
  })
  app.get('/health/live', { config: { audience: 'everybody', isPublicNotice: true }, schema: { tags: ['health'], summary: 'The process answers' } }, async () => ({ status: 'ok' }))
}

async function database (house: House): Promise<Check> {
  const name = house.db.kind === 'postgres' ? 'PostgreSQL' : 'SQLite'
  try {
    // A write, because reading still works on a full disk.
    await house.db.write(async (trx) => {
      await trx.prepare("INSERT INTO settings (key, value) VALUES ('health', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(String(house.clock()))
    }, { beside: ['health'] })
    return { name: 'database', status: 'ok', says: `${name} reads and writes.` }
  } catch {
    return { name: 'database', status: 'failing', says: house.db.kind === 'postgres' ? 'PostgreSQL does not take writes. Look at its server, its disk and at our log.' : 'SQLite does not take writes. Look at the disk of the data folder and at the log.' }
  }
}

async function broker (house: House): Promise<Check> {
  if (!house.transport.isOpen()) return { name: 'broker', status: 'failing', says: 'Does not listen. Look at the log for its port.' }
  return await house.transport.loop()
    ? { name: 'broker', status: 'ok', says: 'Takes controllers.' }
    : { name: 'broker', status: 'failing', says: 'Passes no message on. Start the server again.' }
}

/** Nothing to say where the database has the codes. */
function redis ({ codeStore }: House): Check[] {
  if (codeStore === undefined) return []
  return [codeStore.isThere() ? { name: 'redis', status: 'ok', says: 'Takes codes of verifications.' } : { name: 'redis', status: 'degraded', says: 'Does not answer. Codes that it has can not be checked until it does; new ones stay in the database. Look at its server and at ONCEKEY_REDIS_URL.' }]
}

/** Nothing to say where there is no TLS. */
function tls (house: House): Check[] {
  return house.tls === null ? [] : [{ name: 'tls', ...house.tls.state() }]
}

function mail (house: House): Check {
  return { name: 'mail', status: 'ok', says: house.config.smtpUrl === null ? 'Not set up; messages stay in the inbox page.' : 'Set up.' }
}

async function disk (house: House): Promise<Check> {
  const megabytes = await freeRoom(house.config.dataDir)
  return { name: 'disk', status: megabytes < leastRoom.failing ? 'failing' : megabytes < leastRoom.degraded ? 'degraded' : 'ok', says: `${megabytes} MB free in the data folder.` }
}

/** MB that this user may still fill in a folder. */
export async function freeRoom (folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return Math.floor(bavail * bsize / 1e6)
}
