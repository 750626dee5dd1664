import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'
import { doorOf } from './support/pages.ts'

const { server, client, page, errors } = await ownersJourney()

const sheet = () => page.getByRole('dialog')

test('turned on at a controller, made for somebody, opened while the network is gone, and told when it is back', async () => {
  const { controllers, doors } = await client.places.get()
  const controller = controllers.find((one) => doors.some((door) => door.controllerId === one.id))
  const point = doors.find((door) => door.controllerId === controller?.id)
  assert.ok(controller !== undefined && point !== undefined)
  const { person } = await client.people.add({ name: 'Maya Lind', email: 'maya@example.org', role: 'member' })
  await client.grants.give({ personId: person.id, accessPointIds: [point.id] })

  await page.goto(server.url + '/places')
  const open = page.getByRole('button', { name: `Codes without a network at ${controller.name}` })
  await open.click()
  await sheet().getByText('nobody can take one back').waitFor()
  await sheet().getByRole('radio', { name: 'On, after a power cut too' }).check()
  await sheet().getByText('may open after its end').waitFor()
  await assertFine(page, 'the setting')
  await sheet().getByRole('radio', { name: 'On', exact: true }).check()
  await sheet().getByRole('button', { name: 'Save' }).click()
  await page.getByText('hears of it when it is on line').waitFor()
  await assertFine(page, 'the controllers')
  assert.equal((await client.places.get()).controllers.find((one) => one.id === controller.id)?.offlineCodes, 'trusted')

  // The door in a page of its own, and time for it to compute.
  const door = doorOf(await page.context().newPage())
  await door.root.page().goto(`${server.url}/door/${controller.id}`)
  await door.until(/Enter code/)

  await page.goto(server.url + '/people')
  await page.getByRole('button', { name: /Maya Lind/ }).click()
  await page.getByRole('button', { name: 'Make a code' }).click()
  await sheet().getByLabel('Works without a network too').check()
  await sheet().getByRole('radio', { name: '4 hours', exact: true }).check()
  const start = sheet().getByLabel('From')
  await start.fill('2020-01-01T10:00')
  await sheet().getByRole('button', { name: 'Make the code' }).click()
  await sheet().getByText('a time that is still to come').waitFor()
  await start.fill('')
  await assertFine(page, 'making it')
  await sheet().getByRole('button', { name: 'Make the code' }).click()
  await sheet().getByText('Once used, it opens again and again').waitFor()
  await sheet().getByText('nobody can take it back').waitFor()
  await assertFine(page, 'the code')
  const digits = (await sheet().getByTestId('digits').textContent() ?? '').replace(/\D/g, '')
  assert.equal(digits.length, 9)
  await sheet().getByRole('button', { name: 'Done' }).click()
  await page.getByText('works without a network').waitFor()

  await door.computes()
  const plug = door.root.page().getByTestId('switch-network')
  await plug.click()
  await door.until(/offline.*Enter code/)
  await door.type(digits + '#')
  await door.until(/Open: /)
  const opened = Date.now()
  await door.until(/offline.*Enter code/)
  await plug.click()
  await door.until(/^(?!.*offline).*Enter code/)

  await page.goto(server.url + '/audit')
  await page.getByText(`Maya Lind opened ${point.name} by off-line code`).first().waitFor()
  const row = (await client.audit.page({ event: 'lock.actuated' })).rows.find((one) => one.details['source'] === 'offlineCode')
  assert.ok(Math.abs(Number(row?.details['at']) - opened) < 5000, 'its own time')
  assert.deepEqual(errors, [])
})
