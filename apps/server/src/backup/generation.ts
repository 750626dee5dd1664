import { MARK_KEYS } from '../audit/house-mark.ts'
import { parsed } from '../audit/format.ts'
import { endCode, endingCodes } from '../codes/end.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { settleStanding } from '../standing-orders/settle.ts'
import { haltForRestore } from '../updates/rollouts.ts'
import { RESTORED } from './contents.ts'

/**
 * How far versions of settings go ahead: further than any house changes them between a backup and its restore, so that every
 * controller takes the next ones, and a version never means two things. Controllers end at 2^31 - 1.
 */
const VERSIONS_AHEAD = 100_000
/** A step of an authenticator app: RFC 6238, 5.2. */
const STEP_MS = 30_000

/**
 * The first start on a restored database: begins a new generation, in one transaction. What was used, ended or revoked
 * since the backup may not work once more, and this database does not know of it: so everything that works once ends.
 * @returns whether the database was restored
 */
export async function beginGeneration (house: House): Promise<boolean> {
  return house.db.write(async (trx) => {
    const row = await trx.prepare('SELECT value FROM settings WHERE key = ?').get(RESTORED)
    // Another process may have been quicker.
    if (row === undefined) return false
    const now = house.clock()
    const { madeAt, madeBy, by, seq }: Record<string, unknown> = { ...parsed(String(row['value'])) }
    const generation = await nextGeneration(trx)
    const codes = await endCodes(trx, house, now)
    await endMessages(trx, now)
    await endFactors(trx, now)
    await endEvacuations(trx, now)
    const controllers = await leadControllers(trx)
    // What was forbidden since would be allowed again.
    await trx.prepare('DELETE FROM home_assistant_commands').run()
    for (const one of await trx.prepare("SELECT r.id, i.version FROM rollouts r JOIN images i ON i.id = r.image_id WHERE r.state = 'running'").all()) await haltForRestore(trx, house, String(one['id']), String(one['version']))
    house.audit.append(trx, now, {
      event: 'backup.restored', actor: { id: null, name: String(by) },
      details: { madeAt: Number(madeAt), madeBy: String(madeBy), row: Number(seq), generation, codes, controllers }
    })
    await trx.prepare('DELETE FROM settings WHERE key = ?').run(RESTORED)
    return true
  })
}

async function nextGeneration (trx: Trx): Promise<number> {
  const row = await trx.prepare('SELECT value FROM settings WHERE key = ?').get(MARK_KEYS.generation)
  const generation = Number(row?.['value'] ?? 1) + 1
  await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(MARK_KEYS.generation, String(generation))
  return generation
}

/** Codes that wait to be typed, in every table that has some. Their hashes are in no backup; this is so that pages and record say so. */
async function endCodes (trx: Trx, house: House, now: number): Promise<number> {
  const live = await trx.prepare("SELECT otp_id FROM codes WHERE state = 'issued'").all()
  for (const code of await endingCodes(trx, live.map((row) => String(row['otp_id'])))) await endCode(trx, house, code, 'revoked')
  // Those that look after them find that their time is over, and do the rest.
  const doors = await trx.prepare("UPDATE door_codes SET expires_at = ? WHERE state IN ('waiting', 'issued') AND expires_at > ?").run(now, now)
  const asked = await trx.prepare("UPDATE verifications SET expires_at = ? WHERE status = 'pending' AND expires_at > ?").run(now, now)
  await trx.prepare("UPDATE commands SET status = 'unanswered', ended_at = ? WHERE status = 'pending'").run(now)
  return live.length + doors.changes + asked.changes
}

/** A message that waited then may have left since: nobody is told twice. Texts with codes in them are not in the backup. */
async function endMessages (trx: Trx, now: number): Promise<void> {
  await trx.prepare("UPDATE outbox SET state = 'failed', ended_at = ?, error = 'restored', feedback = NULL, fall_back_at = NULL WHERE state = 'waiting'").run(now)
  await trx.prepare('UPDATE inbox SET gone_at = ? WHERE text IS NULL AND gone_at IS NULL').run(now)
  // Alarms stay open; what they were about is seen anew by whoever looks, or told by their controllers.
  await trx.prepare("UPDATE alarms SET ended_at = ?, tell_at = NULL WHERE kind = 'refused' AND ended_at IS NULL").run(now)
  await trx.prepare('UPDATE alarms SET tell_at = NULL WHERE tell_at IS NOT NULL AND snoozed_until IS NULL').run()
  await trx.prepare('UPDATE pins SET duress_due = 0 WHERE duress_due > 0').run()
}

/** A code of an authenticator app that was taken since may be of any step up to the next one, which a clock that runs ahead has reached. */
async function endFactors (trx: Trx, now: number): Promise<void> {
  const step = Math.floor(now / STEP_MS) + 1
  await trx.prepare('UPDATE authenticators SET last_step = ? WHERE last_step IS NULL OR last_step < ?').run(step, step)
}

/**
 * An evacuation may have ended since, and nothing old unlocks a door. Holds and lockdowns stand, because what is shut for too
 * long is mended by a word; of those that began since nobody here knows.
 */
async function endEvacuations (trx: Trx, now: number): Promise<void> {
  await trx.prepare("UPDATE standing_orders SET ended_at = ? WHERE kind = 'evacuation' AND ended_at IS NULL").run(now)
  for (const site of await trx.prepare('SELECT id FROM sites').all()) await settleStanding(trx, String(site['id']))
}

/**
 * Controllers follow: their next settings are newer than any that they have. What they check by themselves is turned off, because a code or a
 * pin that was revoked since is good again by what this database knows. An administrator turns it on again.
 */
async function leadControllers (trx: Trx): Promise<number> {
  const { changes } = await trx.prepare(`UPDATE controllers SET settings_version = settings_version + ${VERSIONS_AHEAD}, offline_clock = NULL, pin_lease_ms = NULL, pins_until = coalesce(pins_until, 0) WHERE removed_at IS NULL`).run()
  return changes
}
