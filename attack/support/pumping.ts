import type { GuardSettings } from '@oncekey/protocol/schemas'
import { maySendAt } from '../../apps/server/src/challenges/recipient.ts'
import { approve, decide, type Changed, type Took } from '../../apps/server/src/guard/decide.ts'
import type { Purse } from '../../apps/server/src/guard/purse.ts'
import type { Send } from '../../apps/server/src/guard/subjects.ts'
import { dice } from './size.ts'

/**
 * A site that verifies phone numbers, day by day in virtual time, and somebody who has messages sent to numbers that pay
 * him: 1,000 addresses and 10,000 numbers, each number asked for 20 times. What is decided is decided by the guard's own
 * code; what people and attackers do is the model that docs/fraud-guard.md describes.
 */
export type Strategy = 'oneRange' | 'oneCountry' | 'spread' | 'slow' | 'buys' | 'rotates' | 'noAddress' | 'amongPeople' | 'likePeople'
export type Outcome = {
  people: { sends: number, refused: number, worstDay: number }
  attack: { attempts: number, paid: number, paidOfFirst: number, numbersReached: number }
  reasons: Record<string, number>
  /** Messages that went out on the busiest day, of all. */
  mostInDay: number
}

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
const SECOND = 1000
const BEGIN = Date.UTC(2026, 0, 5)
const COUNTRIES = ['DE', 'FR', 'AT', 'NL', 'BR']

/** Where people's numbers are: calling code and first digits, areas (a million numbers) and ranges (ten thousand) in use, and the share of people. */
const homes = [
  { country: 'DE', code: '+4915', digits: 11, areas: 60, share: 78 }, { country: 'FR', code: '+336', digits: 9, areas: 30, share: 9 },
  { country: 'AT', code: '+4366', digits: 10, areas: 15, share: 6 }, { country: 'NL', code: '+316', digits: 9, areas: 20, share: 5 },
  // A country that is opened on the day before the attack.
  { country: 'BR', code: '+5511', digits: 11, areas: 40, share: 2 }
] as const

type Person = { number: string, country: string, ip: string }
type Event = { at: number, do: () => void }

/** @param cap messages a day, of people and attacker together; absent: none */
export function simulate ({ seed, strategy, cap = null, warmUpDays = 14 }: { seed: number, strategy: Strategy | 'none', cap?: number | null, warmUpDays?: number }): Outcome {
  const roll = dice(seed)
  const chance = (share: number): boolean => roll(1_000_000) < share * 1_000_000
  const pick = <T>(list: readonly T[]): T => list[roll(list.length)] as T
  const settings: GuardSettings = { countries: COUNTRIES, adaptive: true, currency: 'EUR', costs: [], caps: [{ channel: 'sms', messages: cap, micros: null }] }
  const queue = heap()
  /** Messages by day. */
  const went = new Map<number, number>()
  const purses = new Map<string, Purse>()
  const sends = new Map<string, number[]>()
  const outcome: Outcome = { people: { sends: 0, refused: 0, worstDay: 0 }, attack: { attempts: 0, paid: 0, paidOfFirst: 0, numbersReached: 0 }, reasons: {}, mostInDay: 0 }
  const days = new Map<number, { sends: number, refused: number }>()
  const begins = BEGIN + warmUpDays * DAY + 10 * HOUR
  const lasts = strategy === 'slow' ? 10 * DAY : DAY
  const ends = begins + lasts + 14 * HOUR
  const perDay = 3000

  // What the guard is asked, and told.
  const put = (changes: readonly Changed[]): void => { for (const { subject, purse } of changes) purses.set(subject.name, purse) }
  const sendOf = (number: string, country: string, ip: string): Send => ({ keyId: 'shop', channel: 'sms', recipientKey: number, phone: { e164: number, country, type: 'mobile' }, ip: strategy === 'noAddress' ? null : ip, recent: (sends.get(number) ?? []).filter((at) => at > queue.now() - HOUR).length })
  /** @param took what the messages of this verification have taken so far */
  function ask (number: string, country: string, ip: string, now: number, took: Took): 'sent' | 'refused' | 'early' {
    const before = (sends.get(number) ?? []).filter((at) => at > now - DAY)
    if (maySendAt(before, now) > 0) return 'early'
    const day = Math.floor(now / DAY)
    const spent = { messages: went.get(day) ?? 0, micros: 0 }
    const decision = decide({ purses, spent }, sendOf(number, country, ip), settings, now)
    if (!decision.allowed) {
      outcome.reasons[decision.reason] = (outcome.reasons[decision.reason] ?? 0) + 1
      return 'refused'
    }
    put(decision.changes)
    took[decision.took]++
    went.set(day, spent.messages + 1)
    sends.set(number, [now, ...before])
    return 'sent'
  }
  function verify (number: string, country: string, ip: string, now: number, took: Took): void {
    put(approve(purses, sendOf(number, country, ip), took, now))
  }

  // People.
  const members: Person[] = []
  const offices = Array.from({ length: 300 }, () => v4(roll))
  const carriers = Array.from({ length: 60 }, () => v4(roll))
  const households: string[] = []
  const providers = Array.from({ length: 400 }, () => `2a02:${roll(65536).toString(16)}:${roll(65536).toString(16)}`)
  function household (): string {
    // Some live with somebody who was here before.
    if (households.length > 0 && chance(0.25)) return pick(households)
    const ip = chance(0.4) ? `${pick(providers)}:${roll(65536).toString(16)}::${(1 + roll(65535)).toString(16)}` : v4(roll)
    households.push(ip)
    return ip
  }
  function newPerson (now: number): Person {
    const at = roll(100)
    let sum = 0
    const found = homes.find((one) => { sum += one.share; return at < sum }) ?? homes[0]
    const home = found.country === 'BR' && now < begins - DAY ? homes[0] : found
    return { number: numberIn(home, roll(home.areas), roll), country: home.country, ip: household() }
  }
  function visit (now: number, isNew: boolean): void {
    const person = isNew || members.length === 0 ? newPerson(now) : pick(members)
    const way = roll(10)
    const ip = way < 6 ? person.ip : way < 9 ? pick(carriers) : pick(offices)
    const comesThrough = chance(isNew ? 0.75 : 0.9)
    // Messages that get lost, and people who look away: they ask again, at most twice.
    const asks = comesThrough ? (chance(0.12) ? (chance(0.2) ? 3 : 2) : 1) : chance(0.4) ? 2 : 1
    attempt(person, ip, now, asks, comesThrough)
  }
  function attempt (person: Person, ip: string, now: number, left: number, comesThrough: boolean, took: Took = { own: 0, others: 0 }): void {
    const answer = ask(person.number, person.country, ip, now, took)
    if (answer !== 'early') note(now, answer === 'refused')
    if (left > 1) {
      queue.add({ at: now + (35 + roll(60)) * SECOND, do: () => { attempt(person, ip, queue.now(), left - 1, comesThrough, took) } })
    } else if (comesThrough && answer === 'sent') {
      queue.add({ at: now + Math.round(12 + 30 * (-Math.log(1 - roll(1_000_000) / 1_000_000))) * SECOND, do: () => {
        verify(person.number, person.country, ip, queue.now(), took)
        members.push(person)
      } })
    }
  }
  function note (now: number, isRefused: boolean): void {
    // The days before it are a guard's childhood, and would make the share look small.
    if (now < begins) return
    const day = days.get(Math.floor(now / DAY)) ?? { sends: 0, refused: 0 }
    days.set(Math.floor(now / DAY), { sends: day.sends + 1, refused: day.refused + (isRefused ? 1 : 0) })
    outcome.people.sends++
    if (isRefused) outcome.people.refused++
  }
  /** People come minute by minute: many in the evening, few at night. */
  function minute (now: number): void {
    const hour = now % DAY / HOUR
    const launch = now >= begins + 2 * HOUR && now < begins + 8 * HOUR
    // The shop itself is down for an hour, and then everybody comes at once.
    const sinceOutage = now - (begins + 10 * HOUR)
    const pause = sinceOutage >= 0 && sinceOutage < HOUR ? 0 : sinceOutage >= HOUR && sinceOutage < HOUR + 600_000 ? 7 : 1
    const rate = perDay / 1440 * (1 + 0.85 * Math.sin((hour - 10) / 24 * 2 * Math.PI)) * pause
    for (let i = poisson(rate, roll); i > 0; i--) queue.add({ at: now + roll(60) * SECOND, do: () => { visit(queue.now(), chance(0.4)) } })
    // Launch day: fifteen times as many, nearly all of them new.
    if (launch) for (let i = poisson(perDay / 1440 * 14, roll); i > 0; i--) queue.add({ at: now + roll(60) * SECOND, do: () => { visit(queue.now(), chance(0.9)) } })
    if (now + 60_000 < ends) queue.add({ at: now + 60_000, do: () => { minute(queue.now()) } })
  }
  queue.add({ at: BEGIN, do: () => { minute(BEGIN) } })

  // The attacker.
  const numbers: { number: string, country: string }[] = []
  const addresses = Array.from({ length: 1000 }, () => v4(roll))
  const rented = Array.from({ length: 20 }, () => `2001:${roll(65536).toString(16)}:${roll(65536).toString(16)}`)
  const many = 10_000
  const own = strategy === 'buys' ? 200 : 0
  if (strategy === 'amongPeople' || strategy === 'likePeople') {
    for (let i = 0; i < many; i++) {
      const { number, country } = newPerson(BEGIN)
      numbers.push({ number, country })
    }
  } else if (strategy !== 'none') {
    const ranges = strategy === 'oneRange' ? 1 : strategy === 'oneCountry' ? 200 : 500
    const blocks = Array.from({ length: ranges }, () => {
      const home = strategy === 'oneRange' || strategy === 'oneCountry' ? homes[1] : pick(homes)
      // Next to people's numbers, not among them: operators that nobody else has heard of.
      return { home, block: numberIn(home, home.areas + roll(20), roll).slice(0, -4) }
    })
    for (let i = 0; i < many; i++) {
      const { home, block } = blocks[i % blocks.length] ?? { home: homes[0], block: '+49' }
      numbers.push({ number: block + String(Math.floor(i / blocks.length) % 10_000).padStart(4, '0'), country: home.country })
    }
  }
  const attempts = numbers.length * 20
  const ownNumbers = Array.from({ length: own }, () => newPerson(BEGIN))
  const reached = new Set<string>()
  function strike (i: number): void {
    const now = queue.now()
    const { number, country } = numbers[i * 7919 % numbers.length] ?? { number: '', country: '' }
    const ip = strategy === 'rotates' ? `${pick(rented)}:${roll(65536).toString(16)}::1`
      : strategy === 'likePeople' ? v4(roll) : addresses[i % addresses.length] ?? ''
    outcome.attack.attempts++
    if (ask(number, country, ip, now, { own: 0, others: 0 }) === 'sent') {
      outcome.attack.paid++
      reached.add(number)
      if (i < numbers.length) outcome.attack.paidOfFirst++
    }
    // Numbers that are really his, from his addresses: they buy a good name for them.
    const mine = own === 0 || i % Math.ceil(attempts / own / 5) !== 0 ? undefined : ownNumbers[Math.floor(i / Math.ceil(attempts / own / 5)) % own]
    const mineTook: Took = { own: 0, others: 0 }
    if (mine !== undefined && ask(mine.number, mine.country, ip, now, mineTook) === 'sent') queue.add({ at: now + 20 * SECOND, do: () => { verify(mine.number, mine.country, ip, queue.now(), mineTook) } })
    if (i + 1 < attempts) queue.add({ at: begins + Math.floor((i + 1) / attempts * lasts), do: () => { strike(i + 1) } })
  }
  if (attempts > 0) queue.add({ at: begins, do: () => { strike(0) } })

  queue.run(ends)
  outcome.attack.numbersReached = reached.size
  outcome.mostInDay = Math.max(...went.values())
  outcome.people.worstDay = Math.max(...[...days.values()].map((day) => day.refused / day.sends))
  return outcome
}

function v4 (roll: (sides: number) => number): string {
  return `${11 + roll(80)}.${roll(256)}.${roll(256)}.${1 + roll(254)}`
}

function numberIn ({ code, digits }: { code: string, digits: number }, area: number, roll: (sides: number) => number): string {
  const rest = digits - (code.length - 3)
  // The area's own digits stand before the last six.
  return code + String(area).padStart(rest - 6, '0') + String(roll(1_000_000)).padStart(6, '0')
}

function poisson (mean: number, roll: (sides: number) => number): number {
  let left = Math.exp(-mean)
  let count = 0
  for (let sum = left, at = roll(1_000_000_000) / 1e9; at > sum && count < 1000; sum += left) left *= mean / ++count
  return count
}

/** Events in the order of their time. */
function heap (): { add: (event: Event) => void, now: () => number, run: (until: number) => void } {
  const list: Event[] = []
  let present = 0
  const before = (a: number, b: number): boolean => (list[a]?.at ?? Infinity) < (list[b]?.at ?? Infinity)
  const swap = (a: number, b: number): void => { [list[a], list[b]] = [list[b] as Event, list[a] as Event] }
  return {
    now: () => present,
    add (event) {
      let at = list.push(event) - 1
      for (let up = (at - 1) >> 1; at > 0 && before(at, up); up = (at - 1) >> 1) { swap(at, up); at = up }
    },
    run (until) {
      for (let first = list[0]; first !== undefined && first.at <= until; first = list[0]) {
        const last = list.pop() as Event
        if (list.length > 0) {
          list[0] = last
          for (let at = 0; ;) {
            const child = before(2 * at + 2, 2 * at + 1) ? 2 * at + 2 : 2 * at + 1
            if (!before(child, at)) break
            swap(child, at)
            at = child
          }
        }
        present = first.at
        first.do()
      }
    }
  }
}
