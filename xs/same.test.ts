import type { Effect } from '@oncekey/controller'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgets } from './budgets.ts'
import { openEngines } from './engines.ts'
import { recordLife } from './recorded.ts'
import type { Script } from './replay.ts'

const LIVES = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 1000 : 40

test('random lives go the same way on Node and on XS, to the byte, and no step costs more than it may', async (t) => {
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic('seed ' + String(seed))
  const engines = await openEngines()
  t.after(() => engines.close())
  const spent = budgets.map(() => ({ steps: 0, most: 0, sum: 0, dearest: '' }))
  let events = 0
  for (let i = 0; i < LIVES; i++) {
    const life = 'life ' + String(seed + i)
    const script = recordLife(seed + i)
    const { here, there } = await engines.play(script)
    assert.ok(script.length >= 200, life)
    assertSame(here.split('\n'), there.said.split('\n'), script, life)
    count(script, there.said.split('\n'), there.costs, life)
    events += script.length
  }
  console.log(`${LIVES} lives of ${events} events, seeds from ${seed}: identical on Node and on XS. Computrons:`)
  budgets.forEach(({ of, most }, i) => {
    const { steps, most: seen, sum } = spent[i]!
    console.log(`  ${of}: on average ${Math.round(sum / steps)}, at most ${seen} of ${most}, in ${steps} steps`)
  })
  budgets.forEach(({ of, most }, i) => {
    const { steps, most: seen, dearest } = spent[i]!
    assert.ok(steps > 0, 'no step is ' + of)
    assert.ok(seen <= most, `${of} cost ${seen} of ${most}: ${dearest}`)
  })

  function count (script: Script, lines: string[], costs: number[], life: string): void {
    script.forEach(([event], n) => {
      const effects = JSON.parse(lines[n]!) as Effect[]
      const cost = costs[n]!
      budgets.forEach(({ has }, i) => {
        const line = spent[i]!
        if (!has(event, effects)) return
        line.steps++
        line.sum += cost
        if (cost > line.most) Object.assign(line, { most: cost, dearest: `${life}, step ${n}, ${JSON.stringify(event)} -> ${lines[n]}` })
      })
    })
  }
})

function assertSame (here: string[], there: string[], script: Script, life: string): void {
  assert.equal(here.length, script.length + 1, life)
  here.forEach((line, n) => assert.equal(there[n], line, `${life}, after step ${n}: ${JSON.stringify(script[n]?.[0] ?? 'the end')}`))
  assert.equal(there.length, here.length)
}
