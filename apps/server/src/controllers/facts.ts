import { readerPolicy } from '@oncekey/otp'
import type { AuditEventName } from '@oncekey/protocol/audit-events'
import type { EventRecord } from '@oncekey/protocol/messages'
import { offlineNamed } from '@oncekey/otp/offline'
import type { Named } from '../audit/append.ts'
import { endCode } from '../codes/end.ts'
import type { House } from '../house.ts'
import { countToday } from '../live/counts.ts'
import { tellStates } from '../live/states.ts'
import type { Trx } from '../platform/db.ts'
import { pinBehind, usedPin, type PinCause } from '../pins/typed.ts'
import { takeOutcome } from '../updates/offers.ts'
import type { Line } from './links.ts'

type Actuation = Extract<EventRecord, { type: 'lock.actuated' | 'lock.jammed' }>
/** Why a lock was moved: the code that was typed or the command that was given. */
type Cause = { actor: Named | { id: null, name: string } | null, codeId: string | null, holderId: string | null, grantId?: string | null, opensOnce?: boolean, pin?: PinCause | null }

/** What one record of a controller means to people: the audit row, the opened code, the numbers of the day. */
export async function recordFact (trx: Trx, house: House, line: Line, record: EventRecord): Promise<void> {
  const now = house.clock()
  const controller = line.named
  // Clocks at doors may be unset or wrong; the row's own time is ours, theirs is told beside it.
  const at = { at: record.time, trust: record.trust }
  switch (record.type) {
    case 'controller.booted':
      house.audit.append(trx, now, { event: record.type, controller, details: { reset: record.reset, bootId: record.bootId, ...at } })
      return
    case 'lock.actuated':
    case 'lock.jammed': {
      const accessPoint = await pointOf(trx, line.id, record.lock)
      const cause = await causeOf(trx, line.id, record)
      const { pin = null } = cause
      const named = record.source === 'offlineCode' && cause.codeId !== null ? { codeId: cause.codeId, grantId: cause.grantId ?? null } : pin === null ? {} : { pin: pin.label, pinId: pin.id, ...pin.revoked && { revokedBefore: true } }
      const measured = record.type === 'lock.actuated' ? { lockState: record.lockState } : {}
      house.audit.append(trx, now, { event: record.type, controller, accessPoint, actor: cause.actor, details: { lock: record.lock, mode: record.mode, source: record.source, ...named, ...measured, ...at } })
      // A door opened by a code that nobody made: its key is in other hands, or our rows are older than our codes.
      if (record.source === 'offlineCode' && cause.codeId === null && pin === null) house.audit.append(trx, now, { event: 'access.unexplained', controller, accessPoint, details: { lock: record.lock, ref: record.ref, ...at } })
      if (pin !== null && record.source === 'offlineCode') await usedPin(trx, house, pin, null, record.time === 0 ? now : Math.min(now, record.time))
      if (cause.opensOnce === true) await usedUp(trx, house, cause, accessPoint)
      if (record.type === 'lock.actuated' && record.mode === 'unlock' && record.lockState === 'unlocked') await unlocked(trx, house, line, accessPoint, cause, record)
      return
    }
    case 'door.changed':
      house.audit.append(trx, now, { event: doorEvent(record), controller, accessPoint: await pointOf(trx, line.id, record.lock), details: { lock: record.lock, doorState: record.doorState, ...record.ended && { ended: record.ended }, ...at } })
      return
    case 'battery.changed':
      await trx.prepare('UPDATE controllers SET battery_level = ? WHERE id = ?').run(record.level, line.id)
      house.audit.append(trx, now, { event: record.level === 'ok' ? 'battery.recovered' : `battery.${record.level}`, controller, details: { millivolts: record.millivolts, ...at } })
      trx.after(() => {
        tellStates(house, { controllerId: line.id }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) })
      })
      return
    case 'controller.wiped':
      house.audit.append(trx, now, { event: record.type, controller, details: { bootId: record.bootId, ...at } })
      return
    case 'keypad.lockedOut':
      // Our own lockout is in the record since the verdict that began it; this tells of one that the controller began by itself.
      if ((await house.otp.status({ scope: line.id, policy: readerPolicy })).locked) return
      house.audit.append(trx, now, { event: record.type, controller, details: { lockoutMs: record.lockoutMs, source: 'controller', ...at } })
      return
    case 'update.ended': return takeOutcome(trx, house, line, { offer: record.offer, outcome: record.outcome, at })
    case 'records.overwritten':
      house.audit.append(trx, now, { event: 'controller.recordGap', controller, details: { first: record.first, last: record.last, overwritten: true } })
  }
}

/** Whether a door began to be an alarm, or ended to be one. */
function doorEvent ({ doorState, ended }: Extract<EventRecord, { type: 'door.changed' }>): AuditEventName {
  if (ended !== undefined) return 'door.alarmEnded'
  return doorState === 'forcedOpen' ? 'door.forced' : doorState === 'ajar' ? 'door.held' : 'door.changed'
}

/** A bolt was measured to have unlocked. */
async function unlocked (trx: Trx, house: House, line: Line, accessPoint: Named | null, { actor, codeId, holderId }: Cause, { source, time, trust }: Actuation): Promise<void> {
  const now = house.clock()
  countToday(trx, house, line.siteId, 'openings')
  if (accessPoint !== null) {
    await trx.prepare(`INSERT INTO access_point_states (access_point_id, lock_state, door_state, millivolts, reported_at, last_opened_at, last_opened_by)
      VALUES (?, 'unlocked', 'unknown', 0, ?, ?, ?)
      ON CONFLICT (access_point_id) DO UPDATE SET lock_state = 'unlocked', last_opened_at = excluded.last_opened_at, last_opened_by = excluded.last_opened_by`)
      .run(accessPoint.id, now, now, actor?.name ?? null)
    trx.after(() => {
      tellStates(house, { accessPointIds: [accessPoint.id] }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) })
    })
  }
  if (codeId === null || holderId === null) return
  // What happened without us did so when its door says, if that knew.
  const openedAt = source === 'offlineCode' && (trust === 'synced' || trust === 'rtc') ? Math.min(now, time) : now
  await trx.prepare('UPDATE codes SET opened_at = ? WHERE id = ? AND opened_at IS NULL').run(openedAt, codeId)
  trx.after(() => { house.feed.publish({ kind: 'code', codeId, change: 'opened', at: now }, [holderId]) })
}

/** A code that opens once has done so, or moved what it could, at a door that asked nobody. */
async function usedUp (trx: Trx, house: House, { actor, codeId }: Cause, accessPoint: Named | null): Promise<void> {
  if (actor === null || actor.id === null || codeId === null || accessPoint === null) return
  await endCode(trx, house, { id: codeId, holder: actor, accessPoint }, 'used')
}

async function pointOf (trx: Trx, controllerId: string, lock: number): Promise<Named | null> {
  const row = await trx.prepare('SELECT id, name FROM access_points WHERE controller_id = ? AND lock = ? AND removed_at IS NULL').get(controllerId, lock)
  return row === undefined ? null : { id: String(row['id']), name: String(row['name']) }
}

async function causeOf (trx: Trx, controllerId: string, { source, ref, lock, time }: Actuation): Promise<Cause> {
  const nobody = { actor: null, codeId: null, holderId: null }
  if (source === 'keypad') {
    const row = await trx.prepare(`SELECT c.id, c.holder_id, p.name FROM codes c JOIN people p ON p.id = c.holder_id
      WHERE c.controller_id = ? AND c.request_id = ?`).get(controllerId, ref)
    if (row === undefined) return { ...nobody, pin: await pinBehind(trx, controllerId, { requestId: ref }, time) }
    return { actor: { id: String(row['holder_id']), name: String(row['name']) }, codeId: String(row['id']), holderId: String(row['holder_id']) }
  }
  if (source === 'offlineCode') {
    const { kind, slot, serial } = offlineNamed(lock, ref) ?? { kind: -1, slot: -1, serial: -1 }
    const row = await trx.prepare(`SELECT c.id, c.holder_id, c.grant_id, p.name FROM offline_codes o JOIN codes c ON c.id = o.code_id JOIN people p ON p.id = c.holder_id
      WHERE o.controller_id = ? AND o.lock = ? AND o.slot = ? AND o.kind = ? AND o.serial = ?`).get(controllerId, lock, slot, kind, serial)
    if (row === undefined) return { ...nobody, pin: await pinBehind(trx, controllerId, { ref }, time) }
    const holderId = String(row['holder_id'])
    return {
      actor: { id: holderId, name: String(row['name']) }, codeId: String(row['id']), holderId,
      grantId: row['grant_id'] === null ? null : String(row['grant_id']), opensOnce: kind === 0
    }
  }
  if (source === 'remote') {
    const row = await trx.prepare('SELECT p.id, p.name, c.program FROM commands c JOIN people p ON p.id = c.asked_by WHERE c.controller_id = ? AND c.id = ?').get(controllerId, ref)
    if (row === undefined) return nobody
    return { ...nobody, actor: row['program'] === null ? { id: String(row['id']), name: String(row['name']) } : { id: null, name: String(row['program']) } }
  }
  return nobody
}
