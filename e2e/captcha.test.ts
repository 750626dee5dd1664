import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { overflow, violations } from './support/axe.ts'
import { openBrowser, openPage } from './support/browser.ts'
import { owner, runServer, setUp, type Running } from './support/server.ts'

let server: Running
let browser: Browser

before(async () => {
  server = await runServer()
  await setUp(server)
  browser = await openBrowser()
})
after(async () => {
  await browser.close()
  await server.end()
})

test('after many wrong passwords the page does a little work by itself, says so, and signs in', async () => {
  for (let i = 0; i < 5; i++) {
    const { status } = await fetch(server.url + '/api/v1/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login: `somebody${i}`, password: 'not the password' }) })
    assert.equal(status, 401)
  }
  const pictures = process.env['ONCEKEY_PICTURES']
  if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
  for (const size of ['phone', 'desktop'] as const) {
    for (const dark of [false, true]) {
      const { context, page, errors } = await openPage(browser, { size, dark })
      const asked: string[] = []
      const looked = Promise.withResolvers<void>()
      // Held back, so that there is time to look; the work itself is done in a moment here.
      await page.route('**/api/v1/captcha', async (route) => {
        asked.push(route.request().url())
        await looked.promise
        await route.continue()
      })
      await page.goto(server.url + '/sign-in')
      await page.getByLabel('E-mail').or(page.getByLabel('User name')).first().fill(owner.email)
      await page.getByLabel('Password').fill(owner.password)
      const before = await page.getByRole('button', { name: 'Sign in' }).boundingBox()
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('no robot').waitFor()
      await new Promise((resolve) => { setTimeout(resolve, 700) })
      assert.deepEqual(await page.locator('form button[type=submit]').boundingBox(), before, 'nothing moves')
      if (pictures !== undefined) await page.screenshot({ path: `${pictures}/captcha-${size}-${dark ? 'dark' : 'light'}.png` })
      // axe waits until a page is quiet, and this one is meant to be busy.
      await page.evaluate(() => { document.querySelector('[aria-busy="true"]')?.setAttribute('aria-busy', 'false') })
      assert.deepEqual(await violations(page), [])
      if (size === 'phone') {
        await page.setViewportSize({ width: 320, height: 568 })
        assert.equal(await overflow(page), 0)
      }
      assert.equal(await page.getByText('no robot').count(), 1)
      looked.resolve()
      await page.waitForURL((url) => url.pathname !== '/sign-in')
      assert.equal(asked.length, 1)
      // The refusal that asked for the work is no mistake of the page's; nothing else was in its way, the worker neither.
      assert.deepEqual(errors.filter((one) => !one.includes('403')), [])
      await context.close()
    }
  }
})

test('a captcha that can not be had is told as what it is', async () => {
  const { context, page } = await openPage(browser, { size: 'phone' })
  await page.route('**/api/v1/captcha', (route) => route.abort())
  await page.goto(server.url + '/sign-in')
  await page.getByLabel('E-mail').or(page.getByLabel('User name')).first().fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('keeps robots out').waitFor()
  await context.close()
})
