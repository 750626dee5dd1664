import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import { issueCertificate, makeAuthority, type Names, type Pair, type Permits } from './certificates.ts'
import { permitsFor, sortNames } from './names.ts'
import { day, DAY_MS, listeners, type Tls, type TlsState } from './tls.ts'

const AUTHORITY_MS = 3652 * DAY_MS
/** Apple refuses longer ones than 398 days from public authorities; nobody needs to find out where else. */
const SERVER_MS = 397 * DAY_MS
/** A certificate is renewed when no more of it is left. */
const RENEW_MS = 30 * DAY_MS
/** Certificates begin a day early, for devices whose clocks are behind. */
const EARLY_MS = DAY_MS
/** No authority is made before this: such a clock is not set. */
const EARLIEST = Date.UTC(2026, 0, 1)

type StoredAuthority = { version: 1, name: string, certificate: string, key: string, permits: Permits }
type Served = Pair & { names: Names }
type StoredServer = { version: 1, certificate: string, key: string, names: Names }

export type OwnOptions = {
  dataDir: string
  clock: () => number
  log: Log
  /** Every name and address of this machine, asked at each check. */
  names: () => Names
}

/**
 * TLS by an authority of our own, in `tls/` of the data folder (files 0600): made at the first start, for ten years; it signs a
 * certificate of 397 days that is renewed by itself, also when this machine gets another address.
 * @throws Error with the cure: damaged files, a clock that is not set
 */
export function openOwn ({ dataDir, clock, log, names }: OwnOptions): Tls {
  const folder = join(dataDir, 'tls')
  const authorityPath = join(folder, 'authority.json')
  const serverPath = join(folder, 'server.json')
  if (!existsSync(authorityPath)) {
    if (clock() < EARLIEST) throw new Error(`The clock of this machine says ${day(clock())}, and a certificate authority that is made now would end before it is of use. Set the clock, then start again.`)
    writeNewAuthority(folder, authorityPath, permitsFor(names()), clock())
  }
  const stored = readStored(authorityPath)
  const root = new X509Certificate(stored.certificate)
  const authority = { ...stored, beginsAt: root.validFromDate.getTime(), endsAt: root.validToDate.getTime() }
  let warnedOf = ''

  const kept = readServer(serverPath, root)
  let server = kept === null || isDue(kept, wanted()) ? issue(wanted()) : kept
  const served = listeners(server)
  const { status, says } = state()
  if (status !== 'ok') log.error('TLS does not hold', { says })

  return {
    authority: { name: stored.name, pem: stored.certificate, der: root.raw, fingerprint: root.fingerprint256, endsAt: authority.endsAt },
    options: served.options,
    serve: served.serve,
    check () {
      const names = wanted()
      if (!isDue(server, names)) return
      server = issue(names)
      served.present(server)
      log.info('the server has a new certificate', { until: day(server.endsAt), names: [...names.dns, ...names.ip].join(', ') })
    },
    state
  }

  /** What this machine is called and the authority may sign; the rest is said once. */
  function wanted (): Names {
    const { permitted, refused } = sortNames(names(), authority.permits)
    if (refused.length > 0 && refused.join() !== warnedOf) {
      warnedOf = refused.join()
      log.warn('the certificate authority was made before this machine had these names and may not sign them', {
        names: refused.join(', '), cure: `reach it by another name, or remove ${authorityPath} and start again: each device must then trust the new authority`
      })
    }
    return permitted
  }

  function isDue (server: Served, names: Names): boolean {
    const now = clock()
    if (now < authority.beginsAt || now >= authority.endsAt) return false
    const isOld = server.endsAt - now < RENEW_MS && endFor(now) > server.endsAt + DAY_MS
    const isNew = [...names.dns, ...names.ip].some((one) => !server.names.dns.includes(one) && !server.names.ip.includes(one))
    return isOld || isNew || now < server.beginsAt
  }

  function endFor (now: number): number {
    return Math.min(seconds(now) - EARLY_MS + SERVER_MS, authority.endsAt)
  }

  function issue (names: Names): Served {
    const now = clock()
    const pair = issueCertificate(authority, { names, beginsAt: Math.max(seconds(now) - EARLY_MS, authority.beginsAt), endsAt: Math.max(endFor(now), authority.beginsAt + DAY_MS) })
    writePrivate(serverPath, { version: 1, certificate: pair.certificate, key: pair.key, names } satisfies StoredServer)
    return { ...pair, names }
  }

  function state (): TlsState {
    const now = clock()
    if (now < authority.beginsAt) return { status: 'failing', says: `The clock says ${day(now)}, before the certificate authority was made on ${day(authority.beginsAt)}: set the clock.` }
    if (now >= authority.endsAt) return { status: 'failing', says: `The certificate authority ended on ${day(authority.endsAt)}: remove tls/authority.json from the data folder, start again, and trust the new one on each device.` }
    if (now >= server.endsAt || now < server.beginsAt) return { status: 'failing', says: `The certificate holds from ${day(server.beginsAt)} to ${day(server.endsAt)} and could not be renewed. Look at the log.` }
    if (authority.endsAt - now < 3 * RENEW_MS) return { status: 'degraded', says: `The certificate authority ends on ${day(authority.endsAt)}: remove tls/authority.json from the data folder before, start again, and trust the new one on each device.` }
    return { status: 'ok', says: `Own authority; certificate until ${day(server.endsAt)}, renewed by itself.` }
  }
}

function writeNewAuthority (folder: string, path: string, permits: Permits, now: number): void {
  // The name tells it from those of other installations in the same list of a phone.
  const name = `Oncekey ${hostname().slice(0, 40)} ${randomBytes(2).toString('hex')}`
  const beginsAt = seconds(now) - EARLY_MS
  const { certificate, key } = makeAuthority({ name, permits, beginsAt, endsAt: beginsAt + AUTHORITY_MS })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writePrivate(path, { version: 1, name, certificate, key, permits } satisfies StoredAuthority)
}

function readStored (path: string): StoredAuthority {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as StoredAuthority
    if (stored.version !== 1 || typeof stored.name !== 'string' || !Array.isArray(stored.permits.dns) || !Array.isArray(stored.permits.ip)) throw new Error('not of this version')
    if (!new X509Certificate(stored.certificate).checkPrivateKey(createPrivateKey(stored.key))) throw new Error('key and certificate do not belong together')
    return stored
  } catch (cause) {
    throw new Error(`${path} can not be read (${cause instanceof Error ? cause.message : 'unknown'}). Restore it from a backup, or remove it: a new certificate authority is made then, and each device must trust it anew.`, { cause })
  }
}

/** The certificate of an earlier start; null when there is none, or it is not of this authority: then another is made. */
function readServer (path: string, root: X509Certificate): Served | null {
  if (!existsSync(path)) return null
  try {
    const { certificate, key, names } = JSON.parse(readFileSync(path, 'utf8')) as StoredServer
    const parsed = new X509Certificate(certificate)
    if (!parsed.verify(root.publicKey) || !parsed.checkPrivateKey(createPrivateKey(key))) return null
    return { certificate, key, names: { dns: [...names.dns], ip: [...names.ip] }, beginsAt: parsed.validFromDate.getTime(), endsAt: parsed.validToDate.getTime() }
  } catch {
    return null
  }
}

function writePrivate (path: string, stored: StoredAuthority | StoredServer): void {
  const half = path + '.new'
  const file = openSync(half, 'w', 0o600)
  chmodSync(half, 0o600)
  writeSync(file, JSON.stringify(stored, null, 2) + '\n')
  fsyncSync(file)
  closeSync(file)
  // A rename is atomic: a power cut leaves key and certificate that belong together.
  renameSync(half, path)
}

/** Certificates count in seconds. */
function seconds (ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
