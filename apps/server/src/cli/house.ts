import { randomBytes, randomUUIDv7 } from 'node:crypto'
import type { Config } from '../config.ts'
import type { House } from '../house.ts'
import { addresses } from '../listeners.ts'
import { version } from '../main.ts'
import { createFeed } from '../platform/feed.ts'
import { createLog } from '../platform/log.ts'
import { reachableAt } from '../platform/reachable.ts'
import type { Transport } from '../platform/transport/transport.ts'
import { openRecords } from '../records.ts'

/** Nobody is connected to a command: the server beside it sends what a controller has not heard yet, as soon as it looks again. */
const nobody: Transport = {
  publish () {}, onMessage () {}, onPresence () {}, onAbuse () {}, disconnect () {},
  isConnected: () => false, isOpen: () => false, loop: async () => false, close: async () => {}
}

/**
 * Does something with the house of the data folder, beside a running server or without one. Whoever may read the data folder may do
 * this: the secrets are there.
 * @throws Error with the cure when the folder or the database can not be used
 */
export async function withHouse<Done> (config: Config, use: (house: House) => Promise<Done>): Promise<Done> {
  const records = await openRecords(config, { clock: Date.now, entropy: (count) => randomBytes(count) })
  try {
    const { url } = addresses(config, { http: config.port, https: config.httpsPort, mqtt: 0, mqtts: 0 }, reachableAt(config.host))
    return await use({
      config, ...records, transport: nobody, tls: null, log: createLog(), version, clock: Date.now, newId: () => randomUUIDv7(), startedAt: Date.now(),
      feed: createFeed(() => {}), link: (path) => url + path, secureUrl: () => null, brokerAt: () => ({ mqttPort: 0, mqttsPort: 0, ca: null })
    })
  } finally {
    await records.db.close()
  }
}
