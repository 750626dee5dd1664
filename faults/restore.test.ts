import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { OfflineError, ProblemError } from '@oncekey/client'
import { createCall } from '@oncekey/client/http'
import { restoreVerbs } from '@oncekey/client/restore'
import type { RestoreState } from '@oncekey/protocol/schemas'
import { freePort } from '../scripts/free-port.mjs'
import { sqlite, type Place } from './support/databases.ts'
import { runCommand, startProcess, type ServerProcess } from './support/process.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite, owner, Site } from './support/site.ts'
import { smallDisk } from './support/small-disk.ts'

const KILLS = isFull ? 40 : 3
const made = mkdtempSync(join(tmpdir(), 'oncekey-restore-'))
let backup: Buffer<ArrayBuffer>
let rows = 0

before(async () => {
  const site = await openSite(sqlite, { people: isFull ? 1000 : 100 })
  const taken = await runCommand(['backup', join(made, 'one.backup')], site.env)
  assert.equal(taken.code, 0, taken.printed)
  await site.readRecord()
  rows = site.record.length
  backup = readFileSync(join(made, 'one.backup'))
  await site.end()
})
after(() => { rmSync(made, { recursive: true, force: true }) })

/** A machine with nothing on it. */
async function machine (place: Place): Promise<{ env: Record<string, string>, url: string, verbs: ReturnType<typeof restoreVerbs>, start: () => Promise<ServerProcess> }> {
  const env = { ONCEKEY_DATA_DIR: place.folder, ONCEKEY_PORT: String(await freePort()), ONCEKEY_MQTT_PORT: String(await freePort()) }
  const url = `http://127.0.0.1:${env.ONCEKEY_PORT}/`
  // A connection that was kept open to a server that was killed is tried once more.
  const send: typeof fetch = (input, init) => fetch(input, init).catch(() => fetch(input, init))
  return { env, url, verbs: restoreVerbs(createCall(url, send, 20_000)), start: () => startProcess({ env }) }
}

const tokenOf = (server: ServerProcess): string => new URL(server.setupLink ?? 'http://none/').searchParams.get('token') ?? ''

async function bring (verbs: ReturnType<typeof restoreVerbs>, token: string): Promise<string> {
  const { upload } = await verbs.begin({ token, bytes: backup.length })
  const { partBytes } = await verbs.offer()
  for (let from = 0; from < backup.length; from += partBytes) await verbs.part(upload, from, new Blob([backup.subarray(from, from + partBytes)]))
  return upload
}

/** Looks until it is refused, or a server is there that has an owner. */
async function outcome (verbs: ReturnType<typeof restoreVerbs>, upload: string): Promise<RestoreState | 'restored'> {
  for (;;) {
    try {
      const state = await verbs.state(upload)
      if (state.is === 'refused') return state
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'alreadySetUp') return 'restored'
      // It ends, and starts anew.
      if (!(error instanceof OfflineError)) throw error
    }
    await sleep(50)
  }
}

/** Brings the backup whole, and it is put back. */
async function restored (verbs: ReturnType<typeof restoreVerbs>, token: string): Promise<void> {
  const upload = await bring(verbs, token)
  await verbs.check(upload)
  assert.equal(await outcome(verbs, upload), 'restored')
}

/** The restored house works, and nothing of the record is missing. */
async function isWhole (place: Place, env: Record<string, string>, server: ServerProcess): Promise<Site> {
  const site = new Site(place, { port: Number(env['ONCEKEY_PORT']), mqttPort: Number(env['ONCEKEY_MQTT_PORT']) }, env, server)
  await site.client.session.start({ login: owner.email, password: owner.password })
  await site.readRecord()
  assert.ok(site.record.length > rows)
  assert.equal(site.record.filter((row) => row.event === 'backup.restored').length, 1)
  assert.ok((await site.client.audit.chain()).intact)
  assert.deepEqual(readdirSync(place.folder).filter((name) => /^(uploaded|restoring)/.test(name)), [])
  return site
}

test(`kill -9 at ${KILLS} moments of a restore by the set-up page: the next start is the empty house or the restored one, whole, and never anything between`, { timeout: isFull ? 1_800_000 : 400_000 }, async () => {
  const random = dice(seedFor('kills amid restores by the page'))
  const found = { empty: 0, restored: 0 }
  for (let kill = 0; kill < KILLS; kill++) {
    const place = await sqlite.open()
    const { env, verbs, start } = await machine(place)
    const has = (name: string): boolean => existsSync(join(place.folder, name))
    let server = await start()
    try {
      const upload = await bring(verbs, tokenOf(server))
      // The first is killed with all of it there and nothing asked for.
      if (kill > 0) await verbs.check(upload)
      // Now at any time of it, now when its first name appears, now when the names change.
      const aim = kill % 3
      const until = performance.now() + random.whole(1500)
      const isTime = (): boolean => aim === 0 ? performance.now() >= until : aim === 1 ? has('restoring') : readdirSync(place.folder).some((name) => name.startsWith('before-restore'))
      while (!isTime()) await sleep(aim === 0 ? 5 : 1)
      if (aim === 1) await sleep(random.whole(300))
      await server.kill()
      server = await start()
      assert.ok(server.url !== null, server.printed())
      const isEmpty = server.setupLink !== null
      found[isEmpty ? 'empty' : 'restored']++
      assert.deepEqual(readdirSync(place.folder).filter((name) => /^(uploaded|restoring)/.test(name)), [])
      if (isEmpty) {
        // Nothing is in the way of the next try.
        assert.equal(readdirSync(place.folder).some((name) => name.startsWith('before-restore')), false)
        await restored(verbs, tokenOf(server))
      }
      await isWhole(place, env, server)
    } finally {
      await server.kill()
      await place.remove()
    }
  }
  console.log(`  kill -9 at ${KILLS} moments of a restore by the page: ${found.empty} times the next start was the empty house, ${found.restored} times the restored one`)
  assert.ok(found.restored > 0 && found.empty > 0, JSON.stringify(found))
})

test('a disk without room says so before anything travels, in the middle of it and when the backup is unpacked; with room it goes on', { timeout: 300_000 }, async () => {
  const disk = smallDisk(120)
  if (disk === null) return await withinALimit()
  const place = await disk.open()
  const { env, verbs, start } = await machine(place)
  const server = await start()
  const full = (error: unknown): boolean => error instanceof ProblemError && error.code === 'storageFull' && (error.retryAfterSeconds ?? 0) > 0
  try {
    const token = tokenOf(server)
    await assert.rejects(verbs.begin({ token, bytes: 200 * 2 ** 20 }), full)
    const { upload } = await verbs.begin({ token, bytes: backup.length })
    disk.fill()
    await assert.rejects(verbs.part(upload, 0, new Blob([backup])), full)
    disk.makeRoom()
    assert.equal((await verbs.part(upload, 0, new Blob([backup]))).received, backup.length)
    disk.fill()
    await verbs.check(upload)
    const refused = await outcome(verbs, upload)
    assert.ok(refused !== 'restored' && refused.fault?.kind === 'place', JSON.stringify(refused))
    assert.match(refused.fault?.says ?? '', /too little room/)
    disk.makeRoom()
    await restored(verbs, token)
    await isWhole(place, env, server)
  } finally {
    await server.kill()
    await place.remove()
  }
})

/** Where nothing can be mounted: files of the process may not grow beyond a limit. */
async function withinALimit (): Promise<void> {
  const place = await sqlite.open()
  const { env, verbs } = await machine(place)
  const server = await startProcess({ env, under: ['sh', '-c', 'trap "" XFSZ; ulimit -f 24000; exec "$0" "$@"'] })
  try {
    const { upload } = await verbs.begin({ token: tokenOf(server), bytes: 40 * 2 ** 20 })
    const head = Buffer.concat([backup, Buffer.alloc(2 ** 20)]).subarray(0, 2 ** 20)
    await assert.rejects(async () => { for (let from = 0; ; from += head.length) await verbs.part(upload, from, new Blob([head])) }, (error) => error instanceof ProblemError && error.code === 'storageFull')
    await restored(verbs, tokenOf(server))
    await isWhole(place, env, server)
  } finally {
    await server.kill()
    await place.remove()
  }
}
