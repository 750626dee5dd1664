import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GuardSettings } from '@oncekey/protocol/schemas'
import { approve, costOf, decide, type Changed, type Decision, type Took } from './decide.ts'
import { charged, credited, freshPurse, fullAt, opensIn, purseAt, rules, stateOf, type Level, type Purse } from './purse.ts'
import { purseIn, textOfPurse } from './rows.ts'
import { isPublicAddress, networksOf, subjectsOf, type Send } from './subjects.ts'
import { usualSettings } from './settings.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const begin = Date.UTC(2026, 0, 5, 9)
const settings: GuardSettings = { countries: ['DE', 'FR'], adaptive: true, currency: 'EUR', costs: [], caps: [] }

/** A guard in memory, with a clock. */
function guard (own: Partial<GuardSettings> = {}) {
  const purses = new Map<string, Purse>()
  const sends = new Map<string, number[]>()
  const took = new Map<string, Took>()
  const put = (changes: readonly Changed[]): void => { for (const { subject, purse } of changes) purses.set(subject.name, purse) }
  const g = {
    now: begin, purses, spent: { messages: 0, micros: 0 },
    send (number: string, ip: string | null, more: Partial<Send> = {}): Decision {
      const recent = (sends.get(number) ?? []).filter((at) => at > g.now - 60 * MINUTE)
      const decision = decide({ purses, spent: g.spent }, sendOf(number, ip, { recent: recent.length, ...more }), { ...settings, ...own }, g.now)
      if (!decision.allowed) return decision
      put(decision.changes)
      sends.set(number, [g.now, ...recent])
      const before = took.get(number) ?? { own: 0, others: 0 }
      took.set(number, { ...before, [decision.took]: before[decision.took] + 1 })
      g.spent = { messages: g.spent.messages + 1, micros: g.spent.micros + decision.micros }
      return decision
    },
    verify (number: string, ip: string | null): void {
      put(approve(purses, sendOf(number, ip), took.get(number) ?? { own: 0, others: 0 }, g.now))
      took.delete(number)
      sends.delete(number)
    },
    wait (ms: number): void { g.now += ms }
  }
  return g
}

function sendOf (number: string, ip: string | null, more: Partial<Send> = {}): Send {
  return { keyId: 'shop', channel: 'sms', recipientKey: number, phone: { e164: number, country: number.startsWith('+33') ? 'FR' : 'DE', type: 'mobile' }, ip, recent: 0, ...more }
}

const reasonOf = (decision: Decision): string => decision.allowed ? 'sent' : decision.reason
const people = (i: number): string => `+49151${String(i * 7919 % 100_000_000).padStart(8, '0')}`
const home = (i: number): string => `91.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}`

test('premium numbers, shared costs and countries that nobody named get nothing, and cost no coin', () => {
  const g = guard()
  for (const type of ['premiumRate', 'sharedCost', 'tollFree', 'uan', 'pager', 'voicemail', 'fixedLine', 'nonsense']) {
    assert.equal(reasonOf(g.send('+4990012345678', null, { phone: { e164: '+4990012345678', country: 'DE', type } })), 'numberType', type)
  }
  assert.equal(reasonOf(g.send('+493012345678', null, { channel: 'voice', phone: { e164: '+493012345678', country: 'DE', type: 'fixedLine' } })), 'sent')
  for (const country of ['TL', null]) assert.equal(reasonOf(g.send('+67077212345', null, { phone: { e164: '+67077212345', country, type: 'mobile' } })), 'countryNotListed')
  assert.ok([...g.purses.keys()].every((name) => !name.includes('670') && !name.includes('490')))
})

test('a range of numbers in which nobody types a code in gets eight messages and those of a few clean networks, then none', () => {
  const g = guard()
  const said: string[] = []
  for (let i = 0; i < 200; i++) {
    said.push(reasonOf(g.send(`+4915999${String(i).padStart(6, '0')}`, home(i))))
    g.wait(1000)
  }
  assert.equal(said.filter((one) => one === 'sent').length, rules.range.start + rules.range.depth + 1)
  assert.deepEqual(new Set(said), new Set(['sent', 'range']))
  assert.equal(reasonOf(g.send('+4915112345678', home(999))), 'sent', 'elsewhere it goes on')
})

test('an address that wastes its messages is out after eight, a neighbourhood after 24; a /64 is one address', () => {
  const g = guard()
  const from = (ip: (i: number) => string, country = '+336'): number => Array.from({ length: 60 }, (_, i) => reasonOf(g.send(`${country}${String(i * 1_010_101 % 100_000_000).padStart(8, '0')}`, ip(i)))).filter((one) => one === 'sent').length
  assert.equal(from(() => '91.1.2.3'), 8)
  assert.equal(from((i) => `2001:db8:1:1::${i.toString(16)}`), 8)
  assert.ok(from((i) => `2001:db8:2:${i.toString(16)}::1`) <= 24)
})

test('where people type their codes in nothing is ever refused: 2,000 of them in an hour, one in four gives up', () => {
  const g = guard()
  let refused = 0
  for (let i = 0; i < 2000; i++) {
    const said = g.send(people(i), home(i))
    if (!said.allowed) refused++
    if (i % 4 !== 0) g.verify(people(i), home(i))
    g.wait(1800)
  }
  assert.equal(refused, 0)
})

test('while a country is shut, those who were verified before, and newcomers among people, get their messages', () => {
  const g = guard()
  for (let i = 0; i < 400; i++) {
    g.send(people(i), home(i))
    if (i % 5 !== 0) g.verify(people(i), home(i))
    g.wait(MINUTE)
  }
  // Somebody asks for numbers that nobody has heard of, a new block of them each time.
  let paid = 0
  for (let i = 0; i < 3000; i++) {
    if (g.send(`+49176${String(i * 104_729 % 100_000_000).padStart(8, '0')}`, `45.9.${i % 40}.7`).allowed) paid++
    g.wait(1000)
  }
  assert.ok(paid < 200, `${paid} paid`)
  assert.equal(stateOf('country', purseAt('country', g.purses.get('country DE') ?? freshPurse('country', 0), g.now)) === 'open', false)
  assert.equal(reasonOf(g.send(people(3), '45.9.1.7')), 'sent', 'known, even from the attacker\'s address')
  assert.equal(reasonOf(g.send('+4915100007777', '88.77.66.55')), 'sent', 'new, from a clean network')
  assert.equal(reasonOf(g.send('+49176000000', '45.9.1.7')), 'country', 'new, from there')
})

test('whoever verifies their own number again and again buys nothing by it', () => {
  const g = guard()
  const own = '+4915155555555'
  for (let i = 0; i < 50; i++) {
    g.send(own, '91.1.1.1')
    g.verify(own, '91.1.1.1')
    g.wait(5 * MINUTE)
  }
  assert.ok(Math.abs((g.purses.get('address 91.1.1.1')?.standing ?? 0) - 1) < 0.01, 'one number, once')
  let paid = 0
  for (let i = 0; i < 100; i++) if (g.send(`+4915999${String(i * 10_007 % 1_000_000).padStart(6, '0')}`, '91.1.1.1').allowed) paid++
  assert.ok(paid <= 11, `${paid} paid`)
})

test('a cap of messages and one of money, to the last one; the next day begins anew', () => {
  const byCount = guard({ caps: [{ channel: 'sms', messages: 3, micros: null }] })
  assert.deepEqual([1, 2, 3, 4].map((i) => reasonOf(byCount.send(people(i), null))), ['sent', 'sent', 'sent', 'spendCap'])
  const refused = byCount.send(people(9), null)
  assert.deepEqual(!refused.allowed && refused.retryAfterMs, DAY - begin % DAY)
  const costs: GuardSettings['costs'] = [{ channel: 'sms', country: null, micros: 90_000 }, { channel: 'sms', country: 'FR', micros: 40_000 }]
  const byMoney = guard({ costs, caps: [{ channel: 'sms', messages: null, micros: 200_000 }] })
  assert.deepEqual([people(1), people(2), people(3), '+33612345678', '+33699345678'].map((to) => reasonOf(byMoney.send(to, null))), ['sent', 'sent', 'spendCap', 'spendCap', 'spendCap'])
  assert.equal(byMoney.spent.micros, 180_000)
  assert.deepEqual([costOf({ ...settings, costs }, 'sms', 'FR'), costOf({ ...settings, costs }, 'sms', 'DE'), costOf({ ...settings, costs }, 'voice', 'DE')], [40_000, 90_000, 0])
})

test('without the adaptive part countries, kinds of numbers and caps still hold', () => {
  const g = guard({ adaptive: false, caps: [{ channel: 'sms', messages: 500, micros: null }] })
  const said = Array.from({ length: 600 }, (_, i) => reasonOf(g.send(`+4915999${String(i).padStart(6, '0')}`, '91.1.1.1')))
  assert.deepEqual([said.filter((one) => one === 'sent').length, said.at(-1)], [500, 'spendCap'])
})

test('a mailbox is no range and no country: only its network and its key are looked at', () => {
  const mail = sendOf('ana', '91.1.1.1', { channel: 'email', phone: null })
  assert.deepEqual(subjectsOf(mail).map(({ name }) => name), ['recipient ana', 'address 91.1.1.1', 'network 91.1.1.0/24', 'mailKey shop'])
  assert.deepEqual(subjectsOf(sendOf('+4915112345678', null)).map(({ name }) => name), ['recipient +4915112345678', 'range +491511234', 'area +4915112', 'country DE', 'key shop'])
})

test('mails of a key that nobody types in: 5,000, then a reason; people go on who were verified before, or come from where others were', () => {
  const g = guard()
  const mail = (to: string, ip: string | null): string => reasonOf(g.send(to, ip, { channel: 'email', phone: null, recipientKey: to }))
  g.send('ana', null, { channel: 'email', phone: null })
  for (const { subject, purse } of approve(g.purses, sendOf('ana', '91.1.1.1', { channel: 'email', phone: null }), { own: 0, others: 1 }, g.now)) g.purses.set(subject.name, purse)
  const said = Array.from({ length: 6000 }, (_, i) => mail(`u${i}`, null))
  assert.deepEqual([Math.abs(said.filter((one) => one === 'sent').length - 5000) <= 2, said.at(-1)], [true, 'key'])
  assert.deepEqual([mail('ana', null), mail('ben', '91.1.1.1'), mail('cid', '91.2.2.2')], ['sent', 'sent', 'key'])
})

test('addresses: mapped ones are IPv4, a /64 has one name however it is written, private ones say nothing', () => {
  assert.deepEqual(networksOf('::ffff:91.2.3.4').map(({ name }) => name), ['address 91.2.3.4', 'network 91.2.3.0/24'])
  for (const ip of ['2001:DB8:0:7::1', '2001:db8::7:0:0:0:9', '2001:0db8:0000:0007:1::']) assert.deepEqual(networksOf(ip).map(({ name }) => name), ['address 2001:db8:0:7::/64', 'network 2001:db8:0::/48'], ip)
  for (const ip of ['10.1.2.3', '127.0.0.1', '172.16.0.9', '192.168.1.1', '100.64.3.3', '169.254.1.1', '::1', '::', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1']) assert.equal(isPublicAddress(ip), false, ip)
  for (const ip of ['91.2.3.4', '172.32.0.1', '100.128.0.1', '2a00::1', '::ffff:91.2.3.4']) assert.equal(isPublicAddress(ip), true, ip)
})

test('the country of a site is that of its time zone; UTC is none', () => {
  assert.deepEqual(['Europe/Berlin', 'Asia/Calcutta', 'Asia/Kolkata', 'America/New_York', 'UTC', 'Nowhere/Land'].map((zone) => usualSettings(zone).countries.join()), ['DE', 'IN', 'IN', 'US', '', ''])
})

const levels: readonly Level[] = ['address', 'network', 'range', 'area', 'country', 'key', 'mailKey', 'recipient']

test('of any purse, whatever happened to it: numbers stay numbers, time alone opens it, and its text is read back as it was', () => {
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? 0) || 1 + Math.floor(Math.random() * 1e9)
  process.stdout.write(`  seed ${seed}\n`)
  let state = seed
  const roll = (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor(state / 2_147_483_648 * sides)
  }
  for (let round = 0; round < 400; round++) {
    const level = levels[roll(levels.length)] ?? 'range'
    let now = begin
    let purse = freshPurse(level, now)
    for (let i = roll(200); i > 0; i--) {
      // Clocks of two servers, and one that jumps.
      now += roll(10) === 0 ? -roll(DAY) : roll(4) === 0 ? roll(3 * DAY) : roll(MINUTE)
      purse = purseAt(level, purse, now)
      const before = purse
      if (roll(3) > 0) {
        purse = charged(level, purse)
        assert.ok(purse.coins === before.coins - 1 && purse.sent === before.sent + 1)
      } else {
        purse = credited(level, purse, 1 + roll(3))
        assert.ok(purse.coins >= before.coins && purse.standing > before.standing, 'a verification never harms')
        assert.ok(purse.coins <= Math.max(before.coins, fullAt(level, purse.standing)))
      }
      assert.ok(Number.isFinite(purse.coins) && purse.standing >= 0)
      const { coins, standing, ...rest } = purseIn(textOfPurse(purse))
      assert.ok(Math.abs(coins - purse.coins) < 1e-8 && Math.abs(standing - purse.standing) < 1e-8)
      assert.deepEqual(rest, { sent: purse.sent, verified: purse.verified, at: purse.at, shutUntil: purse.shutUntil, blockId: null })
    }
    const opens = purseAt(level, purse, purse.at + opensIn(level, purse) + 1)
    assert.equal(stateOf(level, opens), 'open', `${level} ${JSON.stringify(purse)}`)
    assert.ok(opens.coins <= Math.max(purse.coins, rules[level].start))
  }
})

test('N wasted messages from one subject: never more than it has coins, in whatever order the clock runs', () => {
  for (const step of [0, 1, 1000, -1000]) {
    const g = guard()
    let sent = 0
    for (let i = 0; i < 500; i++) {
      if (g.send(`+4915777${String(i % 10_000).padStart(6, '0')}`, null).allowed) sent++
      g.wait(step)
    }
    assert.ok(sent <= rules.range.start, `${sent} with steps of ${step} ms`)
  }
})
