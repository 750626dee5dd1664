import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OfflineError, ProblemError } from '@oncekey/client'
import type { RestoreState } from '@oncekey/protocol/schemas'
import { bring, look } from './bring.ts'

const MB = 1024 * 1024
const file = new Blob([new Uint8Array(2.5 * MB)])

/** A server at the end of a line, which breaks as often as it is told. `isTaken`: the part arrives, and its answer does not. */
function lineTo (breaks: { part: number, isTaken: boolean }[]) {
  const state: RestoreState = { is: 'receiving', bytes: file.size, received: 0, rows: 0, of: 0, fault: null }
  const sizes: number[] = []
  const heard: (number | 'away')[] = []
  let waits = 0
  let isGivenUp = false
  return {
    sizes, heard, waits: () => waits, state,
    giveUp () { isGivenUp = true },
    order: {
      upload: 'u', file, partBytes: MB,
      verbs: {
        part: async (_upload: string, from: number, part: Blob) => {
          const broken = breaks.find((one) => one.part === sizes.length)
          sizes.push(part.size)
          if (from === state.received && broken?.isTaken !== false) state.received += part.size
          if (broken !== undefined) throw new OfflineError('gone')
          return { ...state }
        },
        state: async () => ({ ...state })
      },
      onState (now: RestoreState | null, isOffline: boolean) { heard.push(isOffline ? 'away' : now?.received ?? 0) },
      isGivenUp: () => isGivenUp,
      wait: async () => { waits++ }
    }
  }
}

test('a file travels in parts; where the line breaks it is waited for, asked what arrived, and gone on with smaller parts', async () => {
  const whole = lineTo([])
  await bring(whole.order)
  assert.deepEqual([whole.sizes, whole.heard, whole.waits()], [[MB, MB, MB / 2], [MB, 2 * MB, 2.5 * MB], 0])
  const broken = lineTo([{ part: 1, isTaken: true }, { part: 2, isTaken: false }])
  await bring(broken.order)
  assert.deepEqual(broken.sizes, [MB, MB, MB / 2, MB / 4, MB / 4])
  assert.deepEqual(broken.heard, [MB, 'away', 2 * MB, 'away', 2 * MB, 2.25 * MB, 2.5 * MB])
  assert.equal(broken.waits(), 2)
  const slow = lineTo(Array.from({ length: 9 }, (_, part) => ({ part, isTaken: false })))
  await bring(slow.order)
  assert.equal(Math.min(...slow.sizes), 64 * 1024)
})

test('what the server refuses ends it, and so does whoever gives it up', async () => {
  const line = lineTo([])
  const refusal = new ProblemError({ code: 'notFound', title: 'x', status: 404, cure: 'x' })
  await assert.rejects(bring({ ...line.order, verbs: { ...line.order.verbs, part: async () => { throw refusal } } }), refusal)
  await bring({ ...line.order, onState () { line.giveUp() } })
  assert.equal(line.sizes.length, 1)
})

test('a file says by its first line what it is', async () => {
  const head = (more: object): Blob => new Blob([JSON.stringify({ type: 'oncekey backup', version: 1, cost: 0, salt: 'x', ...more }) + '\n', new Uint8Array(900)])
  assert.deepEqual(await Promise.all([head({}), head({ cost: 65_536 }), head({ version: 2 }), head({ type: 'x' }), new Blob(['\x89PNG']), new Blob([])].map(look)), ['plain', 'sealed', 'newer', 'foreign', 'foreign', 'foreign'])
})
