import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { sizes } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Waits for quiet, then runs axe in the page and names every violation with its place. */
export async function violations (page: Page): Promise<string[]> {
  // A line that arrives while axe looks is not to be judged half faded in: it is there at once, as for people who asked for less motion.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  try {
    return await found(page)
  } finally {
    await page.emulateMedia({ reducedMotion: 'no-preference' })
  }
}

async function found (page: Page): Promise<string[]> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(() => (document.querySelector('dialog:modal') ?? document).querySelector('[aria-busy="true"]') === null)
  await page.waitForTimeout(300)
  // Through the debugger, because the page's own policy forbids foreign scripts, as it should.
  if (!await page.evaluate(() => Reflect.has(window, 'axe'))) await page.evaluate(axe)
  // Every rule runs; only the lists of what it approves of, which cost as much again, are not made.
  return page.evaluate(async (tags) => {
    const run: unknown = Reflect.get(window, 'axe')
    const { violations } = await (run as { run: (root: Document, options: object) => Promise<{ violations: { id: string, help: string, nodes: { target: string[], failureSummary: string }[] }[] }> }).run(document, { runOnly: tags, resultTypes: ['violations'] })
    return violations.flatMap((one) => one.nodes.map((node) => `${one.id} (${one.help}): ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`))
  }, tags)
}

/** Nothing sticks out of the window sideways. */
export async function overflow (page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/**
 * What every page owes to people: axe finds nothing, and nothing sticks out on a phone of 320 px. With `PICTURES`, a folder, it
 * is drawn there on phone and desktop, light and dark, to be looked at. The page keeps its size.
 */
export async function assertFine (page: Page, what: string): Promise<void> {
  const size = page.viewportSize() ?? sizes.desktop
  if (process.env['PICTURES'] !== undefined) await draw(page, join(process.env['PICTURES'], what.replaceAll(/[^\w]+/g, '-')))
  await page.setViewportSize(size)
  assert.deepEqual(await violations(page), [], what)
  await page.setViewportSize({ width: 320, height: 568 })
  assert.equal(await overflow(page), 0, `${what} at 320 px`)
  await page.setViewportSize(size)
}

async function draw (page: Page, name: string): Promise<void> {
  for (const size of ['desktop', 'phone'] as const) {
    await page.setViewportSize(sizes[size])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${name}-${size}-${colorScheme}.png`, fullPage: true, animations: 'disabled' })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
