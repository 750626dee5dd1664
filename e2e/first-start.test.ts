import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, test } from 'node:test'
import { startProcess } from './support/server.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })

/** A clone that was just installed: the program, and what its installation made; nothing that an earlier start left. */
function freshClone (): string {
  const clone = join(folder, 'clone')
  for (const part of ['scripts', 'apps/web/dist', 'apps/server']) {
    cpSync(join(root, part), join(clone, part), { recursive: true, filter: (path) => !path.endsWith('.compile-cache') })
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  const built = spawnSync(process.execPath, [join(clone, 'scripts/build.mjs'), '--if-missing'], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  return clone
}

test('the very first start: the page is served within 3 s, and the idle server needs less than 150 MB', async (t) => {
  const clone = freshClone()
  const temporary = join(folder, 'temporary')
  mkdirSync(temporary)
  const begun = performance.now()
  const server = await startProcess({ ONCEKEY_DATA_DIR: join(folder, 'first'), TMPDIR: temporary, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }, clone)
  const url = /http:\/\/[\d.:]+/.exec(server.printed())?.[0] ?? ''
  const answer = await fetch(url, { headers: { accept: 'text/html' } })
  const html = await answer.text()
  const ms = performance.now() - begun
  assert.match(html, /<title>Oncekey<\/title>/)
  const metadata: unknown = await (await fetch(url, { headers: { accept: 'application/json' } })).json()
  assert.equal(typeof metadata === 'object' && metadata !== null && 'name' in metadata && metadata.name, 'Oncekey')
  await sleep(5000)
  const megabytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1]) / 1000
  t.diagnostic(`page after ${ms.toFixed(0)} ms, ${megabytes.toFixed(0)} MB resident`)
  await server.stop()
  assert.ok(ms < 3000, `${ms} ms`)
  assert.ok(megabytes < 150, `${megabytes} MB`)
  assert.ok(readdirSync(join(clone, 'apps/server/.compile-cache')).length > 0)
  assert.deepEqual(readdirSync(temporary), [], 'no code is kept where others of this machine may write')
})
