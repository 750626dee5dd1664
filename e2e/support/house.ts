import { randomUUIDv7 } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const BANK = 50

/**
 * Makes a house large: banks of fifty compartments behind a controller each, and every tenth access point a door with one of
 * its own, all of them measured locked. Rows as the server would have written them; their controllers never come. Call it
 * while no server runs on the folder.
 */
export function furnish (folder: string, accessPoints: number): { doorId: string, compartmentId: string } {
  const db = new DatabaseSync(join(folder, 'oncekey.db'))
  const now = Date.now()
  const siteId = String(db.prepare('SELECT id FROM sites').get()?.['id'])
  const bank = db.prepare('INSERT INTO banks (id, site_id, name, created_at) VALUES (?, ?, ?, ?)')
  const controller = db.prepare(`INSERT INTO controllers (id, site_id, name, root_key_sealed, key_hash, key_version, hardware, firmware, locks, assurance, simulated, settings_version, acked_seq, record_head, last_seen_at, created_at)
    VALUES (?, ?, ?, 'none', ?, 1, 'bench', '1.0', ?, 'high', 0, 1, 0, '', ?, ?)`)
  const point = db.prepare('INSERT INTO access_points (id, site_id, bank_id, kind, name, controller_id, lock, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const state = db.prepare("INSERT INTO access_point_states (access_point_id, lock_state, door_state, millivolts, reported_at) VALUES (?, 'locked', 'closed', 0, ?)")
  const add = (bankId: string | null, name: string, controllerId: string, lock: number): string => {
    const id = randomUUIDv7()
    point.run(id, siteId, bankId, bankId === null ? 'door' : 'compartment', name, controllerId, lock, now)
    state.run(id, now)
    return id
  }
  const box = (name: string, locks: number): string => {
    const id = randomUUIDv7()
    controller.run(id, siteId, name, id, locks, now, now)
    return id
  }
  const doors = Math.floor(accessPoints / 10)
  let doorId = ''
  let compartmentId = ''
  db.exec('BEGIN')
  for (let i = 1; i <= doors; i++) doorId = add(null, `Door ${i}`, box(`Door ${i}`, 1), 1)
  for (let made = 0, number = 1; made < accessPoints - doors; number++) {
    const bankId = randomUUIDv7()
    const locks = Math.min(BANK, accessPoints - doors - made)
    bank.run(bankId, siteId, `Row ${number}`, now)
    const controllerId = box(`Row ${number}`, locks)
    for (let lock = 1; lock <= locks; lock++, made++) compartmentId = add(bankId, `R${number}-${String(lock).padStart(2, '0')}`, controllerId, lock)
  }
  db.exec('COMMIT')
  db.close()
  return { doorId, compartmentId }
}
