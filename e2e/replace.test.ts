import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { identityFrom } from '@oncekey/host'
import { brokerOf, commission, mqttLink, nodeHmac, simulateDoor, type SimulatedDoor } from '@oncekey/simulator'
import { assertFine } from './support/axe.ts'
import { simulatedDoor } from './support/doors.ts'
import { ownersJourney } from './support/journey.ts'

const { server, client, page, errors } = await ownersJourney()
const { door: old, controller } = await simulatedDoor(client, server.mqttPort, 'Front door')
const ended = new AbortController()
let box: SimulatedDoor | undefined
after(() => {
  ended.abort()
  old.stop()
  box?.stop()
})
const sheet = () => page.locator('dialog:modal').last()
const ready = (door: SimulatedDoor): Promise<void> => door.until((one) => one.connected && one.rows()[1].startsWith('Enter code'), 30_000)
const opened = (door: SimulatedDoor): Promise<void> => door.until((one) => one.rows()[0].startsWith('Open'), 15_000)
const refused = (door: SimulatedDoor): Promise<void> => door.until((one) => one.rows()[0].startsWith('Not accepted'), 15_000)

test('a box breaks: another takes its place by the code on its display, and what people hold still opens, once', async () => {
  const point = (await client.places.get()).doors.find((one) => one.controllerId === controller.id)
  assert.ok(point)
  await client.controllers.offlinePins(controller.id, { days: 7 })
  const pin = await client.doors.makePin(point.id, { label: 'Lift company' })
  const used = await client.codes.issue({ accessPointId: point.id })
  old.type(used.digits + '#')
  await opened(old)
  await ready(old)
  const { person } = await client.people.add({ name: 'Noor Adel', email: 'noor@example.org', role: 'member', password: 'four grey harbours' })
  await client.grants.give({ personId: person.id, accessPointIds: [point.id] })
  const waits = await client.codes.issue({ accessPointId: point.id, personId: person.id, deliver: false })

  let display = ''
  const claimed = commission({ server: server.url, locks: 1, signal: ended.signal, onClaimCode: (code) => { display = code } })
  await page.goto(server.url + '/places')
  await page.getByRole('button', { name: `Replace the box of ${controller.name}` }).click()
  await sheet().getByLabel('Claim code').fill('AAAA-BBBB-CC')
  await sheet().getByRole('button', { name: 'Replace' }).click()
  await sheet().getByText('claim code').last().waitFor()
  await assertFine(page, 'replace')
  await sheet().getByLabel('Claim code').fill(display)
  await sheet().getByRole('button', { name: 'Replace' }).click()
  await page.getByText(`The new box is ${controller.name} now.`).waitFor()
  const mine = await claimed
  assert.equal(mine.controllerId, controller.id)

  await old.until((one) => !one.connected, 15_000)
  box = simulateDoor({ identity: identityFrom(mine) ?? assert.fail(), locks: mine.locks, link: mqttLink(brokerOf('127.0.0.1', mine)), hmac: nodeHmac })
  await ready(box)
  box.type(waits.digits + '#')
  await opened(box)
  await ready(box)
  box.type(used.digits + '#')
  await refused(box)
  await ready(box)
  box.type(pin.digits + '#')
  await opened(box)
  assert.equal(old.connected, false, 'whoever keeps the old box has nothing by it')
  // The pins that it was lent were computed with the key of the old box, so none is lent to this one.
  await box.until((one) => one.lock(1).lockState === 'locked' && one.rows()[1].startsWith('Enter code'), 30_000)
  box.cutNetwork()
  await box.until((one) => !one.connected && one.rows().join('|').includes('offline'), 15_000)
  const { moves } = box
  box.type(pin.digits + '#')
  // It was answered: nothing of it is on the display any more.
  await box.until((one) => one.rows()[1].startsWith('Try again later'), 15_000)
  assert.equal(box.moves, moves, 'without the network it opens nothing')

  await page.goto(server.url + '/audit')
  await page.getByText(`put another box in the place of the controller ${controller.name}`).first().waitFor()
  assert.deepEqual(errors.filter((one) => !/status of 409/.test(one)), [])
})
