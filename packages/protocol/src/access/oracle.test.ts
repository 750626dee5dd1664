import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checksOfWay, decideAccess, holdsUntil, type AccessCheck, type AccessFacts, type AccessWay, type GrantFacts } from './decide.ts'

/**
 * The decision against an oracle that was written apart from it: nothing of schedule.ts or decide.ts is used in the oracle. It
 * asks Intl what the clock on the wall shows, and counts hours through, minute by minute.
 */
const CASES = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 100_000 : 2_000
const given = Number(process.env['ONCEKEY_TEST_SEED'])
const SEED = Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 0x7ffffffe)

/** Zones with summer time by a whole and by half an hour, at midnight, in the south, and without. */
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'America/Santiago', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC']
/** Around each of them some clocks change. */
const changes = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 10, 1, 6), Date.UTC(2026, 3, 4, 15), Date.UTC(2026, 9, 3, 15, 30), Date.UTC(2026, 3, 23, 22), Date.UTC(2026, 9, 29, 21), Date.UTC(2026, 3, 5, 3), Date.UTC(2026, 8, 6, 4)]
const MINUTE = 60_000

// What the wall shows.
type Wall = { date: string, weekday: string, hour: number, minute: number }
const clocks = new Map(zones.map((timeZone) => [timeZone, new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })]))

function partsAt (zone: string, moment: number): Map<string, string> {
  return new Map((clocks.get(zone)?.formatToParts(moment) ?? []).map((part) => [part.type, part.value]))
}

function wallAt (zone: string, moment: number): Wall {
  const parts = partsAt(zone, moment)
  return { date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`, weekday: String(parts.get('weekday')), hour: Number(parts.get('hour')), minute: Number(parts.get('minute')) }
}

const offsets = new Map<string, (moment: number) => number>(zones.map((zone) => [zone, (moment) => {
  const parts = partsAt(zone, moment)
  const of = (type: string): number => Number(parts.get(type))
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(moment / 1000) * 1000
}]))

// The oracle.
const isoDays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function theDayBefore (date: string): { date: string, weekday: string } {
  const noon = new Date(Date.parse(`${date}T12:00:00Z`) - 24 * 60 * MINUTE)
  return { date: noon.toISOString().slice(0, 10), weekday: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][noon.getUTCDay()] ?? '' }
}

/** 'out', 'holiday' or 'in': counts each of the hours through, from its first minute. */
function hoursNow (grant: GrantFacts, zone: string, holidays: readonly string[], now: number): 'out' | 'holiday' | 'in' {
  if (grant.schedule === null) return 'in'
  const wall = wallAt(zone, now)
  let found: 'out' | 'holiday' | 'in' = 'out'
  for (const one of grant.schedule.hours) {
    let hour = Math.floor(one.fromMinute / 60)
    let minute = one.fromMinute % 60
    let began = { date: wall.date, weekday: wall.weekday }
    do {
      if (hour === wall.hour && minute === wall.minute && one.days.some((day) => isoDays[day - 1] === began.weekday)) {
        if (grant.schedule.alsoOnHolidays || !holidays.some((date) => date === began.date)) return 'in'
        found = 'holiday'
      }
      minute++
      if (minute === 60) { minute = 0; hour++ }
      if (hour === 24 && one.toMinute !== 1440) { hour = 0; began = theDayBefore(wall.date) }
    } while (hour * 60 + minute !== one.toMinute)
  }
  return found
}

function faultOfGrant (grant: GrantFacts, zone: string, facts: AccessFacts): string {
  if (grant.isEnded) return 'ended'
  if (grant.startsAt !== null && facts.now < grant.startsAt) return 'begun'
  if (grant.endsAt !== null && facts.now >= grant.endsAt) return 'over'
  const hours = hoursNow(grant, zone, facts.holidays, facts.now)
  if (hours === 'out') return 'schedule'
  if (hours === 'holiday') return 'holiday'
  if (grant.maxUses !== null && grant.uses >= grant.maxUses) return 'uses'
  return 'none'
}

function oracle (way: AccessWay, facts: AccessFacts, zone: string): string {
  const { accessPoint, person, grants } = facts
  if (!accessPoint.isThere) return 'accessPoint'
  if ((way === 'ask' || way === 'make' || way === 'remote') && !accessPoint.hasController) return 'controller'
  if (way === 'remote' && !accessPoint.isConnected) return 'connected'
  if ((way === 'ask' || way === 'make') && accessPoint.isBatteryLow) return 'battery'
  if (!person.isThere) return 'person'
  if (person.isSuspended) return 'suspended'
  if (way === 'remote' && !person.mayCommand) return 'role'
  if (accessPoint.isHeld) return 'held'
  if (accessPoint.isLockedDown && !(way === 'remote' && person.mayOverride)) return 'lockdown'
  if (way === 'remote') return 'none'
  if (way === 'handed' || way === 'make') return 'none'
  const faults = grants.map((grant) => faultOfGrant(grant, zone, facts))
  for (const nearest of ['none', 'uses', 'holiday', 'schedule', 'over', 'begun', 'ended']) if (faults.includes(nearest)) return nearest
  return 'grant'
}

// Random cases.
function dice (seed: number): (sides: number) => number {
  let a = seed | 0
  return (sides) => {
    a = a + 0x6d2b79f5 | 0
    let t = Math.imul(a ^ a >>> 15, 1 | a)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return Math.floor(((t ^ t >>> 14) >>> 0) / 4_294_967_296 * sides)
  }
}

function momentNear (roll: (sides: number) => number): number {
  if (roll(2) === 0) return Date.UTC(2026, 0, 1) + roll(400 * 1440) * MINUTE + roll(60_000)
  // Mostly whole quarters around a change of some clocks, because hours begin and end there.
  return (changes[roll(changes.length)] ?? 0) + (roll(400) - 200) * 15 * MINUTE + (roll(2) === 0 ? 0 : roll(3) - 1)
}

function randomGrant (roll: (sides: number) => number, now: number, faulty: number): GrantFacts {
  const odd = (): boolean => roll(100) < faulty
  const around = (): number => now + (roll(5) - 2) * (roll(2) === 0 ? 1 : 86_400_000)
  const hours = Array.from({ length: 1 + roll(3) }, () => ({
    days: [1, 2, 3, 4, 5, 6, 7].filter(() => roll(3) > 0),
    fromMinute: roll(2) === 0 ? roll(96) * 15 : roll(1440), toMinute: roll(2) === 0 ? (1 + roll(96)) * 15 : 1 + roll(1440)
  }))
  return {
    id: 'g', isEnded: odd(), startsAt: roll(2) === 0 ? null : odd() ? around() : now - roll(9_999), endsAt: roll(2) === 0 ? null : odd() ? around() : now + 1 + roll(99_999_999),
    schedule: roll(3) === 0 ? null : { hours, alsoOnHolidays: roll(2) === 0 }, maxUses: roll(2) === 0 ? null : 1 + roll(4), uses: odd() ? roll(6) : 0
  }
}

function randomCase (roll: (sides: number) => number): { zone: string, way: AccessWay, facts: AccessFacts } {
  const zone = zones[roll(zones.length)] ?? 'UTC'
  const now = momentNear(roll)
  // Often only the grants are odd, or what is looked at last would hardly ever be reached.
  const faulty = [0, 0, 5, 20][roll(4)] ?? 0
  const oddGrants = [0, 15, 30, 50][roll(4)] ?? 0
  const fine = (): boolean => roll(100) >= faulty
  const offsetMs = offsets.get(zone)
  assert.ok(offsetMs)
  const near = wallAt(zone, now).date
  return {
    zone, way: (['ask', 'ask', 'entry', 'make', 'handed', 'remote', 'remote'] as const)[roll(7)] ?? 'ask',
    facts: {
      now, offsetMs, holidays: [near, theDayBefore(near).date, '2026-12-25'].filter(() => roll(3) === 0),
      accessPoint: { isThere: fine(), hasController: fine(), isConnected: fine(), isBatteryLow: !fine(), isHeld: !fine(), isLockedDown: !fine() },
      person: { isThere: fine(), isSuspended: !fine(), mayCommand: roll(4) > 0, mayOverride: roll(2) === 0 },
      grants: Array.from({ length: [1, 1, 1, 0, 2, 3][roll(6)] ?? 1 }, () => randomGrant(roll, now, oddGrants))
    }
  }
}

/** Mends exactly this, in the grant that the decision was about. */
function mend (facts: AccessFacts, check: AccessCheck, grant: GrantFacts | null): AccessFacts {
  const { accessPoint, person } = facts
  const ofGrant = (change: Partial<GrantFacts>): AccessFacts => ({ ...facts, grants: facts.grants.map((one) => one === grant ? { ...one, ...change } : one) })
  switch (check) {
    case 'accessPoint': return { ...facts, accessPoint: { ...accessPoint, isThere: true } }
    case 'controller': return { ...facts, accessPoint: { ...accessPoint, hasController: true } }
    case 'connected': return { ...facts, accessPoint: { ...accessPoint, isConnected: true } }
    case 'battery': return { ...facts, accessPoint: { ...accessPoint, isBatteryLow: false } }
    case 'person': return { ...facts, person: { ...person, isThere: true } }
    case 'suspended': return { ...facts, person: { ...person, isSuspended: false } }
    case 'held': return { ...facts, accessPoint: { ...accessPoint, isHeld: false } }
    case 'lockdown': return { ...facts, accessPoint: { ...accessPoint, isLockedDown: false } }
    case 'role': return { ...facts, person: { ...person, mayCommand: true } }
    case 'grant': return facts.grants.length > 0 ? facts : { ...facts, grants: [{ id: 'new', isEnded: false, startsAt: null, endsAt: null, schedule: null, maxUses: null, uses: 0 }] }
    case 'ended': return ofGrant({ isEnded: false })
    case 'begun': return ofGrant({ startsAt: null })
    case 'over': return ofGrant({ endsAt: null })
    case 'schedule': return grant?.schedule == null ? facts : ofGrant({ schedule: { ...grant.schedule, hours: [...grant.schedule.hours, { days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }] } })
    case 'holiday': return grant?.schedule == null ? facts : ofGrant({ schedule: { ...grant.schedule, alsoOnHolidays: true } })
    case 'uses': return ofGrant({ maxUses: null })
    default: throw new Error(`Nobody mends ${check}.`)
  }
}

test(`on ${CASES} random cases the decision is the oracle's, and mending the check that is named flips it`, (t) => {
  const roll = dice(SEED)
  const seen = new Map<string, number>()
  let flips = 0
  for (let i = 0; i < CASES; i++) {
    const { zone, way, facts } = randomCase(roll)
    const decision = decideAccess(way, facts)
    const says = oracle(way, facts, zone)
    const where = `seed ${SEED}, case ${i}: ${way} in ${zone} at ${new Date(facts.now).toISOString()}\n${JSON.stringify(facts, null, 1)}`
    assert.equal(decision.because ?? 'none', says, where)
    assert.equal(decision.granted, says === 'none', where)
    seen.set(says, (seen.get(says) ?? 0) + 1)

    // The list: everything before it passed, nothing after it was looked at.
    const at = decision.checks.findIndex((one) => one.outcome === 'failed')
    assert.deepEqual(decision.checks.map((one) => one.check), checksOfWay[way], where)
    assert.deepEqual(decision.checks.map((one) => one.outcome), decision.checks.map((_, j) => at === -1 || j < at ? 'passed' : j === at ? 'failed' : 'notReached'), where)
    if (decision.because === null) continue

    // Mending anything else that is broken opens nothing (hours, when a holiday is named, are not broken); mending what is named moves on, and opens when nothing else was broken.
    for (const check of checksOfWay[way]) if (check !== decision.because && !(decision.because === 'holiday' && check === 'schedule')) assert.equal(decideAccess(way, mend(facts, check, decision.grant)).granted, false, `${where}\nopened by mending ${check}`)
    const mended = mend(facts, decision.because, decision.grant)
    const next = decideAccess(way, mended)
    assert.equal(next.because ?? 'none', oracle(way, mended, zone), where)
    if (next.because === null) flips++
    else assert.ok(checksOfWay[way].indexOf(next.because) > checksOfWay[way].indexOf(decision.because), `${where}\nafter mending ${decision.because}: ${next.because}`)
    let left = mended
    for (let steps = 0; ; steps++) {
      const { because, grant } = decideAccess(way, left)
      if (because === null) break
      assert.ok(steps < 12, where)
      left = mend(left, because, grant)
    }
  }
  t.diagnostic(`seed ${SEED}; named: ${[...seen].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`).join(', ')}; one mended check opened ${flips}`)
  // A run in which something never happened would show nothing about it.
  for (const name of ['none', ...checksOfWay.ask, 'connected', 'role']) assert.ok((seen.get(name) ?? 0) > 0, `seed ${SEED}: ${name} never happened`)
  assert.ok(flips > CASES / 10)
})

test('one fault alone: each check, mended, opens', () => {
  const roll = dice(SEED + 1)
  const breaks: Partial<Record<AccessCheck, (facts: AccessFacts) => AccessFacts>> = {
    accessPoint: (facts) => ({ ...facts, accessPoint: { ...facts.accessPoint, isThere: false } }),
    controller: (facts) => ({ ...facts, accessPoint: { ...facts.accessPoint, hasController: false } }),
    battery: (facts) => ({ ...facts, accessPoint: { ...facts.accessPoint, isBatteryLow: true } }),
    person: (facts) => ({ ...facts, person: { ...facts.person, isThere: false } }),
    held: (facts) => ({ ...facts, accessPoint: { ...facts.accessPoint, isHeld: true } }),
    lockdown: (facts) => ({ ...facts, accessPoint: { ...facts.accessPoint, isLockedDown: true } }),
    suspended: (facts) => ({ ...facts, person: { ...facts.person, isSuspended: true } }),
    grant: (facts) => ({ ...facts, grants: [] }),
    ended: (facts) => grantsOf(facts, () => ({ isEnded: true })),
    begun: (facts) => grantsOf(facts, () => ({ startsAt: facts.now + 1 })),
    over: (facts) => grantsOf(facts, () => ({ endsAt: facts.now })),
    schedule: (facts) => grantsOf(facts, () => ({ schedule: { hours: [{ days: [], fromMinute: 0, toMinute: 1440 }], alsoOnHolidays: true } })),
    holiday: (facts) => ({ ...grantsOf(facts, () => ({ schedule: { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }], alsoOnHolidays: false } })), holidays: everyDay }),
    uses: (facts) => grantsOf(facts, () => ({ maxUses: 2, uses: 2 }))
  }
  for (let i = 0; i < CASES / 20; i++) {
    const { facts } = randomCase(roll)
    const fine: AccessFacts = {
      ...facts, accessPoint: { isThere: true, hasController: true, isConnected: true, isBatteryLow: false, isHeld: false, isLockedDown: false }, person: { isThere: true, isSuspended: false, mayCommand: true, mayOverride: true },
      grants: [{ id: 'g', isEnded: false, startsAt: null, endsAt: null, schedule: null, maxUses: null, uses: 0 }]
    }
    assert.equal(decideAccess('ask', fine).granted, true)
    for (const [check, breakIt] of Object.entries(breaks)) {
      const broken = breakIt(fine)
      const decision = decideAccess('ask', broken)
      assert.equal(decision.because, check, `seed ${SEED}`)
      assert.ok(decision.because !== null && decideAccess('ask', mend(broken, decision.because, decision.grant)).granted, `seed ${SEED}: ${check}`)
    }
  }
})

test('until when a grant holds: every minute before it, and not then', (t) => {
  const roll = dice(SEED + 2)
  let looked = 0
  for (let i = 0; i < CASES / 50; i++) {
    const { zone, facts } = randomCase(roll)
    for (const grant of facts.grants) {
      if (faultOfGrant({ ...grant, maxUses: null }, zone, facts) !== 'none') continue
      const until = holdsUntil(grant, facts)
      const last = until ?? facts.now + 40 * 1440 * MINUTE
      // Steps of a minute near both ends and a random one between, all within the schedule.
      const probes = [0, 1, 2, 3].flatMap((minutes) => [facts.now + minutes * MINUTE, last - 1 - minutes * MINUTE]).concat(Array.from({ length: 60 }, () => facts.now + roll(Math.max(1, last - facts.now))))
      for (const moment of probes) {
        if (moment < facts.now || moment >= last) continue
        looked++
        assert.equal(faultOfGrant({ ...grant, maxUses: null }, zone, { ...facts, now: moment }), 'none', `seed ${SEED}, ${zone}, ${new Date(moment).toISOString()} of ${new Date(facts.now).toISOString()} to ${new Date(last).toISOString()}\n${JSON.stringify(grant)}`)
      }
      if (until !== null) assert.notEqual(faultOfGrant({ ...grant, maxUses: null }, zone, { ...facts, now: until }), 'none', `seed ${SEED}, ${zone}, still holds at ${new Date(until).toISOString()}\n${JSON.stringify(grant)}`)
    }
  }
  t.diagnostic(`${looked} moments`)
  assert.ok(looked > 100)
})

test('of several grants that let somebody, the one that is not counted is taken, then the one that lasts longest', () => {
  const { facts } = randomCase(dice(7))
  const grant: GrantFacts = { id: 'plain', isEnded: false, startsAt: null, endsAt: null, schedule: null, maxUses: null, uses: 0 }
  const pick = (...grants: GrantFacts[]): string | undefined => decideAccess('entry', { ...facts, accessPoint: { ...facts.accessPoint, isThere: true, isHeld: false, isLockedDown: false }, person: { isThere: true, isSuspended: false, mayCommand: false, mayOverride: false }, grants }).grant?.id
  const day = { ...grant, id: 'day', endsAt: facts.now + 86_400_000 }
  const counted = { ...grant, id: 'counted', maxUses: 1 }
  assert.equal(pick(day, grant), 'plain')
  assert.equal(pick(counted, day), 'day')
  assert.equal(pick({ ...day, id: 'hour', endsAt: facts.now + 3_600_000 }, day), 'day')
  assert.equal(pick({ ...grant, id: 'ended', isEnded: true }, { ...counted, uses: 1 }), 'counted')
})

const everyDay = Array.from({ length: 800 }, (_, i) => new Date(Date.UTC(2025, 6, 1) + i * 86_400_000).toISOString().slice(0, 10))

function grantsOf (facts: AccessFacts, change: (grant: GrantFacts) => Partial<GrantFacts>): AccessFacts {
  return { ...facts, grants: facts.grants.map((grant) => ({ ...grant, ...change(grant) })) }
}
