import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { mailServer, type MailServer } from '../e2e/support/mail.ts'
import { databases } from './support/databases.ts'
import { owner, startFleet, type Fleet } from './support/servers.ts'
import { figure, isFull, size } from './support/size.ts'

const PAIRS = size(12, 300)
/** Of what takes a few milliseconds: the machine's own noise is larger there. */
const QUICK_PAIRS = size(20, 2000)
/** Of the median. A few pairs on a busy machine show nothing but a hole as wide as a missing hash. */
const BOUND = isFull ? 0.05 : 0.6
const ROUNDS = 3

const [database] = databases
if (database === undefined) throw new Error('No database.')

void describe('what answers give away about who and what exists', () => {
  let fleet: Fleet
  let mail: MailServer
  let asked = 0
  let unknown = 0
  let hours = 10

  before(async () => {
    mail = await mailServer()
    fleet = await startFleet(database, 1, { ONCEKEY_SMTP_URL: mail.url })
    await fleet.owner.registration.setPolicy({ who: 'everybody', domains: [] })
  })
  after(async () => {
    await fleet.end()
    await mail.close()
  })

  test('signing in: a known name with a wrong password and an unknown name get the same bytes, and so do suspended and invited people', async () => {
    const members = ['Suspended', 'Invited'].map((name) => ({ name, email: `${name.toLowerCase()}@example.org`, role: 'member' as const }))
    const [suspended] = await Promise.all(members.map((form, i) => fleet.owner.people.add(i === 0 ? { ...form, password: 'nine brown herons' } : form)))
    await fleet.owner.people.change(suspended?.person.id ?? '', { suspended: true })
    const answers = await Promise.all([
      post('sessions', { login: owner.email, password: 'not her password' }), post('sessions', { login: 'nobody@example.org', password: 'not her password' }),
      post('sessions', { login: 'suspended@example.org', password: 'nine brown herons' }), post('sessions', { login: 'invited@example.org', password: 'nine brown herons' })
    ])
    assert.equal(new Set(answers.map(told)).size, 1, answers.map(told).join('\n'))
    assert.equal(answers[0]?.status, 401)
  })

  test('invitations, set-up, resources and inboxes: what exists for somebody else reads as what does not', async () => {
    const spent = await fleet.owner.people.add({ name: 'Ines', email: 'ines@example.org', role: 'member' })
    const token = spent.invitation?.split('/').at(-1) ?? ''
    assert.equal((await post('invitations/accept', { token, password: 'six green barges' })).status, 200)
    const invitations = await Promise.all([post('invitations/accept', { token, password: 'six green barges' }), post('invitations/accept', { token: randomBytes(32).toString('base64url'), password: 'six green barges' })])
    assert.equal(new Set(invitations.map(told)).size, 1, invitations.map(told).join('\n'))

    const member = fleet.stranger()
    await member.session.start({ login: 'ines@example.org', password: 'six green barges' })
    const point = (await fleet.owner.places.get()).doors[0]?.id ?? ''
    const { code } = await fleet.owner.codes.issue({ accessPointId: point })
    const foreign = await problem(() => member.codes.revoke(code.id))
    const unknown = await problem(() => member.codes.revoke(randomUUID()))
    assert.equal(foreign, unknown)
    // To ask for a code where one has no grant says nothing about the door either.
    assert.equal((await fleet.owner.codes.list({ accessPointId: point })).codes.length, 1)
  })

  test('tries run out for unknown names as for known ones, with the same bytes', async () => {
    for (const round of [1, 2]) {
      const rows: string[][] = []
      for (const login of [owner.email, `unknown${round}@example.org`]) {
        const row: string[] = []
        for (let i = 0; i < 12; i++) row.push(told(await post('sessions', { login, password: 'wrong again' })).replace(/\d+/g, '#'))
        rows.push(row)
      }
      assert.equal(rows[0]?.at(-1), rows[1]?.at(-1))
      await ahead(round)
    }
  })

  test('strangers learn nothing from the time an answer takes', async () => {
    // Round about: the same work for both kinds, in turn, so that whatever else the machine does hits both alike.
    const pairs: [string, number, () => Promise<unknown>, () => Promise<unknown>, number?][] = [
      ['sign-in', PAIRS, () => post('sessions', { login: owner.email, password: 'not her password' }), () => post('sessions', { login: `nobody${(unknown++ / 60) | 0}@example.org`, password: 'not her password' })],
      ['a code to sign in', QUICK_PAIRS, () => post('sign-in-codes', { login: owner.email }), () => post('sign-in-codes', { login: 'nobody@example.org' }), 1],
      ['recovery', QUICK_PAIRS, () => post('recoveries', { login: owner.email }), () => post('recoveries', { login: 'nobody@example.org' }), 1],
      ['registration', PAIRS, () => post('registrations', { username: 'somebody', email: owner.email, password: 'six green barges' }), () => post('registrations', { username: 'somebody', email: 'nobody@example.org', password: 'six green barges' }), 1],
      ['invitation', QUICK_PAIRS, () => post('invitations/accept', { token: randomBytes(32).toString('base64url'), password: 'six green barges' }), () => post('invitations/accept', { token: 'A'.repeat(43), password: 'six green barges' })],
      ['set-up', QUICK_PAIRS, () => post('setup', setup('A'.repeat(43))), () => post('setup', setup(randomBytes(32).toString('base64url')))],
      ['contact', QUICK_PAIRS, () => post('contact', { name: 'X', email: owner.email, message: 'Hello' }), () => post('contact', { name: 'X', email: 'nobody@example.org', message: 'Hello' })]
    ]
    for (const [what, count, one, other, every = 4] of pairs) {
      // Noise makes a difference, it does not hide one: what is there shows in every round.
      let best = { a: 0, b: 0, difference: Infinity }
      for (let round = 0; round < ROUNDS && best.difference >= BOUND; round++) {
        const [a, b] = await p50s(count, one, other, every)
        const difference = Math.abs(a - b) / Math.max(a, b)
        if (difference < best.difference) best = { a, b, difference }
      }
      const said = `${best.a.toFixed(2)} ms existing, ${best.b.toFixed(2)} ms unknown, ${(best.difference * 100).toFixed(1)} % apart`
      assert.ok(best.difference < BOUND, `${what}: ${said}`)
      figure(`time of ${what}, ${count} pairs: p50 ${said}`)
    }
  })

  /** @param every so many pairs time moves on; a code that was asked for can not be asked for again at once */
  async function p50s (count: number, one: () => Promise<unknown>, other: () => Promise<unknown>, every: number): Promise<[number, number]> {
    const times: [number[], number[]] = [[], []]
    for (let i = 0; i < count; i++) {
      // Longer than a day, and before a hundred failures in a row: whoever is out of tries is answered without being looked at.
      if (i % every === 0) await ahead(hours += 13)
      if (i % 60 === 59) await post('sessions', { login: owner.email, password: owner.password })
      // Each kind comes first as often as the other, also after such a jump.
      const turns = [[one, times[0]], [other, times[1]]] as const
      for (const [ask, list] of (i + (i >> 2)) % 2 === 0 ? turns : [...turns].reverse()) {
        const begun = performance.now()
        await ask()
        list.push(performance.now() - begun)
      }
    }
    return [median(times[0]), median(times[1])]
  }

  function setup (token: string): object {
    return { token, ...owner, siteName: 'Elsewhere', timeZone: 'Europe/Lisbon', demonstration: false }
  }

  /** Far enough that all tries are back. */
  async function ahead (hours: number): Promise<void> {
    await fleet.setAhead(hours * 2 * 3_600_000)
  }

  /** A request from an address of its own: limits count by it. */
  function post (path: string, body: object): Promise<{ status: number, text: string, headers: string }> {
    asked++
    return new Promise((resolve, reject) => {
      const text = JSON.stringify(body)
      const { port } = new URL(fleet.processes[0]?.url ?? 'http://none')
      const call = request({
        host: '127.0.0.1', port, path: '/api/v1/' + path, method: 'POST', localAddress: `127.${1 + (asked >> 14 & 0x7f)}.${asked >> 7 & 0x7f}.${1 + (asked & 0x7f)}`, agent: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => { chunks.push(chunk) })
        answer.on('end', () => {
          const headers = Object.entries(answer.headers).filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${String(value)}`).join('\n')
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers })
        })
      })
      call.once('error', reject)
      call.end(text)
    })
  }
})

/** Everything that the answer says, but the time of day. */
function told ({ status, text, headers }: { status: number, text: string, headers: string }): string {
  return `${status}\n${headers}\n${text}`
}

async function problem (call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
    return 'no problem'
  } catch (error) {
    return error instanceof Error ? JSON.stringify({ ...error, message: error.message }) : String(error)
  }
}

function median (times: number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0
}
