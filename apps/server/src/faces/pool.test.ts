import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { asJpeg, samplePhoto } from '../testing/photos.ts'
import { installedFaces } from '../testing/faces.ts'
import { openPlayers } from './attack.ts'
import { openModels } from './engine.ts'
import { PictureError } from './pictures.ts'
import { openPool, type FacePool, type PoolOptions } from './pool.ts'

let installed = ''
let folder = ''
const pools: FacePool[] = []
before(async () => {
  installed = await installedFaces()
  folder = mkdtempSync(join(tmpdir(), 'oncekey-pool-'))
}, { timeout: 600_000 })
after(async () => {
  for (const pool of pools) await pool.close()
  rmSync(folder, { recursive: true, force: true })
})

function pool (options: PoolOptions = {}): FacePool {
  const opened = openPool(installed, { workers: 1, ...options })
  pools.push(opened)
  return opened
}

/** A worker that does what one line says, and else answers at once. */
function worker (name: string, line: string): URL {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, `process.once('disconnect', () => process.exit())\nprocess.on('message', (job) => { ${line}; process.send({ id: job.id, is: 'photo', embedding: null }) })\n`)
  return pathToFileURL(file)
}

test('a frame, its face and a photo are looked at in a process of its own, that is nice, and small', { timeout: 120_000 }, async (t) => {
  const models = await openModels(installed)
  const [player] = await openPlayers(installed, models)
  assert.ok(player)
  const frame = await asJpeg(player.posed.sitter.image)
  const one = pool()
  assert.deepEqual(one.pids(), [], 'nothing runs before it is asked')
  const seen = await one.see(frame, 5, null)
  assert.equal(seen.fault, null)
  assert.ok(seen.face)
  const { embeddings, alive } = await one.know([{ bytes: frame, face: seen.face }])
  assert.deepEqual([embeddings.length, embeddings[0]?.length, alive.length], [1, 512, 1])
  assert.ok(alive[0]! > 0.3)
  assert.equal((await one.photo(readFileSync(samplePhoto(1)), { x: 1577, y: 327 }))?.length, 512)
  const [pid = 0] = one.pids()
  assert.equal(getPriority(pid), 10)
  const megabytes = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000
  t.diagnostic(`figure: a worker has ${megabytes.toFixed(0)} MB`)
  assert.ok(megabytes <= 350, `${megabytes} MB`)
})

test('a picture that can not be read is the fault of who sent it, and the next one is read', async () => {
  const one = pool()
  await assert.rejects(one.photo(Buffer.from('no picture'), null), PictureError)
  assert.ok(await one.photo(readFileSync(samplePhoto(3)), null))
})

test('more than may wait are told to come again', async () => {
  const one = pool({ program: worker('slow', 'await new Promise((go) => setTimeout(go, 300))'.replace('await', 'return')), mostWaiting: 3, longestMs: 500 })
  const asked = Array.from({ length: 8 }, () => one.photo(Buffer.alloc(1), null).then(() => 'done', (error: { code: string, retryAfterSeconds?: number }) => error.code))
  const early = await Promise.race([Promise.all(asked.slice(4)), sleep(200, null)])
  assert.deepEqual(early, ['busy', 'busy', 'busy', 'busy'], 'at once')
})

test('a worker that dies takes nobody with it: another does the job', async () => {
  const marker = join(folder, 'died')
  const one = pool({ program: worker('dies', `if (!require('node:fs').existsSync('${marker}')) { require('node:fs').writeFileSync('${marker}', ''); process.exit(7) }`.replaceAll("require('node:fs')", 'fs')) })
  const file = join(folder, 'dies.mjs')
  writeFileSync(file, `import fs from 'node:fs'\n${readFileSync(file, 'utf8')}`)
  assert.equal(await one.photo(Buffer.alloc(1), null), null)
})

test('a job that every worker dies of, or that never ends, is given up', async () => {
  const deadly = pool({ program: worker('deadly', 'process.exit(1)') })
  await assert.rejects(deadly.photo(Buffer.alloc(1), null), { code: 'busy' })
  const stuck = pool({ program: worker('stuck', 'for (;;);'), longestMs: 300 })
  await assert.rejects(stuck.photo(Buffer.alloc(1), null), { code: 'busy' })
})

test('without work a process ends, and comes again when there is some; closing ends all', async () => {
  const one = pool({ program: worker('idle', ''), idleMs: 100 })
  await one.photo(Buffer.alloc(1), null)
  const [pid = 0] = one.pids()
  for (let i = 0; i < 50 && one.pids().length > 0; i++) await sleep(50)
  assert.deepEqual(one.pids(), [])
  assert.throws(() => process.kill(pid, 0))
  assert.equal(await one.photo(Buffer.alloc(1), null), null)
  const [again = 0] = one.pids()
  await one.close()
  assert.throws(() => process.kill(again, 0))
  await assert.rejects(one.photo(Buffer.alloc(1), null), { code: 'busy' })
})

test('whoever dies without a word leaves no process behind', async () => {
  const file = join(folder, 'parent.mjs')
  writeFileSync(file, `const { openPool } = await import('${pathToFileURL(join(import.meta.dirname, 'pool.ts')).href}')\nconst pool = openPool('${installed}', { workers: 1 })\nawait pool.photo(Buffer.alloc(1), null).catch(() => {})\nconsole.log(pool.pids()[0])\nprocess.kill(process.pid, 'SIGKILL')`)
  let pid = 0
  try {
    execFileSync(process.execPath, [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    pid = Number((error as { stdout: string }).stdout)
  }
  assert.ok(pid > 0)
  const isThere = (): boolean => {
    try {
      return !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  }
  for (let i = 0; i < 100 && isThere(); i++) await sleep(50)
  assert.equal(isThere(), false)
})
