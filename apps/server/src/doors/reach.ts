import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

/** Of a code's messages: how many were taken by the mail server, of how many, and whether any is on its way for the first time. */
export type Reach = { sent: number, of: number, isOpen: boolean }

const LOOK_MS = 100

export async function reachOf (sql: Trx['sql'], codeId: string): Promise<Reach> {
  const rows = await sql.selectFrom('outbox').select(['state', 'error']).where('challenge_id', '=', codeId).execute()
  // One that failed once is tried again, but not within the time that somebody waits at a door.
  return { sent: rows.filter((row) => row.state === 'sent').length, of: rows.length, isOpen: rows.some((row) => row.state === 'waiting' && row.error === null) }
}

/** The same, after waiting a little for those that are on their way. @param isWanted false: nobody waits any more */
export async function settledReach (house: House, codeId: string, waitMs: number, isWanted = (): boolean => true): Promise<Reach> {
  const until = performance.now() + waitMs
  for (;;) {
    const reach = await reachOf(house.db.read, codeId)
    if (!reach.isOpen || performance.now() >= until || !isWanted()) return reach
    await new Promise((resolve) => { setTimeout(resolve, LOOK_MS) })
  }
}

/** Puts on record, once, how many a code has reached. */
export async function noteReach (trx: Trx, house: House, codeId: string): Promise<void> {
  const { sent, of } = await reachOf(trx.sql, codeId)
  if (of === 0) return
  const row = await trx.prepare(`UPDATE door_codes SET reached = ? WHERE id = ? AND reached IS NULL RETURNING access_point_id, controller_id,
    (SELECT name FROM access_points a WHERE a.id = access_point_id) AS point, (SELECT name FROM controllers c WHERE c.id = controller_id) AS controller`).get(sent, codeId)
  if (row === undefined) return
  house.audit.append(trx, house.clock(), {
    event: sent === of ? 'door.codeSent' : 'door.codeSentInPart', accessPoint: { id: String(row['access_point_id']), name: String(row['point']) },
    controller: { id: String(row['controller_id']), name: String(row['controller']) }, details: { codeId, sent, of }
  })
}
