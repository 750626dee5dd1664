/** A demonstration site on a server process of its own, with people who hold codes, and the keypads at its doors. */
import { createClient, type Client } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import type { AccessPoint, AuditRow } from '@oncekey/protocol/schemas'
import type { Database, Place } from './databases.ts'
import { keypadOf, type Keypad } from './keypad.ts'
import { freePort } from '../../scripts/free-port.mjs'
import { startProcess, type ProcessOptions, type ServerProcess } from './process.ts'

export const owner = { name: 'Rosa Vale', email: 'rosa@example.org', password: 'seven quiet lanterns' }

export class Site {
  readonly place: Place
  readonly port: number
  readonly mqttPort: number
  readonly env: Record<string, string>
  process: ServerProcess
  /** The owner's. */
  client: Client
  points: AccessPoint[] = []
  holders: { id: string, name: string }[] = []
  /** The whole record as read so far, oldest first. */
  readonly record: AuditRow[] = []

  constructor (place: Place, ports: { port: number, mqttPort: number }, env: Record<string, string>, process: ServerProcess) {
    this.place = place
    this.port = ports.port
    this.mqttPort = ports.mqttPort
    this.env = env
    this.process = process
    this.client = createClient({ base: this.url, fetch: fetchWithCookies(fetchAnew), timeoutMs: 15_000 })
  }

  get url (): string { return `http://127.0.0.1:${this.port}` }

  async start (options: Partial<ProcessOptions> = {}): Promise<void> {
    this.process = await startProcess({ env: this.env, ...options })
    if (this.process.url === null) throw new Error(`The server did not start:\n${this.process.printed()}`)
  }

  /** Reads what was added to the record since; throws when a number is missing. */
  async readRecord (): Promise<readonly AuditRow[]> {
    const known = this.record.at(-1)?.seq ?? 0
    const fresh: AuditRow[] = []
    let before: number | undefined
    for (;;) {
      const { rows, next } = await this.client.audit.page({ limit: 200, ...(before === undefined ? {} : { before }) })
      fresh.push(...rows.filter((row) => row.seq > known))
      if (next === null || rows.some((row) => row.seq <= known)) break
      before = next
    }
    for (const row of fresh.reverse()) {
      if (row.seq !== (this.record.at(-1)?.seq ?? 0) + 1) throw new Error(`Row ${row.seq} follows row ${this.record.at(-1)?.seq}.`)
      this.record.push(row)
    }
    return fresh
  }

  keypad (which: string): Promise<Keypad> {
    return keypadOf(this.client, this.mqttPort, which)
  }

  async end (): Promise<void> {
    await this.process.kill()
    await this.place.remove()
  }
}

/**
 * A connection that was kept open is found dead only when it is used: then the request is sent once more, on a new one.
 * All requests of this suite may be repeated. A server that is gone refuses the second one.
 */
async function fetchAnew (input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  const again = request.clone()
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof Error && Object(error.cause).code === 'ECONNRESET') return fetch(again)
    throw error
  }
}

/** Sets a site up on a fresh database and adds people without passwords, who may hold codes that the owner makes. */
export async function openSite (database: Database, { people = 10, env = {}, ...how }: { people?: number, env?: Record<string, string> } & Partial<Omit<ProcessOptions, 'env'>> = {}): Promise<Site> {
  const place = await database.open()
  const [port, mqttPort] = [await freePort(), await freePort()]
  const all = { ONCEKEY_DATA_DIR: place.folder, ONCEKEY_PORT: String(port), ONCEKEY_MQTT_PORT: String(mqttPort), ...place.env, ...env }
  const site = new Site(place, { port, mqttPort }, all, await startProcess({ env: all, ...how }))
  try {
    if (site.process.setupLink === null) throw new Error(`The server did not start:\n${site.process.printed()}`)
    const token = new URL(site.process.setupLink).searchParams.get('token') ?? ''
    await site.client.setup.start({ token, ...owner, siteName: 'Harbour Hall', timeZone: 'Europe/Lisbon', demonstration: true })
    const places = await site.client.places.get()
    site.points = [...places.banks.flatMap((bank) => bank.accessPoints), ...places.doors]
    for (let i = 0; i < people; i++) {
      const { person } = await site.client.people.add({ name: `Guest ${i}`, email: `guest${i}@example.org`, role: 'member' })
      site.holders.push({ id: person.id, name: person.name })
    }
    return site
  } catch (error) {
    await site.end()
    throw error
  }
}
