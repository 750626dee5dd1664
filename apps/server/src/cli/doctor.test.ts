import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Diagnosis, Hardening } from '@oncekey/protocol/schemas'
import { testOfFiles } from '../testing/database.ts'
import { openWorld } from '../testing/world.ts'

type Said = { status: number | null, stdout: string, stderr: string }

/** The command as people run it, beside whatever runs here. */
function oncekey (env: Record<string, string>, ...words: string[]): Promise<Said> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/oncekey.mjs'), 'doctor', ...words], { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000 })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (part: Buffer) => { said.stdout += String(part) })
  child.stderr.on('data', (part: Buffer) => { said.stderr += String(part) })
  return new Promise((resolve) => { child.on('close', (status) => { resolve({ status, ...said }) }) })
}

function codes (diagnosis: Diagnosis): string[] {
  return diagnosis.findings.map(({ code }) => code)
}

test('beside a running server it reads what it tells at /health, and writes nothing', async () => {
  const world = await openWorld({ env: { ONCEKEY_MQTT_PORT: '0' }, now: Date.now() })
  try {
    await world.house.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = world.house.app.server.address() as AddressInfo
    const secret = 'planted-smtp-secret'
    const env = {
      ONCEKEY_DATA_DIR: world.house.config.dataDir, ONCEKEY_PORT: String(port), ONCEKEY_MQTT_PORT: '0', ONCEKEY_SMTP_URL: `smtp://u:${secret}@127.0.0.1:1`,
      ...world.house.config.databaseUrl !== null && { ONCEKEY_DATABASE_URL: world.house.config.databaseUrl }
    }
    const rows = (await world.record()).length
    const json = await oncekey(env, '--json')
    const diagnosis: Diagnosis = JSON.parse(json.stdout)
    assert.ok(codes(diagnosis).includes('server.ok') && codes(diagnosis).includes('database.ok'), json.stdout)
    // Nothing takes mail at port 1, and that is bad.
    assert.deepEqual([json.status, codes(diagnosis).includes('mail.away')], [1, true])
    assert.equal(diagnosis.controllers.length, 2)
    const text = await oncekey(env)
    assert.match(text.stdout, /BAD {3}The mail server 127\.0\.0\.1 can not be reached \(\w+\)\.\n {6}Check name.*\[mail\.away\]/)
    const hardening = await oncekey(env, '--hardening', '--json')
    const { advice }: Hardening = JSON.parse(hardening.stdout)
    assert.deepEqual([hardening.status, advice[0]?.code], [1, 'harden.owners'])
    assert.ok(advice.every(({ weight }, i) => i === 0 || weight <= (advice[i - 1]?.weight ?? 0)))
    assert.match((await oncekey(env, '--hardening')).stdout, /^ 85 {2}Owners and administrators without a second factor: 2;/)
    for (const said of [json, text, hardening]) assert.ok(!(said.stdout + said.stderr).includes(secret))
    assert.equal((await world.record()).length, rows)
  } finally {
    await world.close()
  }
})

testOfFiles('a server that is stopped is no hindrance; nothing bad is exit code 0', async () => {
  const world = await openWorld({ now: Date.now() })
  const { dataDir } = world.house.config
  const kept = mkdtempSync(join(tmpdir(), 'oncekey-'))
  rmSync(kept, { recursive: true })
  try {
    cpSync(dataDir, kept, { recursive: true })
    chmodSync(kept, 0o700)
    const { status, stdout } = await oncekey({ ONCEKEY_DATA_DIR: kept, ONCEKEY_PORT: '1' }, '--json')
    const diagnosis: Diagnosis = JSON.parse(stdout)
    assert.ok(codes(diagnosis).includes('server.away') && codes(diagnosis).includes('database.ok'))
    assert.equal(status, diagnosis.findings.some(({ state }) => state === 'bad') ? 1 : 0)
    assert.deepEqual(diagnosis.findings.filter(({ state, code }) => state === 'bad' && !code.startsWith('disk.')), [])
    assert.equal(statSync(join(kept, 'oncekey.db')).mode & 0o077, 0)
  } finally {
    await world.close()
    rmSync(kept, { recursive: true, force: true })
  }
})

test('no data folder, odd words and a server that hangs each end in a sentence, in time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  const sockets = new Set<Socket>()
  const mute = createServer((socket) => { sockets.add(socket.on('error', () => {})) })
  await new Promise<void>((resolve) => { mute.listen(0, '127.0.0.1', () => { resolve() }) })
  const { port } = mute.address() as AddressInfo
  try {
    const empty = await oncekey({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '1' }, '--json')
    assert.equal(empty.status, 1)
    assert.deepEqual(codes(JSON.parse(empty.stdout)).slice(0, 2).toSorted(), ['database.missing', 'files.missing'])
    const advice = await oncekey({ ONCEKEY_DATA_DIR: folder }, '--hardening')
    assert.deepEqual([advice.status, advice.stdout], [2, ''])
    assert.match(advice.stderr, /Start the server once/)
    for (const words of [['--jsn'], ['now'], ['--wait', 'x']]) assert.equal((await oncekey({ ONCEKEY_DATA_DIR: folder }, ...words)).status, 2, words.join(' '))
    const began = performance.now()
    const hung = await oncekey({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: String(port), ONCEKEY_SMTP_URL: `smtp://127.0.0.1:${port}` }, '--json', '--wait', '2')
    assert.ok(performance.now() - began < 15_000)
    assert.ok(codes(JSON.parse(hung.stdout)).includes('mail.away'))
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => { mute.close(() => { resolve() }) })
    rmSync(folder, { recursive: true, force: true })
  }
})
