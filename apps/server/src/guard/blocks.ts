import type { GuardBlock, GuardSettings } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { tellAdministrators } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import type { Changed, Spent } from './decide.ts'
import { freshPurse, opensIn, purseAt, stateOf, type Level } from './purse.ts'
import { purseIn, textOfPurse } from './rows.ts'

const DAY_MS = 86_400_000
const MOST_AT_ONCE = 500

/** What readers of a block call a level. */
const levelOf: Record<Exclude<Level, 'recipient'>, GuardBlock['level']> = { address: 'network', network: 'network', range: 'range', area: 'area', country: 'country', key: 'key', mailKey: 'key' }
/** What is worth a mail: where messages go to. Networks come by the hundred in an attack. */
const isTold = (level: Level): boolean => level !== 'address' && level !== 'network'

/**
 * Makes a block of each purse that this message has emptied, with a row in the record, and tells administrators once a day.
 * @returns the changes, with the blocks in them
 */
export async function blockEmptied (trx: Trx, house: House, changes: readonly Changed[]): Promise<Changed[]> {
  const now = house.clock()
  const after: Changed[] = []
  for (const { subject, purse } of changes) {
    const { level, name } = subject
    if (purse.blockId !== null || level === 'recipient' || stateOf(level, purse) === 'open') {
      after.push({ subject, purse })
      continue
    }
    const id = house.newId()
    const { sent, verified } = purse
    await trx.prepare('INSERT INTO guard_blocks (id, level, name, since, until, sent, verified, ended_at, lifted_by, why) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)').run(id, levelOf[level], name, now, now + opensIn(level, purse), sent, verified)
    const shown = await shownAs(trx, name)
    house.audit.append(trx, now, { event: 'guard.blocked', details: { blockId: id, level: levelOf[level], name: shown, sent, verified } })
    if (isTold(level)) await tellOnce(trx, house, now, `Messages to ${shown} are blocked: of ${sent} that went out, ${verified} were typed in. People who were verified before still get theirs.`)
    after.push({ subject, purse: { ...purse, blockId: id } })
  }
  return after
}

/** The last message that a cap has room for is told to the record, and to administrators. */
export async function tellOfCap (trx: Trx, house: House, { channel, settings, before, after }: { channel: string, settings: GuardSettings, before: Spent, after: Spent }): Promise<void> {
  const cap = settings.caps.find((one) => one.channel === channel)
  if (cap === undefined) return
  const isReached = (spent: Spent): boolean => spent.messages >= (cap.messages ?? Infinity) || spent.micros >= (cap.micros ?? Infinity)
  if (!isReached(after) || isReached(before)) return
  const now = house.clock()
  house.audit.append(trx, now, { event: 'guard.capReached', details: { name: channel, channel, messages: after.messages, micros: after.micros } })
  await tellAdministrators(trx, house, {
    subject: 'The cap of the day is reached', dedupeKey: `guard-cap:${channel}:${dayOf(now)}`,
    text: `Today ${after.messages} messages went out by ${channel}: that is the cap, and no more go out until midnight (UTC). If they were honest, raise the cap in the settings of the fraud guard.`
  })
}

async function tellOnce (trx: Trx, house: House, now: number, what: string): Promise<void> {
  await tellAdministrators(trx, house, {
    subject: 'The fraud guard blocks messages', dedupeKey: `guard:${dayOf(now)}`,
    text: `${what}\n\nSomebody may be having codes sent to numbers that pay for it. This is said once a day: there may be more blocks by now. GET /api/v1/guard lists them all; an operator can lift one with a reason.`
  })
}

/** Ends the blocks of purses that are open again. Writes only when one may be. */
export async function endBlocks (house: House): Promise<void> {
  const due = await house.db.read.selectFrom('guard_blocks').select('id').where('ended_at', 'is', null).where('until', '<=', house.clock()).limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    const now = house.clock()
    const rows = await trx.prepare('SELECT b.id, b.level, b.name, p.purse FROM guard_blocks b LEFT JOIN guard_purses p ON p.name = b.name WHERE b.ended_at IS NULL AND b.until <= ? ORDER BY b.until LIMIT ?').all(now, MOST_AT_ONCE)
    for (const row of rows) {
      const name = String(row['name'])
      const level = levelIn(name)
      const purse = row['purse'] === null ? freshPurse(level, now) : purseAt(level, purseIn(String(row['purse'])), now)
      if (stateOf(level, purse) !== 'open') {
        await trx.prepare('UPDATE guard_blocks SET until = ?, sent = ?, verified = ? WHERE id = ?').run(now + opensIn(level, purse), purse.sent, purse.verified, row['id'] ?? null)
        continue
      }
      await trx.prepare('UPDATE guard_blocks SET ended_at = ?, sent = ?, verified = ? WHERE id = ?').run(now, purse.sent, purse.verified, row['id'] ?? null)
      await trx.prepare('UPDATE guard_purses SET purse = ? WHERE name = ?').run(textOfPurse({ ...purse, blockId: null }), name)
      house.audit.append(trx, now, { event: 'guard.opened', details: { blockId: String(row['id']), level: String(row['level']), name: await shownAs(trx, name) } })
    }
  })
}

/**
 * An operator knows better: its purse is as full as a new one, and what emptied it counts no more. Harmless when it has ended.
 * @throws Problem notFound
 */
export async function liftBlock (trx: Trx, house: House, { id, reason }: { id: string, reason: string }, actor: Named): Promise<void> {
  const row = await trx.prepare('SELECT b.level, b.name, b.ended_at, p.purse FROM guard_blocks b LEFT JOIN guard_purses p ON p.name = b.name WHERE b.id = ?').get(id)
  if (row === undefined) throw new Problem('notFound')
  if (row['ended_at'] !== null) return
  const now = house.clock()
  const name = String(row['name'])
  const level = levelIn(name)
  const standing = row['purse'] === null ? 0 : purseAt(level, purseIn(String(row['purse'])), now).standing
  await trx.prepare('UPDATE guard_purses SET purse = ? WHERE name = ?').run(textOfPurse({ ...freshPurse(level, now), standing }), name)
  await trx.prepare('UPDATE guard_blocks SET ended_at = ?, lifted_by = ?, why = ? WHERE id = ?').run(now, actor.name, reason, id)
  house.audit.append(trx, now, { event: 'guard.lifted', actor, details: { blockId: id, level: String(row['level']), name: await shownAs(trx, name), why: reason } })
}

/** What a purse is called where people read it. */
export async function shownAs (trx: Pick<Trx, 'prepare'>, name: string): Promise<string> {
  const word = name.slice(name.indexOf(' ') + 1)
  const level = levelIn(name)
  if (level === 'key' || level === 'mailKey') return String((await trx.prepare('SELECT name FROM api_keys WHERE id = ?').get(word))?.['name'] ?? word)
  return level === 'range' || level === 'area' ? `${word}…` : word
}

function levelIn (name: string): Level {
  // The first word of each name, as we wrote it.
  return name.slice(0, name.indexOf(' ')) as Level
}

function dayOf (now: number): number {
  return Math.floor(now / DAY_MS)
}
