import type { AuditRow, CameraPicture, PictureCause } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Row } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { STOPPED } from '../webhooks/post.ts'
import { addressOf, causesIn } from './cameras.ts'
import { keepPicture, sealPicture } from './pictures.ts'
import type { CameraAddress, Snap, Snapshot } from './snapshot.ts'

/** Somebody who types wrong codes for an hour is on one picture in five seconds, and not on a thousand. */
export const PACE_MS = 5_000
/** Events that cameras are asked for at one time, each with a megabyte in hand: a storm at a thousand doors is not to weigh a gigabyte. */
const MOST_BUSY = 64
/** Cameras of one keypad: more are asked for nothing. */
const MOST_AT_ONCE = 4

const causeOf: Readonly<Partial<Record<string, PictureCause>>> = { 'access.denied': 'refused', 'keypad.lockedOut': 'lockedOut', 'door.forced': 'forced' }

type Cameras = { snap: ((at: CameraAddress) => Promise<Snapshot>) | null, /** When each was last asked, ms. */ asked: Map<string, number>, busy: Set<Promise<unknown>>, /** One picture is written after the other: whoever types at a keypad is behind one of them at most. */ written: Promise<unknown> }
const camerasOf = perHouse((_house: House): Cameras => ({ snap: null, asked: new Map(), busy: new Set(), written: Promise.resolve() }))

export type Looking = { stop: () => Promise<void> }

/**
 * From now on cameras are asked when the record tells of something that they are there for. After the commit and beside it: no
 * keypad waits for a camera. A server that is killed meanwhile has no picture of it.
 */
export function startLooking (house: House, snap: Snap): Looking {
  const cameras = camerasOf(house)
  const stopping = new AbortController()
  cameras.snap = (at) => snap(at, stopping.signal)
  house.audit.onCommitted((row) => {
    const cause = causeOf[row.event]
    if (cause !== undefined && isOfNow(row)) look(house, { cause, seq: row.seq, accessPointId: row.accessPoint?.id ?? null, controllerId: row.controller?.id ?? null })
  })
  return {
    async stop () {
      cameras.snap = null
      stopping.abort()
      await Promise.all(cameras.busy)
    }
  }
}

/** A controller tells what happened while it had no network when it has one again: who stands there now was not there then. */
const LATE_MS = 30_000
function isOfNow ({ time, details }: Pick<AuditRow, 'time' | 'details'>): boolean {
  const at = details['at']
  return typeof at !== 'number' || (time - at <= LATE_MS && (details['trust'] === 'synced' || details['trust'] === 'rtc'))
}

type Seen = { cause: PictureCause, seq: number | null, accessPointId: string | null, controllerId: string | null }

/** Has pictures taken, where there are cameras for it. Of what names a keypad alone, by every camera at that keypad. */
export function look (house: House, seen: Seen): void {
  const { snap, busy } = camerasOf(house)
  if (snap === null || (busy.size >= MOST_BUSY && seen.cause !== 'duress')) return
  const looking: Promise<void> = lookAt(house, snap, seen).catch((error: unknown) => { house.log.error('a camera could not be asked', { error }) }).finally(() => { busy.delete(looking) })
  busy.add(looking)
}

async function lookAt (house: House, snap: NonNullable<Cameras['snap']>, { cause, seq, accessPointId, controllerId }: Seen): Promise<void> {
  const { asked } = camerasOf(house)
  const rows = await house.db.ask(`SELECT k.access_point_id, k.sealed, k.causes, k.keep_days, k.fault FROM cameras k JOIN access_points a ON a.id = k.access_point_id
    WHERE a.removed_at IS NULL AND ${accessPointId === null ? 'a.controller_id = ?' : 'a.id = ?'} ORDER BY a.id`).all(accessPointId ?? controllerId ?? '')
  await Promise.all(rows.filter((row) => causesIn(row['causes']).includes(cause)).slice(0, MOST_AT_ONCE).map(async (row) => {
    const id = String(row['access_point_id'])
    const now = house.clock()
    // A call for help is not to be missed because somebody was refused just before; and who is refused just after is on a picture as ever.
    if (cause !== 'duress') {
      if (now - (asked.get(id) ?? -PACE_MS) < PACE_MS) return
      asked.set(id, now)
    }
    await takePicture(house, snap, row, { cause, seq })
  }))
}

/** Asks one camera now. @returns the picture that is kept, or why there is none, in a word */
async function takePicture (house: House, snap: NonNullable<Cameras['snap']>, row: Row, { cause, seq }: Pick<CameraPicture, 'cause' | 'seq'>): Promise<CameraPicture | { fault: string }> {
  const accessPointId = String(row['access_point_id'])
  const takenAt = house.clock()
  const snapshot = await snap(addressOf(house, row))
  if ('fault' in snapshot) {
    // A camera that is away for a day is one write, not one for each that was refused.
    if (snapshot.fault !== STOPPED && cause !== 'duress' && row['fault'] !== snapshot.fault) await house.db.write(async (trx) => { await trx.prepare('UPDATE cameras SET fault = ? WHERE access_point_id = ?').run(snapshot.fault, accessPointId) })
    return snapshot
  }
  const sealed = sealPicture(house, snapshot)
  const cameras = camerasOf(house)
  const kept = cameras.written.then(() => house.db.write((trx) => keepPicture(trx, house, sealed, String(row['sealed']), { accessPointId, cause, seq, takenAt })))
  cameras.written = kept.catch(() => {})
  return kept
}

/** A picture to try a camera. @returns null for an access point without one */
export async function tryCamera (house: House, accessPointId: string): Promise<CameraPicture | { fault: string } | null> {
  const { snap, busy } = camerasOf(house)
  const row = await house.db.ask('SELECT access_point_id, sealed, causes, keep_days, fault FROM cameras WHERE access_point_id = ?').get(accessPointId)
  if (row === undefined || snap === null) return null
  const tried = takePicture(house, snap, row, { cause: 'test', seq: null })
  const done = tried.catch(() => {})
  busy.add(done)
  return tried.finally(() => { busy.delete(done) })
}
