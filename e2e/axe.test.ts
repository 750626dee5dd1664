import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@oncekey/client'
import type { Browser, Page } from 'playwright-core'
import { overflow, violations } from './support/axe.ts'
import { openBrowser, openPage, sizes } from './support/browser.ts'
import { doorOf, signIn } from './support/pages.ts'
import { runServer, setUp, type Running } from './support/server.ts'

let browser: Browser
let fresh: Running
let server: Running
let client: Client

before(async () => {
  browser = await openBrowser()
  fresh = await runServer()
  server = await runServer()
  client = await setUp(server)
  const { person } = await client.people.add({ name: 'Ana Lund', email: 'ana@example.org', role: 'member', password: 'four grey harbours' })
  const places = await client.places.get()
  await client.grants.give({ personId: person.id, accessPointIds: (places.banks[0]?.accessPoints ?? []).slice(0, 3).map((one) => one.id) })
  await client.codes.issue({ accessPointId: places.banks[0]?.accessPoints[0]?.id ?? '', personId: person.id })
  await client.registration.setPolicy({ who: 'domains', domains: ['example.org', 'gym.example'] })
  await client.contact.send({ name: 'Visitor', email: 'visitor@example.org', message: 'The door squeaks.' })
})

after(async () => {
  await browser.close()
  await fresh.end()
  await server.end()
})

type Visit = { name: string, open: (page: Page) => Promise<void> }

const to = (path: string): Visit => ({ name: path, open: async (page) => { await page.goto(server.url + path) } })
const addresses: Visit[] = [
  to('/access'), to('/inbox'), to('/me'), to('/me/profile'), to('/me/security'), to('/me/history'), to('/me/notifications'), to('/me/data'), to('/me/offline'), to('/live'), to('/alerts'), to('/alerts?rules=1'), to('/people'), to('/places'), to('/places?labels='), to('/at/nowhere'), to('/audit'), to('/audit/backups'), to('/retention'), to('/insights'), to('/settings'), to('/questions'), to('/live?diagnostics=1'), to('/contact'), to('/nowhere'),
  // Their other parts are looked at where they are full: verifications-page, developers, try.
  to('/verifications'), to('/developers'), to('/developers/home-assistant'), to('/try')
]
const pages: Visit[] = [
  ...addresses,
  {
    name: 'a code on the screen',
    open: async (page) => {
      await page.goto(server.url + '/access')
      // The one that an earlier round asked for may still live; then its card offers a new one.
      await page.getByRole('button', { name: /(Get a code|New code) for A0\d$/ }).locator('visible=true').first().click()
      await page.getByTestId('code-digits').waitFor()
    }
  },
  ...['Front door', 'Bank A'].map((name) => ({
    name: `the simulated ${name}`,
    open: async (page: Page): Promise<void> => {
      const controller = (await client.places.get()).controllers.find((one) => one.name.includes(name))
      await page.goto(`${server.url}/door/${controller?.id}`)
      await doorOf(page).until(/Enter code/)
    }
  })),
  {
    name: 'a person\'s panel',
    open: async (page) => {
      await page.goto(server.url + '/people')
      await page.getByText('Ana Lund').locator('visible=true').first().click()
      await page.getByText('ana@example.org').locator('visible=true').first().waitFor()
    }
  },
  {
    name: 'a door\'s panel',
    open: async (page) => {
      await page.goto(server.url + '/live')
      await page.getByRole('main').getByRole('button', { name: /Front door/ }).locator('visible=true').first().click()
      await page.getByRole('button', { name: /Unlock/ }).locator('visible=true').first().waitFor()
    }
  }
]
const signedOut: Visit[] = [
  { name: 'the wizard', open: async (page) => { await page.goto(fresh.setupLink ?? '') } },
  {
    name: 'the wizard, from a backup, where a command is needed',
    open: async (page) => {
      await page.goto(fresh.setupLink ?? '')
      await page.getByRole('radio', { name: 'From a backup' }).check()
      await page.getByText('oncekey restore FILE').waitFor()
    }
  },
  { name: 'the wizard without its link', open: async (page) => { await page.goto(fresh.url + '/start') } },
  to('/sign-in'), to('/sign-in/code'), to('/register'), to('/recover'),
  { name: 'an invitation', open: async (page) => { await page.goto(server.url + '/invitation/' + 'x'.repeat(43)) } },
  { name: 'the API page', open: async (page) => { await page.goto(server.url + '/api') } }
]

/** Both at once: what differs between light and dark are colours, so a page is opened once for them. */
async function look (page: Page, what: string): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const violation of await violations(page)) found.push(`${what}, ${colorScheme}: ${violation}`)
    const wide = await overflow(page)
    if (wide > 0) found.push(`${what}, ${colorScheme}: ${wide} px stick out`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}

for (const size of Object.keys(sizes).map((name) => name === 'phone' ? 'phone' as const : 'desktop' as const)) {
  test(`every page, light and dark, ${sizes[size].width} px wide: no violation, nothing sticks out`, async () => {
    const { context, page, errors } = await openPage(browser, { size })
    const found: string[] = []
    const visit = async (one: Visit): Promise<void> => {
      await one.open(page)
      found.push(...await look(page, one.name))
    }
    for (const one of signedOut) await visit(one)
    await signIn(page, server.url)
    for (const one of pages) await visit(one)
    await context.close()
    assert.deepEqual(found, [])
    assert.deepEqual(errors, [])
  })
}

test('a door with a code in view, and one that says what is missing, light and dark: no violation, nothing sticks out', async () => {
  const { context, page } = await openPage(browser, { size: 'phone' })
  const { id = '' } = (await client.places.get()).controllers.find((one) => one.name.includes('Bank A')) ?? {}
  await page.goto(`${server.url}/door/${id}`)
  await page.getByRole('alert').waitFor()
  const found = await look(page, 'signed out')
  await signIn(page, server.url)
  await page.goto(server.url + '/access')
  await page.getByRole('button', { name: /(Get a code|New code) for A1\d$/ }).first().click()
  await page.getByTestId('code-digits').waitFor()
  const door = await context.newPage()
  await door.setViewportSize({ width: 320, height: 568 })
  await door.goto(`${server.url}/door/${id}`)
  await door.getByTestId('strip-digits').waitFor()
  await doorOf(door).until(/Enter code/)
  found.push(...await look(door, 'a code in view'))
  await context.close()
  assert.deepEqual(found, [])
})

test('every page fits a phone of 320 px', async () => {
  const { context, page } = await openPage(browser, { size: 'phone' })
  await page.setViewportSize({ width: 320, height: 568 })
  const found: string[] = []
  await signIn(page, server.url)
  for (const one of pages) {
    await one.open(page)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const wide = await overflow(page)
    if (wide > 0) found.push(`${one.name}: ${wide} px stick out`)
  }
  await context.close()
  assert.deepEqual(found, [])
})

/** As somebody has chosen it on the page *Me*. */
async function choose (page: Page, language: string): Promise<void> {
  await page.evaluate((tag) => { localStorage.setItem('oncekey.language', tag) }, language)
}

for (const size of ['phone', 'desktop'] as const) {
  test(`every address in Arabic, from right to left, light and dark, ${sizes[size].width} px wide: no violation, nothing sticks out`, async () => {
    const { context, page } = await openPage(browser, { size })
    await signIn(page, server.url)
    await choose(page, 'ar')
    const found: string[] = []
    for (const one of addresses) {
      await one.open(page)
      found.push(...await look(page, one.name))
      assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ['ar', 'rtl'], one.name)
    }
    await context.close()
    assert.deepEqual(found, [])
  })
}

test('every address fits a phone of 320 px in the other languages, too', async () => {
  const { context, page } = await openPage(browser, { size: 'phone' })
  await page.setViewportSize({ width: 320, height: 568 })
  await signIn(page, server.url)
  const found: string[] = []
  for (const language of ['de', 'es', 'fr', 'hi', 'ar']) {
    await choose(page, language)
    for (const one of addresses) {
      await one.open(page)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const wide = await overflow(page)
      if (wide > 0) found.push(`${language} ${one.name}: ${wide} px stick out`)
    }
  }
  await context.close()
  assert.deepEqual(found, [])
})
