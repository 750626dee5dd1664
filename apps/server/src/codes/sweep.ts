import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { endCode, endingCodes } from './end.ts'

/** How long first answers are kept: questions of keypads, and requests with an Idempotency-Key. */
export const ANSWERS_MS = 86_400_000
/** After a grant the bolt is to move within this time; then the holder may ask again at once. */
export const OPENING_MS = 10_000
const MOST_AT_ONCE = 500

/** Ends codes whose time is over. Writes only when there is one, so that an idle house does not wear its disk. */
export async function expireCodes (house: House): Promise<void> {
  const due = await house.db.read.selectFrom('codes').select('id').where('state', '=', 'issued').where('expires_at', '<=', house.clock()).limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    await sweepEngine(trx, house)
    await expireOffline(trx, house)
  })
}

/** Codes that doors check without us are not the engine's. A stay that was begun has been used. */
async function expireOffline (trx: Trx, house: House): Promise<void> {
  const rows = await trx.prepare(`SELECT c.otp_id, c.opened_at FROM codes c JOIN offline_codes o ON o.code_id = c.id
    WHERE c.state = 'issued' AND c.expires_at <= ? LIMIT ?`).all(house.clock(), MOST_AT_ONCE)
  for (const row of rows) {
    for (const code of await endingCodes(trx, [String(row['otp_id'])])) await endCode(trx, house, code, row['opened_at'] === null ? 'expired' : 'used')
  }
}

/**
 * The engine reports each expired code exactly once, so whoever calls its sweep has to end them.
 * @returns whether there may be more
 */
export async function sweepEngine (trx: Trx, house: House): Promise<boolean> {
  const { expired, forgotten, scopes } = await house.otp.sweep(MOST_AT_ONCE)
  for (const code of await endingCodes(trx, expired.map((one) => one.id))) await endCode(trx, house, code, 'expired')
  return Math.max(expired.length, forgotten, scopes) === MOST_AT_ONCE
}

/** Tells of codes that were granted and then opened nothing: a bolt that is stuck, a line that broke in between. */
export async function noteUnopened (house: House): Promise<void> {
  const before = house.clock() - OPENING_MS
  const due = await house.db.read.selectFrom('codes').select('id').where('state', '=', 'used').where('opened_at', 'is', null).where('not_opened_at', 'is', null)
    .where('ended_at', '<=', before).limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    const now = house.clock()
    const rows = await trx.prepare(`SELECT c.id, c.holder_id, p.name AS holder, a.id AS point_id, a.name AS point, d.id AS controller_id, d.name AS controller
      FROM codes c JOIN people p ON p.id = c.holder_id JOIN access_points a ON a.id = c.access_point_id JOIN controllers d ON d.id = c.controller_id
      WHERE c.state = 'used' AND c.opened_at IS NULL AND c.not_opened_at IS NULL AND c.ended_at <= ? LIMIT ?`).all(before, MOST_AT_ONCE)
    for (const row of rows) {
      await trx.prepare('UPDATE codes SET not_opened_at = ? WHERE id = ?').run(now, String(row['id']))
      house.audit.append(trx, now, {
        event: 'access.notOpened', actor: { id: String(row['holder_id']), name: String(row['holder']) },
        accessPoint: { id: String(row['point_id']), name: String(row['point']) },
        controller: { id: String(row['controller_id']), name: String(row['controller']) }, details: { codeId: String(row['id']) }
      })
    }
  })
}

/** Forgets first answers that nobody can ask for any more, and the engine's spent codes. To be called now and then, say every ten minutes. */
export async function forgetAnswers (house: House): Promise<void> {
  await house.db.write(async (trx) => {
    const before = house.clock() - ANSWERS_MS
    await trx.prepare('DELETE FROM answers WHERE at < ?').run(before)
    await trx.prepare('DELETE FROM idempotency_keys WHERE at < ?').run(before)
  })
  // As many as there are: a budget is kept for each name that somebody makes up, and they are not to come faster than they go.
  while (await house.db.write((trx) => sweepEngine(trx, house))) { /* the next ones */ }
}
