/**
 * A server with a demonstration site, in this process, and its keypads: what is measured of one way to run it beside another.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer } from '@oncekey/server'
import { identityFrom, mqttLink, nodeHmac, simulateDoor } from '@oncekey/simulator'

const PAGES = 10
export const login = { login: 'bench@example.org', password: 'nobody guesses this' }
export const quiet = (): void => {}

export const settings = (folder: string) => readConfig({ ONCEKEY_DATA_DIR: folder, ONCEKEY_PORT: '0', ONCEKEY_MQTT_PORT: '0' })

/** A site with doors and nothing to sign any more. */
export async function prepare (folder: string): Promise<void> {
  const server = await startServer(settings(folder), { log: { info: quiet, warn: quiet, error: console.error } })
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  await client.setup.start({ token: new URL(server.setupLink ?? '').searchParams.get('token') ?? '', name: 'Bench', email: login.login, password: login.password, siteName: 'Bench', timeZone: 'UTC', demonstration: true })
  for (;;) {
    await sleep(1_100)
    const [witness, page] = [await client.audit.witness(), await client.audit.page({ limit: 1 })]
    if (witness.lastCheckpoint?.seq === page.rows[0]?.seq) break
    // The next checkpoint would come in ten minutes; a hundred events bring it now.
    for (let i = 0; i < 50; i++) {
      await client.session.end()
      await client.session.start(login)
    }
  }
  await server.close()
}

export type Side = Awaited<ReturnType<typeof openSide>>

/** @param pages of the record that are read after each entry */
export async function openSide (folder: string, pages = PAGES) {
  const clock = { shiftMs: 0 }
  const server = await startServer(settings(folder), { clock: () => Date.now() + clock.shiftMs, log: { info: quiet, warn: quiet, error: console.error } })
  const client = createClient({ base: server.url, fetch: fetchWithCookies() })
  await client.session.start(login)
  const compartments = (await client.places.get()).banks[0]?.accessPoints ?? []
  const simulation = await client.controllers.simulation(compartments[0]?.controllerId ?? '')
  let unlockedAt = 0
  const door = simulateDoor({
    identity: identityFrom(simulation), locks: simulation.locks, hmac: nodeHmac, link: mqttLink({ url: `mqtt://127.0.0.1:${server.mqttPort}` }),
    onEffect (effect) { if (effect.do === 'bolt' && effect.to === 'unlock') unlockedAt = performance.now() }
  })
  await door.until((one) => one.heard.some((message) => message.topic.endsWith('/down/ack')) && one.rows()[1].startsWith('Enter code'), 15_000)
  const times = { entry: [] as number[], issue: [] as number[], page: [] as number[] }
  return {
    times,
    async turn (i: number): Promise<void> {
      // The day's budget of codes is for people; the clock moves on by two hours between entries.
      clock.shiftMs += 7_200_000
      await client.session.start(login)
      const compartment = compartments[i % compartments.length]
      if (compartment === undefined) throw new Error('The demonstration site has no bank.')
      let begun = performance.now()
      const { digits } = await client.codes.issue({ accessPointId: compartment.id })
      times.issue.push(performance.now() - begun)
      unlockedAt = 0
      door.type(digits)
      begun = performance.now()
      door.type('#')
      await door.until(() => unlockedAt > 0, 5_000)
      times.entry.push(unlockedAt - begun)
      await door.until((one) => one.lock(compartment.lock).lockState === 'unlocked', 5_000)
      for (let page = 0; page < pages; page++) {
        begun = performance.now()
        await client.audit.page({ limit: 50 })
        times.page.push(performance.now() - begun)
      }
    },
    async close (): Promise<void> {
      door.stop()
      await server.close()
    }
  }
}

