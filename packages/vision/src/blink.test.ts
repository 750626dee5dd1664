import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findBlinks, type EyesAt } from './blink.ts'

/** 20 frames a second: `-` open, `#` shut, `w` a wink, `.` no face, `s` shut to the lids alone, `m` to the model alone. */
function film (text: string, open = 0.3): EyesAt[] {
  return [...text].map((one, i) => ({
    at: i * 50, eyes: one === '.' ? null : { ratio: '#sw'.includes(one) ? open * 0.6 : open, left: '#mw'.includes(one) ? 0.9 : 0.1, right: '#m'.includes(one) ? 0.9 : 0.1 }
  }))
}
const found = (text: string, open?: number): number[][] => findBlinks(film(text, open)).map(({ from, to }) => [from / 50, to / 50])

test('a blink is shut for two frames or more, by the lids and by the model, and opens again', () => {
  assert.deepEqual(found('----------###------##---'), [[10, 12], [19, 20]])
  for (const open of [0.2, 0.45]) assert.deepEqual(found('----------###----', open), [[10, 12]], 'whoever has narrow or wide eyes')
})

test('one frame, a wink, half of the evidence and eyes that stay shut are none', () => {
  assert.deepEqual(found('----------#------'), [])
  assert.deepEqual(found('----------www----'), [])
  assert.deepEqual(found('----------sss----mmm----'), [])
  assert.deepEqual(found(`----------${'#'.repeat(20)}-----`), [])
})

test('what has not opened again, or went away shut, is none', () => {
  assert.deepEqual(found('----------###'), [])
  assert.deepEqual(found('----------###....---'), [])
})

test('before eyes were seen open nobody can say that they are shut', () => {
  assert.deepEqual(found('--##-----'), [])
  assert.deepEqual(found('.....##------'), [])
})
