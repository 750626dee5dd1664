import type { Named } from '../audit/append.ts'
import { isOffline } from '../codes/offline.ts'
import { revokeCodes } from '../codes/revoke.ts'
import { oldProgramOf } from '../compat/state.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { keyHash } from './key-hash.ts'
import { forgetLine, keyBinding } from './links.ts'
import { settingsChanged } from './settings.ts'
import type { Waiting } from './waiting.ts'

/**
 * A waiting box takes the place of another: the controller stays what it is, with its id, name, access points, settings, live codes
 * and pins, and gets the key of the new box. The old box gets in nowhere from then on. What was computed from its key ends with it:
 * codes made to open without a network are revoked, and pins are not lent to the new box until they are made anew.
 * @throws Problem notFound, inUse (an old program, or too few locks), claimCodeWrong (the box is a controller of ours already)
 */
export async function replaceController (trx: Trx, house: House, waiting: Waiting, { siteId, controllerId, actor }: { siteId: string, controllerId: string, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, hardware, firmware FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (await trx.prepare('SELECT id FROM controllers WHERE key_hash = ?').get(keyHash(waiting.rootKey)) !== undefined) throw new Problem('claimCodeWrong')
  if (await oldProgramOf(trx.prepare, controllerId) !== null) throw new Problem('inUse', { detail: 'An old program is no box: remove it, and claim this controller for its door.' })
  const last = await trx.prepare('SELECT max(lock) AS lock FROM access_points WHERE controller_id = ? AND removed_at IS NULL').get(controllerId)
  const needed = Number(last?.['lock'] ?? 0)
  if (waiting.box.locks < needed) throw new Problem('inUse', { detail: `This box drives ${waiting.box.locks} locks, and lock ${needed} is in use. Take one with as many, or remove access points first.` })

  const now = house.clock()
  const offline = (await trx.prepare("SELECT id, otp_id FROM codes WHERE controller_id = ? AND state = 'issued'").all(controllerId)).filter((code) => isOffline(String(code['otp_id'])))
  for (const code of offline) await revokeCodes(trx, house, { codeId: String(code['id']) }, actor)
  const { changes: pins } = await trx.prepare("UPDATE pins SET verifier = '', duress_verifier = CASE WHEN duress_verifier IS NULL THEN NULL ELSE '' END WHERE controller_id = ? AND ended_at IS NULL").run(controllerId)
  const { hardware, firmware, locks } = waiting.box
  // Its memory begins anew, and so does what we know of it.
  await trx.prepare(`UPDATE controllers SET root_key_sealed = ?, key_hash = ?, key_version = 1, hardware = ?, firmware = ?, locks = ?, assurance = ?, simulated = 0, acked_seq = 0, record_head = '',
    last_seen_at = NULL, battery_level = 'ok', pins_until = NULL, pins_at = NULL, settings_heard = 0 WHERE id = ?`)
    .run(house.seal.close(Buffer.from(waiting.rootKey).toString('base64url'), keyBinding(controllerId)), keyHash(waiting.rootKey), hardware, firmware, locks, waiting.assurance, controllerId)
  house.audit.append(trx, now, {
    event: 'controller.replaced', actor, controller: { id: controllerId, name: String(row['name']) },
    details: { hardware, firmware, locks, assurance: waiting.assurance, was: [row['hardware'], row['firmware']].filter(Boolean).join(' '), ...offline.length > 0 && { codes: offline.length }, ...pins > 0 && { pins: Number(pins) } }
  })
  await settingsChanged(trx, house, controllerId)
  trx.after(() => { forgetLine(house, controllerId) })
}
