import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { owner } from './server.ts'

/** Fills the one form of the first run, without pressing Start. */
export async function fillWizard (page: Page): Promise<void> {
  await page.getByLabel('Your name').fill(owner.name)
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByLabel('Name of the site').fill('Harbour Hall')
}

/** Signs in by the form, as the owner unless somebody else is named. */
export async function signIn (page: Page, url: string, who: { email: string, password: string } = owner): Promise<void> {
  await page.goto(url + '/sign-in')
  await page.locator('input[autocomplete~="username"]').fill(who.email)
  await page.locator('input[type="password"]').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((where) => !where.pathname.endsWith('/sign-in'))
}

/** A door without a network takes only what it has computed ahead: 212 codes with a pause of 20 ms each, and some for those who wait. */
export const OFFLINE_PAUSES = 300

/** The simulated door of a page. `computes` waits until it can check offline codes. */
export function doorOf (page: Page): { root: Locator, rows: () => Promise<string[]>, until: (what: RegExp, ms?: number) => Promise<void>, type: (keys: string) => Promise<void>, computes: () => Promise<void>, lock: (lock: number) => Locator } {
  const root = page.getByTestId('door')
  const rows = async (): Promise<string[]> => Promise.all([1, 2].map(async (row) => (await root.getByTestId(`lcd-row-${row}`).textContent()) ?? ''))
  return {
    root,
    rows,
    async until (what, ms = 15_000) {
      const ends = Date.now() + ms
      let shown: string[] = []
      while (Date.now() < ends) {
        shown = await rows().catch(() => [])
        if (what.test(shown.join('|'))) return
        await page.waitForTimeout(50)
      }
      assert.fail(`The display shows "${shown.join('" / "')}" after ${ms} ms; ${what} was expected.`)
    },
    async type (keys) {
      for (const key of keys) await root.locator(`[data-key="${key}"]`).click()
    },
    // Counted by the page's own pauses, so that a page which gets little of a busy machine has longer.
    computes: () => page.evaluate(async (pauses) => {
      for (let i = 0; i < pauses; i++) await new Promise((resolve) => { setTimeout(resolve, 20) })
    }, OFFLINE_PAUSES),
    lock: (lock) => root.getByTestId(`lock-${lock}`)
  }
}
