import { readerPolicy } from '@oncekey/otp'
import type { Hello } from '@oncekey/protocol/messages'
import { atReader } from '../access/reader.ts'
import type { House } from '../house.ts'
import { tellStates } from '../live/states.ts'
import { lendPins } from '../pins/lend.ts'
import { sendOffer } from '../updates/offers.ts'
import { linesOf, type Line } from './links.ts'
import { sendSettings } from './settings.ts'

/**
 * Versions of settings rise by one a change: whoever tells the truth is not beyond this. A liar with a stolen key is not to
 * bring the number to its end, 2^31 - 1, after which no box would take settings any more.
 */
const MOST_BELIEVED_VERSION = 2 ** 30

/**
 * Welcomes a hello with a fresh nonce. Nothing else changes: the hello may be a recording, and whoever replays it can
 * not speak in the session that the nonce makes.
 */
export async function greet (house: House, line: Line, hello: Hello): Promise<void> {
  if (!linesOf(house).hellos.take(line.id)) return
  const { lockoutMs, acked } = await house.db.write(async (trx) => ({
    lockoutMs: (await house.otp.status({ scope: line.id, policy: readerPolicy })).lockedUntil ?? 0,
    acked: Number((await trx.prepare('SELECT acked_seq FROM controllers WHERE id = ?').get(line.id))?.['acked_seq'] ?? 0)
  }), { beside: [] })
  const now = house.clock()
  const { topic, payload } = line.link.welcome(hello, {
    time: now, lockoutMs: Math.min(readerPolicy.windowMs, Math.max(0, lockoutMs - now)), acked: isRewound(hello, acked) ? 0 : acked
  })
  house.transport.publish(topic, payload, { qos: 1, retain: false })
}

/** A controller spoke in its new session for the first time: it is on line. */
export async function opened (house: House, line: Line, hello: Hello): Promise<void> {
  const now = house.clock()
  await house.db.write(async (trx) => {
    const row = await trx.prepare('SELECT acked_seq, settings_version, simulated FROM controllers WHERE id = ? AND removed_at IS NULL').get(line.id)
    if (row === undefined) return
    await trx.prepare('UPDATE controllers SET firmware = ?, hardware = ?, last_seen_at = ? WHERE id = ?').run(hello.firmware, hello.hardware, now, line.id)
    house.audit.append(trx, now, { event: 'controller.connected', controller: line.named, details: { firmware: hello.firmware, bootId: hello.bootId } })
    const acked = Number(row['acked_seq'])
    if (isRewound(hello, acked)) {
      // A simulated door that is opened in another browser starts with an empty memory: no alarm for that.
      if (row['simulated'] !== 1) house.audit.append(trx, now, { event: 'controller.recordFork', controller: line.named, details: { expected: acked, got: hello.events.last } })
      await trx.prepare("UPDATE controllers SET acked_seq = 0, record_head = '', battery_level = 'ok' WHERE id = ?").run(line.id)
    }
    if (hello.settingsVersion > Number(row['settings_version']) && hello.settingsVersion <= MOST_BELIEVED_VERSION) {
      // Our database is older than what we once sent, e.g. restored from a backup: go past it, or it would never listen again.
      await trx.prepare('UPDATE controllers SET settings_version = ? WHERE id = ?').run(hello.settingsVersion + 1, line.id)
    }
    if (hello.settingsVersion !== Number(row['settings_version'])) await sendSettings(trx, house, line.id)
    await sendOffer(trx, house, line.id)
    await lendPins(trx, house, line.id)
  }, { beside: [atReader(line.id)] })
  await tellStates(house, { controllerId: line.id })
}

/** Its connection ended; what it last measured stays to be seen, as off line. */
export async function left (house: House, line: Line): Promise<void> {
  const lines = linesOf(house)
  const wasOpen = line.link.end()
  for (const one of lines.waiting.values()) if (one.controllerId === line.id) one.answer('gone')
  if (!wasOpen) return
  const now = house.clock()
  await house.db.write(async (trx) => {
    await trx.prepare('UPDATE controllers SET last_seen_at = ? WHERE id = ?').run(now, line.id)
    house.audit.append(trx, now, { event: 'controller.disconnected', controller: line.named })
  }, { beside: [atReader(line.id)] })
  await tellStates(house, { controllerId: line.id })
}

/** It has written fewer records than we have of it: its memory was replaced, or it is a copy. */
function isRewound (hello: Hello, acked: number): boolean {
  return hello.events.last > 0 && hello.events.last < acked
}
