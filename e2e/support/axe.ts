import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Waits for quiet, then runs axe in the page and names every violation with its place. */
export async function violations (page: Page): Promise<string[]> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(() => (document.querySelector('dialog:modal') ?? document).querySelector('[aria-busy="true"]') === null)
  await page.waitForTimeout(300)
  // Through the debugger, because the page's own policy forbids foreign scripts, as it should.
  await page.evaluate(axe)
  return page.evaluate(async (tags) => {
    const run: unknown = Reflect.get(window, 'axe')
    const { violations } = await (run as { run: (root: Document, options: object) => Promise<{ violations: { id: string, help: string, nodes: { target: string[], failureSummary: string }[] }[] }> }).run(document, { runOnly: tags })
    return violations.flatMap((one) => one.nodes.map((node) => `${one.id} (${one.help}): ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`))
  }, tags)
}

/** Nothing sticks out of the window sideways. */
export async function overflow (page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
