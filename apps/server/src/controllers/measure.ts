import type { State } from '@oncekey/protocol/messages'
import { atReader } from '../access/reader.ts'
import type { House } from '../house.ts'
import { tellStates } from '../live/states.ts'
import { heardOrders } from '../standing-orders/follow.ts'
import type { Line } from './links.ts'

/** What a controller has measured of its locks becomes the state that pages show. */
export async function measured (house: House, line: Line, state: State): Promise<void> {
  const { changed, isHeard } = await house.db.write(async (trx) => {
    const now = house.clock()
    const points = new Map((await trx.prepare('SELECT id, lock FROM access_points WHERE controller_id = ? AND removed_at IS NULL').all(line.id))
      .map((row) => [Number(row['lock']), String(row['id'])]))
    const keep = trx.prepare(`INSERT INTO access_point_states (access_point_id, lock_state, door_state, millivolts, reported_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (access_point_id) DO UPDATE SET lock_state = excluded.lock_state, door_state = excluded.door_state, millivolts = excluded.millivolts,
        reported_at = excluded.reported_at
      WHERE access_point_states.lock_state <> excluded.lock_state OR access_point_states.door_state <> excluded.door_state
        OR access_point_states.millivolts <> excluded.millivolts`)
    const ids: string[] = []
    for (const one of state.locks) {
      const id = points.get(one.lock)
      if (id !== undefined && (await keep.run(id, one.lockState, one.doorState, state.millivolts, now)).changes > 0) ids.push(id)
    }
    // As it says, also when that is less than before: its memory may be another one.
    const heard = state.settings === undefined ? 0 : (await trx.prepare('UPDATE controllers SET settings_heard = ? WHERE id = ? AND settings_heard <> ? AND settings_version >= ?')
      .run(state.settings, line.id, state.settings, state.settings)).changes
    return { changed: ids, isHeard: heard > 0 }
  }, { beside: [atReader(line.id)] })
  if (changed.length > 0) await tellStates(house, { accessPointIds: changed })
  if (isHeard) await heardOrders(house, line.id)
}
