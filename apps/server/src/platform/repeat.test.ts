import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from './log.ts'
import { repeat } from './repeat.ts'

test('again and again, also after a failure, one turn at a time, until it is stopped', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const logged: string[] = []
  let turns = 0
  let finish: () => void = () => {}
  const settled = async (): Promise<void> => { for (let i = 0; i < 5; i++) await Promise.resolve() }
  const loop = repeat(1000, async () => {
    turns++
    if (turns === 2) throw new Error('not today')
    if (turns === 3) await new Promise<void>((resolve) => { finish = resolve })
  }, createLog((line) => { logged.push(line) }))
  t.mock.timers.tick(999)
  assert.equal(turns, 0)
  for (const expected of [1, 2, 3]) {
    t.mock.timers.tick(1000)
    await settled()
    assert.equal(turns, expected)
  }
  assert.match(logged.join(), /not today/)
  t.mock.timers.tick(5000)
  assert.equal(turns, 3)
  let isStopped = false
  const stopped = loop.stop().then(() => { isStopped = true })
  await settled()
  assert.equal(isStopped, false)
  finish()
  await stopped
  t.mock.timers.tick(5000)
  assert.equal(turns, 3)
})
