import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer, type Server } from '@oncekey/server'
import { sqlite } from './support/databases.ts'
import { keypadOf } from './support/keypad.ts'
import { startProcess } from './support/process.ts'
import { dice, isFull, seedFor, type Dice } from './support/seed.ts'
import { openSite, owner } from './support/site.ts'

const TEARS = isFull ? 400 : 10
const files = ['oncekey.db', 'oncekey.db-wal', 'secrets.json'] as const

type Left = { folder: string, used: string, live: { digits: string, lock: number }, remove: () => void }
type Tear = { file: string, how: string, at: number }

test(`${TEARS} torn or flipped files: the start says what to do, or nothing opens that should not`, { timeout: isFull ? 3_600_000 : 600_000 }, async () => {
  const random = dice(seedFor('torn files'))
  const left = await leave()
  const outcomes = new Map<string, number>()
  try {
    for (let i = 0; i < TEARS; i++) {
      const folder = mkdtempSync(join(tmpdir(), 'oncekey-torn-'))
      try {
        cpSync(left.folder, folder, { recursive: true })
        const tear = tearOne(folder, random)
        const what = `${tear.file} ${tear.how} at ${tear.at}`
        const outcome = await tryOut(folder, left, what)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  } finally {
    left.remove()
  }
  console.log(`  ${TEARS} torn files: ${[...outcomes].map(([name, count]) => `${name}: ${count}`).join(', ')}; no used code opened, no code opened another lock`)
})

test('a torn file is told by the program in a sentence and on a page, without a stack trace', { timeout: 600_000 }, async () => {
  const left = await leave()
  try {
    const secrets = join(left.folder, 'secrets.json')
    const whole = readFileSync(secrets, 'utf8')
    await isRefused(left.folder, secrets, whole.slice(0, 90))
    await isRefused(left.folder, secrets, whole.replace(/"auditKey":"./, (text) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')))
    await isRefused(left.folder, join(left.folder, 'oncekey.json'), '{"ONCEKEY_PORT": 80')
    const server = await startProcess({ env: { ONCEKEY_DATA_DIR: left.folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' } })
    assert.ok(server.url !== null, `whole again, it starts: ${server.printed()}`)
    // An orderly end folds the log in: with the log there, the database would be made whole from it.
    await server.stop()
    await isRefused(left.folder, join(left.folder, 'oncekey.db'), 'not a database at all'.repeat(300))
  } finally {
    left.remove()
  }
})

/** With this in the file, the program ends in a sentence that names it; afterwards the file is as it was. */
async function isRefused (folder: string, file: string, content: string): Promise<void> {
  const before = existsSync(file) ? readFileSync(file) : null
  writeFileSync(file, content)
  const server = await startProcess({ env: { ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' } })
  try {
    const printed = server.printed()
    const page = /shown at (\S+)/.exec(printed)?.[1]
    assert.ok(printed.includes('Oncekey could not start.') && page !== undefined, `${file}: ${printed}`)
    assert.doesNotMatch(printed, /\n\s+at .*:\d+/, 'no stack trace')
    assert.ok(printed.includes(file), printed)
    const answer = await fetch(page)
    assert.equal(answer.status, 503)
    assert.match(await answer.text(), /What to do/)
    assert.equal(await server.stop(), 1)
  } finally {
    await server.kill()
    if (before === null) rmSync(file)
    else writeFileSync(file, before)
  }
}

/** A data folder as a kill leaves it, log and all, with a used code and a live one in it. */
async function leave (): Promise<Left> {
  const site = await openSite(sqlite, { people: 2 })
  const keypad = await site.keypad('Bank A')
  try {
    await keypad.ready()
    const [first, second] = site.points
    const [holder] = site.holders
    assert.ok(first !== undefined && second !== undefined && holder !== undefined)
    const used = await site.client.codes.issue({ accessPointId: first.id, personId: holder.id })
    assert.deepEqual(await keypad.enter(used.digits), { is: 'granted', lock: first.lock })
    const live = await site.client.codes.issue({ accessPointId: second.id, personId: holder.id })
    await site.process.kill()
    return { folder: site.place.folder, used: used.digits, live: { digits: live.digits, lock: second.lock }, remove () { rmSync(site.place.folder, { recursive: true, force: true }) } }
  } catch (error) {
    await site.end()
    throw error
  } finally {
    keypad.stop()
  }
}

function tearOne (folder: string, random: Dice): Tear {
  const file = random.pick(files)
  const path = join(folder, file)
  const bytes = readFileSync(path)
  // Behind its content the log has room that means nothing.
  const at = random.whole(bytes.findLastIndex((byte) => byte !== 0) + 1)
  const how = random.pick(['cut', 'flipped', 'zeroed', 'flipped'])
  if (how === 'cut') writeFileSync(path, bytes.subarray(0, at))
  else {
    if (how === 'flipped') for (let i = 0; i < 1 + random.whole(8); i++) bytes[(at + i * 97) % bytes.length]! ^= 1 << random.whole(8)
    else bytes.fill(0, at, Math.min(bytes.length, at + 512))
    writeFileSync(path, bytes)
  }
  return { file, how, at }
}

/** Starts on the folder and, where that works, tries the codes. */
async function tryOut (folder: string, left: Left, what: string): Promise<string> {
  const quiet = (): void => {}
  let server: Server
  try {
    server = await startServer(readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' }), { log: { info: quiet, warn: quiet, error: quiet } })
  } catch (error) {
    assert.ok(error instanceof Error)
    assert.match(error.message, /Restore|backup|Give this user|Set |Install/, `${what}: a cure is named: ${error.message}`)
    return 'refused with the cure'
  }
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  try {
    await client.session.start({ login: owner.email, password: owner.password })
    const keypad = await keypadOf(client, server.mqttPort, 'Bank A')
    try {
      await keypad.ready(3000)
      const used = await keypad.enter(left.used, 1500)
      // A log that lost its end is an earlier moment: there the used code was live, and used once only since.
      const isEarlier = used.is === 'granted' && what.includes('-wal')
      assert.ok(used.is !== 'granted' || isEarlier, `${what}: a used code opened`)
      const live = await keypad.enter(left.live.digits, 1500)
      if (live.is === 'granted') assert.equal(live.lock, left.live.lock, `${what}: the right lock`)
      const again = await keypad.enter(left.live.digits, 1500)
      assert.notEqual(again.is, 'granted', `${what}: twice`)
      const intact = await client.audit.chain().then((chain) => chain.intact, () => false)
      return isEarlier ? 'an earlier moment, from a cut log' : !intact ? 'runs, and the chain tells the damage' : live.is === 'granted' ? 'runs, whole' : 'runs, codes refused'
    } finally {
      keypad.stop()
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    return 'runs, and says no to what the damage touches'
  } finally {
    await server.close()
  }
}
