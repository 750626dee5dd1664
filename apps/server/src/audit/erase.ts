import { eventsOf, retentionKinds, type RetentionKind } from '@oncekey/protocol/retention'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { marks } from '../platform/many.ts'
import { DAY_MS, daysNow, erasingKey, keptIn, note, noted, nothingErased, NOTICE_MS, WATCH_KEY, type Erasing, type Watch } from './retention.ts'
import { stretchesOf } from './slots.ts'

/** Rows of one write: some milliseconds, and a keypad waits no longer for its own. */
const BATCH = 200
/** Between two writes, for requests: a first run may have millions of rows. */
const REST_MS = 20
/** A run of a kind is a row in the record, so there is one a day. */
const EVERY_MS = DAY_MS
/** A server may be switched off for a holiday; a clock that is further on is not believed for a day. */
const JUMP_MS = 7 * DAY_MS
const LOOKED_EVERY_MS = DAY_MS / 4

/** One turn of the work: everything that is due. @param goesOn asked between two writes */
export async function eraseWhatIsDue (house: House, goesOn: () => boolean = () => true): Promise<void> {
  if (!await isClockTrusted(house)) return
  for (const kind of retentionKinds) {
    while (goesOn() && await eraseNext(house, kind)) await new Promise((resolve) => { setTimeout(resolve, REST_MS) })
  }
}

/**
 * Erases the next contents of a kind and notes how far it came, in one transaction: whoever is killed has done both or neither,
 * and of two processes that found the same rows one writes nothing.
 * @returns whether there may be more for this process
 */
export async function eraseNext (house: House, kind: RetentionKind): Promise<boolean> {
  const now = house.clock()
  const kept = await keptIn(house.db.read, kind)
  const days = daysNow(kept, now)
  const { text, is } = await noted<Erasing>(house.db.read, erasingKey(kind))
  const known = is ?? nothingErased
  if (days === null) return false
  if (known.at === null && known.days === days && now >= known.endedAt && now - known.endedAt < EVERY_MS) return false
  const running = known.at !== null && known.run?.endedAt === null ? known.run : null
  const cutoff = now - days * DAY_MS
  const { rows, after, at } = await olderThan(house, kind, cutoff, { after: known.after, at: known.at ?? known.after })
  const isDone = rows.length < BATCH
  const run = rows.length === 0 && running === null ? known.run
    : { startedAt: running?.startedAt ?? now, endedAt: isDone ? now : null, rows: (running?.rows ?? 0) + rows.length, upTo: Math.max(running?.upTo ?? 0, ...rows), cutoff }
  const isOurs = await house.db.write(async (trx) => {
    // Somebody may have taken it back meanwhile, and another server may have been quicker.
    if (daysNow(await keptIn(trx.sql, kind), now) !== days || (await noted<Erasing>(trx.sql, erasingKey(kind))).text !== text) return false
    await erase(trx, rows)
    await note(trx, erasingKey(kind), { after, at: isDone ? null : at, run, days: isDone ? days : known.days, endedAt: isDone ? now : known.endedAt })
    if (isDone && run !== known.run && run !== null) house.audit.append(trx, now, { event: 'audit.erased', details: { kind, rows: run.rows, upTo: run.upTo, before: cutoff, days } })
    return true
  })
  return isOurs && !isDone
}

/** The content goes with its salt, without which its hash says nothing, and with what the row is found by. */
async function erase (trx: Trx, rows: readonly number[]): Promise<void> {
  if (rows.length === 0) return
  await trx.prepare(`UPDATE audit SET payload = NULL, salt = '', actor_id = NULL, subject_id = NULL, access_point_id = NULL, controller_id = NULL, reason = NULL WHERE seq IN (${marks(rows.length)})`).run(...rows)
}

/**
 * Rows from before a moment that have their content, some of them, event by event in order of their numbers: each walk is along
 * an index. Numbers do not rise with time where clocks were set back; where to look is what `slots` noted.
 */
async function olderThan (house: House, kind: RetentionKind, cutoff: number, known: { after: Erasing['after'], at: Erasing['after'] }): Promise<{ rows: number[], after: Erasing['after'], at: Erasing['after'] }> {
  const head = (await house.db.read.selectFrom('audit_head').select('seq').executeTakeFirst())?.seq ?? 0
  const last = Math.min(head, Math.max(0, ...(await stretchesOf(house.db.read, { to: cutoff })).map((one) => one.high - 1)))
  const rows: number[] = []
  const [after, at] = [{ ...known.after }, { ...known.at }]
  for (const event of eventsOf[kind]) {
    const from = at[event] ?? 0
    if (from >= last) continue
    const within = house.db.read.selectFrom('audit').select('seq').where('event', '=', event).where('seq', '>', from).where('payload', 'is not', null).orderBy('seq')
    const found = (await within.where('seq', '<=', last).where('time', '<', cutoff).limit(BATCH - rows.length).execute()).map(({ seq }) => seq)
    rows.push(...found)
    const isFull = rows.length === BATCH
    const to = isFull ? found.at(-1) ?? from : last
    // Where a clock was set back, older rows come after younger ones: the next run begins before the first of those.
    const young = (after[event] ?? 0) === from ? (await within.where('seq', '<=', to).where('time', '>=', cutoff).limit(1).executeTakeFirst())?.seq : from
    if (young === undefined) after[event] = to
    else if (young > from) after[event] = young - 1
    at[event] = to
    if (isFull) break
  }
  return { rows, after, at }
}

/** Whether the clock went on as clocks do. One that is set ahead by years, by mistake or a flat battery, would erase everything. */
async function isClockTrusted (house: House): Promise<boolean> {
  const kinds = await Promise.all(retentionKinds.map((kind) => keptIn(house.db.read, kind)))
  if (kinds.every(({ days, before }) => days === null && before === null)) return false
  const now = house.clock()
  const { is } = await noted<Watch>(house.db.read, WATCH_KEY)
  const lookedAt = is?.lookedAt ?? now
  const waited = is?.waitsUntil ?? 0
  const hasJumped = now - lookedAt > JUMP_MS
  // What was to be waited for by a clock that has been put right since is never reached.
  const waitsUntil = hasJumped || waited - now > NOTICE_MS ? now + NOTICE_MS : waited
  if (is === null || waitsUntil !== waited || now < lookedAt || now - lookedAt > LOOKED_EVERY_MS) {
    if (hasJumped) house.log.warn('the clock went ahead by more than a week; nothing of the record is erased for a day', { lookedAt, now })
    await house.db.write((trx) => note(trx, WATCH_KEY, { lookedAt: now, waitsUntil }))
  }
  return now >= waitsUntil
}
