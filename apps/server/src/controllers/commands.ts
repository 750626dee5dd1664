import { decideAccess } from '@oncekey/protocol/access'
import type { LockState, Result } from '@oncekey/protocol/messages'
import type { RemoteAnswer } from '@oncekey/protocol/schemas'
import { accessFacts } from '../access/facts.ts'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { isOnline, linesOf, sayTo, type Line } from './links.ts'

/** A command older than this moves nothing, and nobody waits for it longer. */
export const COMMAND_MS = 10_000

export type CommandOrder = { siteId: string, accessPointId: string, op: 'unlock' | 'lock', why: string, askedBy: Named, /** They may say yes to whoever asks at this door, whatever their role is. */ isApprover?: boolean, /** A program that asks in the name of `askedBy`: the decision is on the person, the record names the program. */ program?: string, /** The evacuation that unlocks this door, whoever may do so and whatever else is ordered. */ orderId?: string }
export type GivenCommand = { commandId: string, controllerId: string }

/**
 * Tells a lock to move, once the transaction is durable. Never kept for a controller that is away.
 * @throws Problem notFound, controllerOffline, underOrder, notAllowed (whoever asks was suspended, removed or lost their role a moment ago)
 */
export async function giveCommand (trx: Trx, house: House, { siteId, accessPointId, op, why, askedBy, isApprover = false, program, orderId }: CommandOrder): Promise<GivenCommand> {
  const row = await trx.prepare(`SELECT a.id, a.name, a.lock, a.standing, c.id AS controller_id, c.name AS controller FROM access_points a
    LEFT JOIN controllers c ON c.id = a.controller_id AND c.removed_at IS NULL WHERE a.id = ? AND a.site_id = ? AND a.removed_at IS NULL`).get(accessPointId, siteId)
  const now = house.clock()
  const { facts } = await accessFacts(trx.prepare, { siteId, personId: askedBy.id, accessPointId, at: now, isConnected: (id) => isOnline(house, id) })
  const { because } = decideAccess('remote', isApprover ? { ...facts, person: { ...facts.person, mayCommand: true } } : facts)
  if (because === 'accessPoint' || row === undefined) throw new Problem('notFound')
  if (because === 'controller' || because === 'connected' || row['controller_id'] === null) throw new Problem('controllerOffline')
  // Nobody is kept from locking but where people are to get out.
  const isUnderOrder = op === 'lock' ? row['standing'] === 'evacuated' : because === 'held' || because === 'lockdown'
  if (isUnderOrder && orderId === undefined) throw new Problem('underOrder', { detail: detailOf(row['standing']) })
  if (because !== null && because !== 'held' && because !== 'lockdown' && orderId === undefined) throw new Problem('notAllowed')
  const controllerId = String(row['controller_id'])
  const commandId = house.newId()
  const expires = now + COMMAND_MS
  const lock = Number(row['lock'])
  await trx.sql.insertInto('commands').values({
    id: commandId, controller_id: controllerId, access_point_id: accessPointId, op, lock, reason: why, asked_by: askedBy.id, created_at: now,
    expires_at: expires, status: 'pending', measured: null, ended_at: null, order_id: orderId ?? null, program: program ?? null
  }).execute()
  house.audit.append(trx, now, {
    event: 'lock.commanded', actor: program === undefined ? askedBy : { id: null, name: program }, accessPoint: { id: accessPointId, name: String(row['name']) },
    controller: { id: controllerId, name: String(row['controller']) }, details: { op, why, commandId, ...orderId !== undefined && { orderId }, ...program !== undefined && { inTheNameOf: askedBy.name } }
  })
  trx.after(() => { sayTo(house, controllerId, 'command', { id: commandId, expires, op, lock }) })
  return { commandId, controllerId }
}

function detailOf (standing: unknown): string {
  switch (standing) {
    case 'evacuated': return 'This door stays unlocked while the evacuation lasts.'
    case 'lockedDown': return 'There is a lockdown: administrators alone unlock from afar.'
    default: return 'It is held: it opens for nobody until the hold is ended.'
  }
}

/**
 * What a given command came to. Waits until the controller says so, it leaves, or the time is over; call it outside
 * any transaction. May be called again with the same command: the answer is the same.
 */
export async function outcomeOf (house: House, { commandId, controllerId }: GivenCommand): Promise<RemoteAnswer> {
  const { waiting } = linesOf(house)
  const before = await readOutcome(house, commandId)
  if (before.status !== 'pending') return { ...before, status: before.status }
  const earlier = waiting.get(commandId)
  const ended = await new Promise<'answered' | 'gone' | 'late'>((resolve) => {
    const timer = setTimeout(() => { resolve('late') }, COMMAND_MS)
    waiting.set(commandId, {
      controllerId,
      answer (status) {
        clearTimeout(timer)
        resolve(status)
        earlier?.answer(status)
      }
    })
    if (!isOnline(house, controllerId)) waiting.get(commandId)?.answer('gone')
  })
  waiting.delete(commandId)
  if (ended !== 'answered') await giveUp(house, commandId)
  const { status, measured } = await readOutcome(house, commandId)
  return { commandId, status: status === 'pending' ? 'unanswered' : status, measured }
}

/** A controller says what became of a command. Only the first result of a command of its own counts. */
export async function resultOf (house: House, line: Line, { id, status, measured }: Result): Promise<void> {
  const isKnown = await house.db.write(async (trx) => {
    const now = house.clock()
    const { changes } = await trx.prepare(`UPDATE commands SET status = ?, measured = ?, ended_at = ?
      WHERE id = ? AND controller_id = ? AND status IN ('pending', 'unanswered')`).run(status, measured, now, id, line.id)
    if (changes > 0 && status !== 'succeeded') await appendFailure(trx, house, id, status)
    return changes > 0
  })
  if (isKnown) linesOf(house).waiting.get(id)?.answer('answered')
}

async function giveUp (house: House, commandId: string): Promise<void> {
  await house.db.write(async (trx) => {
    const { changes } = await trx.prepare("UPDATE commands SET status = 'unanswered', ended_at = ? WHERE id = ? AND status = 'pending'").run(house.clock(), commandId)
    if (changes > 0) await appendFailure(trx, house, commandId, 'unanswered')
  })
}

async function appendFailure (trx: Trx, house: House, commandId: string, status: string): Promise<void> {
  const row = await trx.prepare(`SELECT m.op, m.asked_by, m.program, p.name AS asker, a.id AS point_id, a.name AS point, c.id AS controller_id, c.name AS controller FROM commands m
    JOIN people p ON p.id = m.asked_by JOIN controllers c ON c.id = m.controller_id LEFT JOIN access_points a ON a.id = m.access_point_id WHERE m.id = ?`).get(commandId)
  if (row === undefined) return
  house.audit.append(trx, house.clock(), {
    event: 'lock.commandFailed', actor: row['program'] === null ? { id: String(row['asked_by']), name: String(row['asker']) } : { id: null, name: String(row['program']) },
    accessPoint: row['point_id'] === null ? null : { id: String(row['point_id']), name: String(row['point']) },
    controller: { id: String(row['controller_id']), name: String(row['controller']) }, details: { op: String(row['op']), status, commandId }
  })
}

async function readOutcome (house: House, commandId: string): Promise<{ commandId: string, status: RemoteAnswer['status'] | 'pending', measured: LockState }> {
  const row = await house.db.read.selectFrom('commands').select(['status', 'measured']).where('id', '=', commandId).executeTakeFirstOrThrow()
  return { commandId, status: row.status, measured: row.measured ?? 'unknown' }
}
