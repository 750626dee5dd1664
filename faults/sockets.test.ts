import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sqlite } from './support/databases.ts'
import { dice, isFull, seedFor, type Dice } from './support/seed.ts'
import { openSite } from './support/site.ts'

const TALKS = isFull ? 50_000 : 800

/** What a connection may begin with; odd bytes are then put anywhere. */
const openings: readonly string[] = [
  'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /api/v1/me HTTP/1.1\r\nhost: x\r\ncookie: oncekey=abc\r\n\r\n',
  'POST /api/v1/contact HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  'POST /api/v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
  'POST /api/v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  'GET /mqtt HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: mqtt\r\n\r\n\x82\x7f\x00\x00\x00\x01',
  'GET / HTTP/1.0\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n',
  'GET http://evil.example/api/v1/me HTTP/1.1\r\nhost: evil.example\r\n\r\n',
  'POST /api/v1/contact HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 99999999999999999999\r\n\r\n',
  'HEAD /health HTTP/1.1\r\nhost: x\r\n\r\nGET /health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
]

test(`${TALKS} broken conversations over real sockets: the server answers, closes or ignores, and lives on with as much memory`, { timeout: isFull ? 1_800_000 : 600_000 }, async () => {
  const random = dice(seedFor('broken conversations'))
  const site = await openSite(sqlite, { people: 0 })
  const statuses = new Map<string, number>()
  try {
    const resident: number[] = []
    for (let sent = 0; sent < TALKS; sent += 20) {
      for (const status of await Promise.all(Array.from({ length: 20 }, () => talk(site.port, conversation(random), random)))) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (sent % (TALKS / 10) < 20) resident.push(residentOf(site.process.process.pid ?? 0))
    }
    assert.equal(site.process.process.exitCode, null, site.process.printed())
    assert.equal((await fetch(`${site.url}/health/live`)).status, 200)
    assert.ok(!site.process.printed().includes('"level":"error"'), site.process.printed().slice(-2000))
    const wrong = [...statuses.keys()].filter((status) => status.startsWith('5') && status !== '501' && status !== '505')
    assert.deepEqual(wrong, [])
    const [early = 0, late = 0] = [resident[Math.floor(resident.length / 3)], resident.at(-1)]
    assert.ok(late - early < 40e6, `resident: ${resident.map((one) => Math.round(one / 1e6)).join(' ')} MB`)
    console.log(`  ${TALKS} broken conversations: ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}; resident ${Math.round(early / 1e6)} -> ${Math.round(late / 1e6)} MB`)
  } finally {
    await site.end()
  }
})

function conversation (random: Dice): Buffer {
  const bytes = Buffer.from(random.pick(openings), 'latin1')
  const parts = [bytes]
  if (random.chance(0.2)) parts.push(Buffer.from(random.pick(openings), 'latin1'))
  if (random.chance(0.1)) parts.unshift(Buffer.from(`GET /${'x'.repeat(random.whole(30_000))} HTTP/1.1\r\nhost: x\r\n`, 'latin1'))
  if (random.chance(0.1)) parts.push(Buffer.from(Array.from({ length: 400 }, (_, i) => `h${i}: ${'v'.repeat(60)}\r\n`).join('') + '\r\n'))
  let all = Buffer.concat(parts)
  for (let changes = random.whole(4); changes > 0; changes--) {
    const place = random.whole(all.length)
    const change = random.whole(3)
    if (change === 0) all[place] = random.whole(256)
    else if (change === 1) all = Buffer.concat([all.subarray(0, place), Buffer.from([random.whole(256)]), all.subarray(place)])
    else all = all.subarray(0, Math.max(1, place))
  }
  return all
}

/** Says it in one or two pieces and hears what comes until the other side closes or is silent. */
function talk (port: number, bytes: Buffer, random: Dice): Promise<string> {
  const cut = random.chance(0.3) ? random.whole(bytes.length) : bytes.length
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let heard = ''
    const end = (): void => {
      socket.destroy()
      resolve(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 'silence')
    }
    socket.setTimeout(150, end)
    socket.on('connect', () => {
      socket.write(bytes.subarray(0, cut))
      if (cut < bytes.length) setImmediate(() => { socket.write(bytes.subarray(cut)) })
    })
    socket.on('data', (chunk) => { heard += String(chunk) })
    socket.on('error', () => {})
    socket.on('close', end)
  })
}

/** Bytes of memory that a process holds. */
function residentOf (pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}
