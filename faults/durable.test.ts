import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { databases, postgres, sqlite } from './support/databases.ts'
import { isFull } from './support/seed.ts'
import { openSite } from './support/site.ts'
import { attach, findStrace, judge, postgresAt, readTrace } from './support/trace.ts'

const ROUNDS = isFull ? 300 : 15
const calls = 'trace=read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync'

const http = { asked: /"(POST|DELETE) \/api\/v1\/(codes|doors)/, answered: /"HTTP\/1\.1 20[14] / }
// A door has one question and one batch of its records under way at most, but both at once: each kind is judged by itself.
const entries = { asked: /\/up\/request/, answered: /\/down\/answer/ }
const records = { asked: /\/up\/event/, answered: /\/down\/ack/ }

for (const database of databases) {
  const log = database === postgres ? /\/pg_wal\// : /oncekey\.db-wal>/
  test(`before each acknowledgement, over HTTP and to a door, the write-ahead log has reached the disk (${database.name})`, { timeout: 600_000 }, async () => {
    assert.ok(findStrace() !== null, 'this test needs strace: install the package of that name, or run as root on Debian')
    const site = await openSite(database, { people: Math.ceil(ROUNDS / 6) })
    const keypad = await site.keypad('Bank A')
    try {
      await keypad.ready()
      // What the door says at its start is answered before the trace begins.
      await keypad.door.until(() => keypad.sent.size > 0 && [...keypad.sent.keys()].every((seq) => seq <= keypad.acked()), 20_000)
      const file = join(site.place.folder, 'trace.txt')
      const url = URL.parse(site.env['ONCEKEY_DATABASE_URL'] ?? '')
      const postgresHere = url === null ? null : postgresAt(url)
      const by = postgresHere === null ? {} : { sessions: postgresHere.sessions }
      // One tracer for all of them, so that their calls are in one order.
      const tracing = await attach([site.process.process.pid ?? 0, ...postgresHere?.all ?? []], ['-y', '-s', '2048', '-e', calls, '-o', file])
      let done = 0
      for (const holder of site.holders) {
        for (const point of site.points.slice(0, 6)) {
          if (done++ === ROUNDS) break
          const { code, digits } = await site.client.codes.issue({ accessPointId: point.id, personId: holder.id })
          if (done % 3 === 0) await site.client.codes.revoke(code.id)
          else assert.equal((await keypad.enter(digits)).is, 'granted')
        }
      }
      const acked = keypad.acked()
      await tracing.stop()
      const trace = readTrace(file)
      const [overHttp, atEntries, ofRecords] = [http, entries, records].map((kind) => judge(trace, log, { ...kind, ...by }))
      assert.ok(overHttp !== undefined && atEntries !== undefined && ofRecords !== undefined)
      assert.deepEqual([...overHttp.early, ...atEntries.early, ...ofRecords.early], [])
      assert.ok(overHttp.acknowledged >= ROUNDS && atEntries.acknowledged >= ROUNDS / 2 && ofRecords.acknowledged > 0 && acked > 0, JSON.stringify([overHttp, atEntries, ofRecords]))
      // The rule bites: the same run without its calls of fsync breaks every promise; with each one ended later than the next answer, too.
      const unsafe = trace.filter((one) => !one.name.endsWith('sync'))
      assert.equal(judge(unsafe, log, { ...http, ...by }).early.length, overHttp.acknowledged)
      const late = trace.map((one) => one.name.endsWith('sync') ? { ...one, ended: one.ended + 1000 } : one)
      assert.ok(judge(late, log, { ...http, ...by }).early.length > overHttp.acknowledged / 2)
      console.log(`  system calls (${database.name}): ${overHttp.acknowledged} HTTP answers and ${atEntries.acknowledged + ofRecords.acknowledged} messages to a door, each after an fsync or fdatasync of the write-ahead log since its question; 0 before`)
    } finally {
      keypad.stop()
      await site.end()
    }
  })
}

test('a disk that takes 300 ms for each sync slows writes down, together, and stops nothing', { timeout: 600_000 }, async () => {
  assert.ok(findStrace() !== null, 'this test needs strace')
  const site = await openSite(sqlite, { people: 5 })
  const keypad = await site.keypad('Bank A')
  try {
    await keypad.ready()
    // Their connections are there already: Node accepts one new one in a turn of its loop, and a turn takes as long as the disk.
    await Promise.all(Array.from({ length: 65 }, () => site.client.codes.list()))
    const tracing = await attach([site.process.process.pid ?? 0], ['-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:delay_enter=300000'])
    const begun = performance.now()
    const asked = site.holders.flatMap((holder) => site.points.map((point) => ({ accessPointId: point.id, personId: holder.id })))
    const codes = await Promise.all(asked.map((form) => site.client.codes.issue({ ...form, deliver: false })))
    const together = performance.now() - begun
    const [first] = codes
    assert.ok(first !== undefined)
    assert.ok(together < asked.length * 300 / 4, `${asked.length} codes in ${together.toFixed(0)} ms: they share commits`)
    const typed = performance.now()
    const bank = codes.find(({ code }) => site.points.find((point) => point.id === code.accessPointId)?.controllerId === keypad.controllerId)
    assert.equal((await keypad.enter(bank?.digits ?? '', 5000)).is, 'granted', 'well within the five seconds of a question')
    const entryMs = performance.now() - typed
    assert.ok(entryMs >= 300, `the disk was slow: ${entryMs}`)
    assert.equal((await fetch(`${site.url}/health/live`)).status, 200)
    await tracing.stop()
    assert.ok((await site.client.audit.chain()).intact)
    console.log(`  slow disk (300 ms a sync): ${asked.length} codes at once in ${(together / 1000).toFixed(1)} s, an entry at the door answered in ${entryMs.toFixed(0)} ms`)
  } finally {
    keypad.stop()
    await site.end()
  }
})
