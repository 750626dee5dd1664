import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notesOf, type ToneName } from './index.ts'

const tones: readonly ToneName[] = ['start', 'key', 'connected', 'sent', 'granted', 'moved', 'refused']
const heard = (tone: ToneName): string => notesOf(tone).map(({ hz, ms }) => String(hz) + '/' + String(ms)).join(' ')

test('each tone has its notes', () => {
  assert.deepEqual(tones.map(heard), [
    '1200/100 1500/100 1800/100', '800/50', '1000/100 1500/100', '1500/200', '1000/200', '1000/100 0/100 1000/100 0/100 1000/100', '300/500'
  ])
})

test('no two tones sound alike', () => {
  assert.equal(new Set(tones.map(heard)).size, tones.length)
})
