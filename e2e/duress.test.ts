import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertFine } from './support/axe.ts'
import { ownersJourney } from './support/journey.ts'
import { doorOf } from './support/pages.ts'

const { server, client, page, errors } = await ownersJourney()

const sheet = () => page.getByRole('dialog').last()

test('a pin with a second one: it opens as the first, nothing at the door tells them apart, and the alert is there by itself', async () => {
  const { controllers, doors } = await client.places.get()
  const controller = controllers.find((one) => doors.some((door) => door.controllerId === one.id))
  const point = doors.find((door) => door.controllerId === controller?.id)
  assert.ok(controller !== undefined && point !== undefined)

  const door = doorOf(await page.context().newPage())
  await door.root.page().goto(`${server.url}/door/${controller.id}`)
  await door.until(/Enter code/)

  await page.goto(server.url + '/places')
  await page.getByRole('button', { name: new RegExp(`^${point.name}`) }).first().click()
  await page.getByRole('heading', { name: 'Pins', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Make a pin' }).click()
  await sheet().getByLabel('What for').fill('Night shift')
  await sheet().getByLabel('With a second pin').check()
  await assertFine(page, 'making both')
  await sheet().getByRole('button', { name: 'Make a pin' }).click()
  const digitsOf = async (name: string): Promise<string> => (await page.getByTestId('made-pin').getByTestId(name).textContent() ?? '').replace(/\D/g, '')
  const [first, second] = [await digitsOf('digits'), await digitsOf('second-digits')]
  assert.match(second, /^\d{8}$/)
  assert.notEqual(first, second)
  await assertFine(page, 'both pins')
  await sheet().getByRole('button', { name: 'Done' }).click()

  await page.goto(server.url + '/alerts?rules=1')
  await page.getByRole('button', { name: 'Add a rule' }).click()
  await sheet().getByText('Calls for help go only to').waitFor()
  await assertFine(page, 'a rule')

  await page.goto(server.url + '/alerts')
  await page.getByText('All is well').waitFor()
  const seen: string[] = []
  for (const digits of [first, second]) {
    await door.type(digits + '#')
    await door.until(/Open: /)
    seen.push((await door.rows()).join())
    await door.until(/Enter code/, 30_000)
  }
  assert.equal(seen[1], seen[0])
  // No page was loaded anew: it came by itself.
  const card = page.getByTestId('alarm')
  await card.getByRole('heading', { name: 'Call for help' }).waitFor()
  await card.getByText(point.name).first().waitFor()
  await assertFine(page, 'the alert')
  await page.goto(server.url + '/audit')
  await page.getByText(`The pin Night shift was accepted at ${point.name}`).nth(1).waitFor()
  assert.equal((await page.getByText('call for help at').count()), 0)

  await page.goto(server.url + '/alerts')
  await card.getByRole('button', { name: /^It is over/ }).click()
  await page.getByText('All is well').waitFor()
  await page.goto(server.url + '/audit')
  await page.getByText(`ended a call for help at ${point.name}`).waitFor()
  assert.deepEqual(errors, [])
})
