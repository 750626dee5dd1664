import { setTimeout as wait } from 'node:timers/promises'
import type { HomeAssistantTest } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { drawText } from '../platform/random.ts'
import { Problem } from '../platform/problems.ts'
import { reach, Unreached } from './reach.ts'
import { findSettings } from './settings.ts'
import { topicsOf } from './topics.ts'

const ECHO_MS = 5_000

/** How far a connection of its own comes with the settings that are kept, step by step, to a message that goes there and back. @throws Problem notFound without settings */
export async function tryHomeAssistant (house: House, siteId: string): Promise<HomeAssistantTest> {
  const [settings] = await findSettings(house, siteId)
  if (settings === undefined) throw new Problem('notFound')
  const { echo } = topicsOf(siteId, settings.prefix)
  const words = drawText(12, 'base64url')
  try {
    const client = await reach(settings, { clientId: `oncekey-test-${drawText(9, 'base64url')}`, networks: house.config.webhookNetworks, signal: AbortSignal.timeout(30_000) })
    try {
      const heard = new Promise<boolean>((resolve) => { client.on('message', (_topic, payload) => { if (payload.toString() === words) resolve(true) }) })
      await client.subscribeAsync(echo, { qos: 1 })
      await client.publishAsync(echo, words, { qos: 1 })
      return await Promise.race([heard, wait(ECHO_MS, false, { ref: false })]) ? { step: 'done', fault: null } : { step: 'rights', fault: 'ETIMEDOUT' }
    } catch {
      return { step: 'rights', fault: 'notAllowed' }
    } finally {
      await client.endAsync(true).catch(() => {})
    }
  } catch (error) {
    if (error instanceof Unreached) return { step: error.step, fault: error.fault }
    throw error
  }
}
