import type { GuardBlock, GuardSettings } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { tellAdministrators } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import type { Changed, Spent } from './decide.ts'
import { freshPurse, opensIn, purseAt, stateOf, type Level } from './purse.ts'
import { keepPurse, keptTexts } from './kept.ts'
import { dayOf, purseIn } from './rows.ts'

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
    if (isTold(level)) await tellOnce(trx, house, now, { shown, sent, verified })
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
  await tellAdministrators(trx, house, { dedupeKey: `guard-cap:${channel}:${dayOf(now)}`, letter: (letters) => letters.capReached(channel, after.messages) })
}

async function tellOnce (trx: Trx, house: House, now: number, block: { shown: string, sent: number, verified: number }): Promise<void> {
  const link = house.link('/verifications')
  await tellAdministrators(trx, house, { dedupeKey: `guard:${dayOf(now)}`, letter: (letters) => letters.guardBlocks({ ...block, link }) })
}

/** Ends the blocks of purses that are open again. Writes only when one may be. */
export async function endBlocks (house: House): Promise<void> {
  const due = await house.db.read.selectFrom('guard_blocks').select('id').where('ended_at', 'is', null).where('until', '<=', house.clock()).limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    const now = house.clock()
    const rows = await trx.prepare('SELECT id, level, name FROM guard_blocks WHERE ended_at IS NULL AND until <= ? ORDER BY until LIMIT ?').all(now, MOST_AT_ONCE)
    const texts = await keptTexts(trx, rows.map((row) => String(row['name'])))
    for (const row of rows) {
      const name = String(row['name'])
      const level = levelIn(name)
      const text = texts.get(name)
      const purse = text === undefined ? freshPurse(level, now) : purseAt(level, purseIn(text), now)
      if (stateOf(level, purse) !== 'open') {
        await trx.prepare('UPDATE guard_blocks SET until = ?, sent = ?, verified = ? WHERE id = ?').run(now + opensIn(level, purse), purse.sent, purse.verified, row['id'] ?? null)
        continue
      }
      await trx.prepare('UPDATE guard_blocks SET ended_at = ?, sent = ?, verified = ? WHERE id = ?').run(now, purse.sent, purse.verified, row['id'] ?? null)
      keepPurse(trx, { subject: { level, name }, purse: { ...purse, blockId: null } })
      house.audit.append(trx, now, { event: 'guard.opened', details: { blockId: String(row['id']), level: String(row['level']), name: await shownAs(trx, name) } })
    }
  })
}

/**
 * An operator knows better: its purse is as full as a new one, and what emptied it counts no more. Harmless when it has ended.
 * @throws Problem notFound
 */
export async function liftBlock (trx: Trx, house: House, { id, reason }: { id: string, reason: string }, actor: Named): Promise<void> {
  const row = await trx.prepare('SELECT level, name, ended_at FROM guard_blocks WHERE id = ?').get(id)
  if (row === undefined) throw new Problem('notFound')
  if (row['ended_at'] !== null) return
  const now = house.clock()
  const name = String(row['name'])
  const level = levelIn(name)
  const text = (await keptTexts(trx, [name])).get(name)
  const standing = text === undefined ? 0 : purseAt(level, purseIn(text), now).standing
  keepPurse(trx, { subject: { level, name }, purse: { ...freshPurse(level, now), standing } })
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
