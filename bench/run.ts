/**
 * `npm run bench`: what Oncekey costs, each figure beside that of a bare peer in the same run. One JSON line per figure
 * on standard output, a table on standard error. `--only=verifications` runs one part, `--page=FILE` writes the table
 * as a page, with what it was measured on.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { line, page, setting } from './page.ts'
import type { Figure } from './figures.ts'
import { accounts } from './accounts.ts'
import { redis } from './redis.ts'
import { startUp } from './start-up.ts'
import { trip } from './trip.ts'
import { verifications } from './verifications.ts'

const parts: Record<string, () => AsyncIterable<Figure>> = { 'start-up': startUp, trip, verifications, accounts, redis }
const { values } = parseArgs({ options: { only: { type: 'string' }, page: { type: 'string' } } })
const names = values.only === undefined ? Object.keys(parts) : [values.only]
const wrong = names.find((name) => parts[name] === undefined)
if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; parts are ${Object.keys(parts).join(', ')}.`)

const before = setting()
const figures: Figure[] = []
for (const name of names) {
  for await (const figure of parts[name]?.() ?? []) {
    figures.push(figure)
    console.log(JSON.stringify(figure))
    console.error(line(figure))
  }
}
if (values.page !== undefined) writeFileSync(values.page, page(figures, before, setting()))
