import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer, type Server } from '@oncekey/server'

/** A server of this very program on free ports and a folder of its own, in this process. */
export type Running = Server & {
  folder: string
  logged: string[]
  /** Stops and starts again on the same folder and ports. */
  restart: () => Promise<Running>
  /** Stops and removes the folder. */
  end: () => Promise<void>
}

export async function runServer (env: Record<string, string> = {}, options: { folder?: string, clock?: () => number, certificateCheckMs?: number } = {}): Promise<Running> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'oncekey-'))
  const logged: string[] = []
  const write = (level: string) => (message: string, facts?: Record<string, unknown>): void => { logged.push(JSON.stringify({ level, message, ...facts })) }
  const config = readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0', ...env })
  const server = await startServer(config, { log: { info: write('info'), warn: write('warn'), error: write('error') }, ...(options.clock === undefined ? {} : { clock: options.clock }), ...(options.certificateCheckMs === undefined ? {} : { certificateCheckMs: options.certificateCheckMs }) })
  return {
    ...server, folder, logged,
    async restart () {
      await server.close()
      return runServer({ ...env, ONCEKEY_PORT: new URL(server.url).port, ONCEKEY_MQTT_PORT: String(server.mqttPort) }, { ...options, folder })
    },
    async end () {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The program as `npm start` starts it, of this clone or another: a process of its own. Resolves when it has printed where it is, or has ended. */
export async function startProcess (env: Record<string, string>, clone = join(import.meta.dirname, '../..')): Promise<{ process: ChildProcess, printed: () => string, stop: () => Promise<number | null> }> {
  const bin = join(clone, 'apps/server/bin/oncekey.mjs')
  const child = spawn(process.execPath, ['--max-semi-space-size=8', bin, 'start'], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const ended = new Promise<number | null>((resolve) => { child.once('exit', resolve) })
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += String(chunk)
        if (text.includes('http')) resolve()
      })
    }
    child.once('exit', () => { resolve() })
  })
  return {
    process: child,
    printed: () => text,
    async stop () {
      child.kill('SIGTERM')
      return ended
    }
  }
}

/** A client that keeps its session cookie, like a browser without pages. */
export function person (url: string): Client {
  return createClient({ base: url, fetch: fetchWithCookies() })
}

export const owner = { name: 'Rosa Vale', email: 'rosa@example.org', password: 'seven quiet lanterns' }

/** Goes through the wizard by its API; returns the owner's client. */
export async function setUp (server: Server, more: { timeZone?: string } = {}): Promise<Client> {
  const client = person(server.url)
  const token = new URL(server.setupLink ?? 'http://none/').searchParams.get('token') ?? ''
  await client.setup.start({ token, ...owner, siteName: 'Harbour Hall', timeZone: more.timeZone ?? 'Europe/Lisbon', demonstration: true })
  return client
}
