import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { load, type Request } from './load.ts'
import { mailSink } from './mail-sink.ts'
import { startProgram, type Served } from './processes.ts'

export type Oncekey = Served & {
  /** Starts so many verifications, waits for their mails, and gives the right check of each. */
  checks: (count: number) => Promise<Request[]>
}

/** Of a PostgreSQL: the address of an empty database, and the process whose descendants count as ours. */
export type Database = { url: string, pid: number }

/** The program as people run it, on a fresh data folder, with mail going to a sink. @param flags for Node, e.g. --cpu-prof */
export async function startOncekey ({ flags = [], database }: { flags?: string[], database?: Database } = {}): Promise<Oncekey> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const sink = await mailSink()
  const bin = join(import.meta.dirname, '../apps/server/bin/oncekey.mjs')
  const { found, child, stop } = await startProgram({
    command: process.execPath, args: ['--max-semi-space-size=8', ...flags, bin, 'start'], ready: /(http:\S+)/,
    env: { ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ONCEKEY_SMTP_URL: sink.url, ...database === undefined ? {} : { ONCEKEY_DATABASE_URL: database.url } }
  })
  const { origin: url, searchParams } = new URL(found)
  const owner = createClient({ base: url, fetch: fetchWithCookies() })
  await owner.setup.start({ token: searchParams.get('token') ?? '', name: 'Bench', email: 'bench@bench.example', password: 'nobody guesses this', siteName: 'Bench', timeZone: 'UTC', demonstration: false })
  const { secret } = await owner.apiKeys.make({ name: 'Bench' })
  const headers = { authorization: `Bearer ${secret}` }
  let made = 0
  return {
    url,
    pids: () => [child.pid ?? 0, ...database === undefined ? [] : [database.pid]],
    async checks (count) {
      const names = Array.from({ length: count }, (_, i) => `somebody${String(made + i).padStart(6, '0')}@bench.example`)
      made += count
      const { bodies, statuses } = await load(url, names.map((to) => ({ path: '/api/v1/verifications', body: JSON.stringify({ to }), headers })), 64)
      if (statuses[201] !== count) throw new Error(`Starting: ${JSON.stringify(statuses)} ${bodies.find((body) => !body.includes('pending')) ?? ''}`)
      await sink.until(made)
      return bodies.map((body, i) => ({ path: `/api/v1/verifications/${String(JSON.parse(body).id)}/check`, body: JSON.stringify({ code: sink.codes.get(names[i] ?? '') }), headers }))
    },
    async stop () {
      await stop()
      sink.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
