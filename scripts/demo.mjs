// A made-up site in a throw-away folder: simulated doors run in this process, sign-ins are printed, all ends with Ctrl+C.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createClient } from '@oncekey/client'
import { fetchWithCookies } from '@oncekey/client/cookies'
import { readConfig, startServer } from '@oncekey/server'
import { identityFrom, mqttLink, nodeHmac, nodeUpdates, simulateDoor } from '@oncekey/simulator'

const folder = mkdtempSync(join(tmpdir(), 'oncekey-demo-'))
const server = await startServer(readConfig({ ...process.env, ONCEKEY_DATA_DIR: folder }), { log: { info () {}, warn () {}, error: console.error } })
const authority = server.tls?.authority ?? null
if (authority !== null) setDefaultCACertificates([...getCACertificates('default'), authority.pem])
// The certificate names this machine's loopback address, too; a host that is not loopback has no broker without TLS.
const broker = server.mqttPort > 0 ? `mqtt://127.0.0.1:${server.mqttPort}` : `mqtts://127.0.0.1:${server.tls.mqttsPort}`
const client = createClient({ base: server.url, fetch: fetchWithCookies() })
const password = 'demonstration only'
await client.setup.start({
  token: new URL(server.setupLink).searchParams.get('token'), name: 'Demo Owner', email: 'owner@example.org', password,
  siteName: 'Demonstration', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, demonstration: true
})
const places = await client.places.get()
for (const [name, email, role] of [['Demo Operator', 'operator@example.org', 'operator'], ['Demo Member', 'member@example.org', 'member']]) {
  const { person } = await client.people.add({ name, email, role, password })
  await client.grants.give({ personId: person.id, accessPointIds: [places.doors[0].id, ...places.banks[0].accessPoints.slice(0, 3).map((one) => one.id)] })
}
// A door that is opened in a browser is that browser's, until it goes: two that come and go as one controller would put
// each other off line for ever.
const doors = new Map()
// A door in a browser whose network is cut there is still that browser's: only one that stays away is taken back.
const patienceMs = 120_000
const awaySince = new Map()
let hasBegun = false
function run (controller, simulation) {
  let isOurs = false
  let door = null
  door = simulateDoor({
    identity: identityFrom(simulation), locks: simulation.locks, link: mqttLink({ url: broker }), hmac: nodeHmac, updates: nodeUpdates(),
    onChange () {
      if (door?.connected) isOurs = true
      else if (isOurs && doors.delete(controller.id)) door.stop()
    }
  })
  doors.set(controller.id, door)
}
function isAwayForGood (id) {
  if (!hasBegun) return true
  if (!awaySince.has(id)) awaySince.set(id, performance.now())
  return performance.now() - awaySince.get(id) > patienceMs
}
async function runThoseThatNobodyRuns () {
  for (const controller of (await client.places.get()).controllers) {
    if (controller.online || doors.has(controller.id)) awaySince.delete(controller.id)
    else if (controller.simulated && isAwayForGood(controller.id)) run(controller, await client.controllers.simulation(controller.id))
  }
}
await runThoseThatNobodyRuns()
hasBegun = true
const watch = setInterval(() => { runThoseThatNobodyRuns().catch(() => {}) }, 3000)

console.log(`
Oncekey runs with made-up people at ${server.url}
${authority === null || server.url !== server.tls.url ? '' : `Browsers warn until they trust its own authority: ${authority.page}\n`}
  owner@example.org
  operator@example.org
  member@example.org

The password of all three is   ${password}

${doors.size} simulated controllers run here. To type a code, open "My access" as the owner: its door takes the place of the one
that runs here, until two minutes after you leave the page. Everything is gone when this is stopped (Ctrl+C).`)

const stop = async () => {
  clearInterval(watch)
  const running = [...doors.values()]
  doors.clear()
  for (const door of running) door.stop()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}
process.once('SIGINT', () => { void stop() })
process.once('SIGTERM', () => { void stop() })
