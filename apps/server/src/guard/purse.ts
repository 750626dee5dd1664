/**
 * What is known of a network, a range of numbers, a country or a key: a purse. Each message that is sent takes one coin out; each
 * number that is verified gives back what it cost, and one more. Where people really verify, the purse stays full; where
 * messages go out and nobody types a code in, it empties, and that is all the evidence of pumping that there is.
 *
 * It is Page's test for a change (CUSUM, Biometrika 41, 1954) in whole coins: as long as more than half of the messages
 * end in a verification, the purse runs full, and the chance that one of n coins is ever empty by bad luck falls as
 * ((1 - p) / p)^n; with a share p below a half it empties, and soon.
 */
export type Purse = {
  /** What is left. Below 1: empty; it goes on below zero for whoever is let through all the same. */
  coins: number
  /** Different numbers or mailboxes that were verified, each once in 90 days; halves every 14 days. */
  standing: number
  /** Since the purse was made, or an operator filled it: for whoever asks why it is empty. */
  sent: number
  verified: number
  /** ms since 1970: what the figures above hold for. */
  at: number
  /** ms since 1970; empty once, it stays shut for so long: what people earn meanwhile would go to whoever asks most. 0: open. */
  shutUntil: number
  /** The block that this purse is under, a row's id; null: none. */
  blockId: string | null
}

/** What a purse is of. `address`: IPv4, or IPv6 /64; `network`: /24, /48; `range`: ten thousand numbers; `area`: a million. */
export type Level = 'address' | 'network' | 'range' | 'area' | 'country' | 'key' | 'mailKey' | 'recipient'

type Rule = {
  /** Coins of a new one, and those that an empty one gets back with time. */
  start: number
  /** Coins a day, up to `start`; and while it has less than one. */
  perDay: number
  perDayEmpty: number
  /** So far below zero clean networks are let through, and a share of the standing further. */
  depth: number
  depthOfStanding: number
  /** How long it is shut once it was empty. */
  shutMs: number
}

const DAY_MS = 86_400_000
const HALF_LIFE_MS = 14 * DAY_MS
/** What a verification gives beyond what it took. */
const BONUS = 1
/** Coins that are left in one that opens again. */
const PROBATION = 10

export const rules: Readonly<Record<Level, Rule>> = Object.freeze({
  address: { start: 8, perDay: 0.05, perDayEmpty: 0.5, depth: 6, depthOfStanding: 0.5, shutMs: 0 },
  network: { start: 24, perDay: 1, perDayEmpty: 2, depth: 12, depthOfStanding: 0.5, shutMs: 0 },
  range: { start: 8, perDay: 0.5, perDayEmpty: 0.5, depth: 4, depthOfStanding: 0.1, shutMs: DAY_MS },
  area: { start: 20, perDay: 1, perDayEmpty: 1, depth: 10, depthOfStanding: 0.1, shutMs: DAY_MS },
  country: { start: 40, perDay: 5, perDayEmpty: 5, depth: 20, depthOfStanding: 0.02, shutMs: DAY_MS },
  key: { start: 100, perDay: 20, perDayEmpty: 20, depth: 40, depthOfStanding: 0.02, shutMs: DAY_MS },
  // Mail earns nobody money: this is for floods only.
  mailKey: { start: 5000, perDay: 5000, perDayEmpty: 5000, depth: 0, depthOfStanding: 0, shutMs: 0 },
  recipient: { start: 4, perDay: 4, perDayEmpty: 4, depth: 0, depthOfStanding: 0, shutMs: 0 }
})

export function freshPurse (level: Level, now: number): Purse {
  return { coins: rules[level].start, standing: 0, sent: 0, verified: 0, at: now, shutUntil: 0, blockId: null }
}

/** As it is now: an empty one gets coins back, standing fades. A clock that went back changes nothing. */
export function purseAt (level: Level, purse: Purse, now: number): Purse {
  const ms = now - purse.at
  if (ms <= 0) return purse
  const { start, perDay, perDayEmpty } = rules[level]
  const standing = purse.standing * 0.5 ** (ms / HALF_LIFE_MS)
  const days = ms / DAY_MS
  const daysEmpty = Math.min(days, Math.max(0, 1 - purse.coins) / perDayEmpty)
  const coins = purse.coins < start ? Math.min(start, purse.coins + perDayEmpty * daysEmpty + perDay * (days - daysEmpty)) : Math.min(purse.coins, fullAt(level, standing))
  const isOver = purse.shutUntil !== 0 && purse.shutUntil <= now
  // On probation: whoever emptied it may still be there.
  return { ...purse, coins: isOver ? Math.min(coins, PROBATION) : coins, standing, at: now, shutUntil: isOver ? 0 : purse.shutUntil }
}

/** Takes a message's coin. */
export function charged (level: Level, purse: Purse): Purse {
  const coins = purse.coins - 1
  const isShut = coins < 1 && stateOf(level, purse) === 'open'
  return { ...purse, coins, sent: purse.sent + 1, shutUntil: isShut ? purse.at + rules[level].shutMs : purse.shutUntil }
}

/** Of somebody who answers for themselves, and had used up their own. */
export function repaid (level: Level, purse: Purse, messages: number): Purse {
  return { ...purse, coins: Math.max(purse.coins, Math.min(fullAt(level, purse.standing), purse.coins + messages)) }
}

/**
 * Takes messages back that never left. A purse that was shut by them is open again; one that was shut before them stays shut,
 * whatever people have earned meanwhile. @param sentAt ms since 1970
 */
export function returned (level: Level, purse: Purse, messages: number, sentAt: number): Purse {
  const after = repaid(level, purse, messages)
  const hasShutIt = sentAt <= purse.shutUntil - rules[level].shutMs
  return { ...after, sent: Math.max(0, purse.sent - messages), shutUntil: hasShutIt && after.coins >= 1 ? 0 : purse.shutUntil }
}

/** Of somebody who was not verified in 90 days. @param messages that it took, all of them */
export function credited (level: Level, purse: Purse, messages: number): Purse {
  const standing = purse.standing + 1
  const coins = Math.max(purse.coins, Math.min(fullAt(level, standing), purse.coins + messages + BONUS))
  return { ...purse, coins, standing, verified: purse.verified + 1 }
}

/** How many coins fit: bad luck among n messages grows as the root of n, and so does what a good name can be robbed of. */
export function fullAt (level: Level, standing: number): number {
  return rules[level].start + (level === 'recipient' ? 0 : 2 * Math.sqrt(standing))
}

/** `empty`: nobody new, unless something speaks for them. `spent`: only those who were verified before. */
export function stateOf (level: Level, { coins, standing, at, shutUntil }: Pick<Purse, 'coins' | 'standing' | 'at' | 'shutUntil'>): 'open' | 'empty' | 'spent' {
  if (coins >= 1 && at >= shutUntil) return 'open'
  const { depth, depthOfStanding } = rules[level]
  return coins > -(depth + depthOfStanding * standing) ? 'empty' : 'spent'
}

/** Milliseconds until it is open again if nothing more happens. */
export function opensIn (level: Level, { coins, at, shutUntil }: Pick<Purse, 'coins' | 'at' | 'shutUntil'>): number {
  return Math.max(0, shutUntil - at, coins >= 1 ? 0 : Math.ceil((1 - coins) / rules[level].perDayEmpty * DAY_MS))
}

/** How long a purse is kept after its last message: then it is as good as new, or nobody asks any more. */
export const keptMs: Readonly<Record<Level, number>> = Object.freeze({
  address: 30 * DAY_MS, network: 30 * DAY_MS, range: 90 * DAY_MS, area: 90 * DAY_MS, country: 400 * DAY_MS, key: 400 * DAY_MS, mailKey: 7 * DAY_MS, recipient: 90 * DAY_MS
})
