import { homeAssistantBell } from './bell.ts'
import { openBridge, type Bridge } from './bridge.ts'
import { connectionOf } from './connection.ts'
import type { House } from '../house.ts'
import { moreChecks } from '../platform/health.ts'
import { drawText } from '../platform/random.ts'
import { repeat } from '../platform/repeat.ts'
import { reach, Unreached } from './reach.ts'
import { findSettings, type Settings } from './settings.ts'
import { topicsOf } from './topics.ts'

const LOOK_EVERY_MS = 5_000
/** Of several processes on one database one talks to Home Assistant; another follows when it has not said so for so long. */
const LEASE_MS = 30_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** What other processes have changed is told at the latest after so long. */
const SYNC_EVERY_MS = 300_000
/** How long a broker is looked for that is to forget us. */
const LEAVE_MS = 3_600_000

/** Keeps the connection to Home Assistant's broker: made, lost, made again, and taken down when it is switched off. */
export function startHomeAssistantWork (house: House, { firstPauseMs = FIRST_PAUSE_MS, lookEveryMs = LOOK_EVERY_MS }: { firstPauseMs?: number, lookEveryMs?: number } = {}): { stop: () => Promise<void> } {
  const connection = connectionOf(house)
  const me = drawText(9, 'base64url')
  const stopping = new AbortController()
  let bridge: Bridge | null = null
  let at = ''
  let syncedAt = 0
  let pauseMs = firstPauseMs
  let notBefore = 0
  let turn: Promise<void> | null = null
  let isAgain = false
  let isListed = false

  function stand (state: typeof connection.state, fault: string | null = null): void {
    if (connection.state !== state) connection.since = house.clock()
    connection.state = state
    connection.fault = fault
    if (state === 'off' || state === 'elsewhere') connection.devices = 0
  }

  async function look (): Promise<void> {
    // One site in an installation, today.
    const settings = (await findSettings(house)).find((one) => one.isOn || one.isLeaving)
    if (settings === undefined) {
      await hangUp()
      return stand('off')
    }
    list()
    if (!await hold(settings.siteId)) {
      await hangUp()
      return stand('elsewhere')
    }
    const to = JSON.stringify([settings.siteId, settings.host, settings.port, settings.isTls, settings.ca, settings.userName, settings.password, settings.prefix])
    if (bridge !== null && (to !== at || !bridge.isOpen)) {
      const isLost = !bridge.isOpen
      // Another broker, or another place on it: what we put there would stay for ever.
      if (!isLost) await bridge.leave()
      await hangUp()
      if (isLost) wait('lost')
    }
    if (to !== at) {
      at = to
      notBefore = 0
      pauseMs = firstPauseMs
    }
    if (settings.isLeaving && house.clock() - settings.changedAt > LEAVE_MS) return forget(settings.siteId)
    if (bridge === null) await dial(settings)
    else if (!settings.isLeaving && performance.now() - syncedAt > SYNC_EVERY_MS) {
      syncedAt = performance.now()
      await bridge.sync()
    }
    if (bridge !== null && settings.isLeaving) {
      await bridge.leave()
      await hangUp()
      await forget(settings.siteId)
    }
  }

  async function dial (settings: Settings): Promise<void> {
    if (performance.now() < notBefore || stopping.signal.aborted) return
    stand('connecting', connection.fault)
    const { status } = topicsOf(settings.siteId, settings.prefix)
    try {
      const client = await reach(settings, { clientId: `oncekey-${me}`, will: { topic: status, payload: 'offline' }, networks: house.config.webhookNetworks, signal: stopping.signal })
      client.once('close', () => { again() })
      bridge = await openBridge(house, client, settings).catch(async (error: unknown) => {
        await client.endAsync(true).catch(() => {})
        throw error
      })
      syncedAt = performance.now()
      pauseMs = firstPauseMs
      stand('connected')
      house.log.info('Home Assistant is connected', { devices: connection.devices })
    } catch (error) {
      const fault = error instanceof Unreached ? error.fault : 'rights'
      if (connection.fault !== fault) house.log.warn('Home Assistant is not connected', { fault, step: error instanceof Unreached ? error.step : 'rights' })
      wait(fault)
    }
  }

  /** Twice as long each time, and never together with others that lost the same broker. */
  function wait (fault: string): void {
    stand('waiting', fault)
    notBefore = performance.now() + pauseMs * (0.75 + Math.random() / 2)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }

  async function hold (siteId: string): Promise<boolean> {
    const now = house.clock()
    const { changes } = await house.db.write(async (trx) => trx.prepare('UPDATE home_assistant SET held_by = ?, held_until = ? WHERE site_id = ? AND (held_by IS NULL OR held_by = ? OR held_until < ? OR held_until > ?)').run(me, now + LEASE_MS, siteId, me, now, now + LEASE_MS))
    return changes > 0
  }

  async function forget (siteId: string): Promise<void> {
    await house.db.write(async (trx) => { await trx.prepare('UPDATE home_assistant SET is_leaving = 0 WHERE site_id = ? AND is_on = 0').run(siteId) })
    stand('off')
  }

  async function hangUp (): Promise<void> {
    const open = bridge
    bridge = null
    await open?.end()
  }

  /** Looks now, or once more when it is looking. */
  function again (): void {
    isAgain = true
    turn ??= (async () => {
      while (isAgain && !stopping.signal.aborted) {
        isAgain = false
        await look().catch((error: unknown) => { house.log.error('the connection to Home Assistant could not be looked after', { error }) })
      }
    })().finally(() => { turn = null })
  }

  /** Where nobody has one there is nothing to say. */
  function list (): void {
    if (isListed) return
    isListed = true
    moreChecks(house).push(() => connection.fault !== null
      ? { name: 'home assistant', status: 'degraded', says: `Its broker is not connected (${connection.fault}). Doors are served all the same. Look at its settings under Developers.` }
      : { name: 'home assistant', status: 'ok', says: connection.state === 'connected' ? 'Connected.' : 'Nothing is the matter.' })
  }

  const unring = homeAssistantBell(house).onRing(again)
  const loop = repeat(lookEveryMs, async () => { again(); await turn }, house.log)
  again()
  return {
    async stop () {
      unring()
      stopping.abort()
      await loop.stop()
      await turn
      await hangUp()
      stand('off')
      // Whoever comes next need not wait for our time to be over.
      await house.db.write(async (trx) => { await trx.prepare('UPDATE home_assistant SET held_by = NULL WHERE held_by = ?').run(me) }).catch(() => {})
    }
  }
}
