import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detect } from './detect.ts'
import { detecting, picture } from './testing/drawn.ts'

const box = (left: number, top: number, width = 100, height = 120) => ({ left, top, width, height })
const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01

test('faces are found where they are, the surest first, in images of any proportion', async () => {
  for (const [width, height] of [[640, 480], [900, 300], [300, 900]] as const) {
    const image = picture(width, height, () => [1, 2, 3])
    const found = await detect(detecting(image, [{ box: box(10, 20), score: 0.7 }, { box: box(150, 150), score: 0.9 }]), image)
    assert.deepEqual(found.map(({ score }) => Math.round(score * 10)), [9, 7])
    const [first, second] = found
    assert.ok(near(first!.box.left, 150) && near(first!.box.top, 150) && near(first!.box.width, 100) && near(first!.box.height, 120))
    assert.ok(near(second!.box.left, 10) && near(second!.box.top, 20))
  }
})

test('what is unsure is no face, and the same one twice is one', async () => {
  const image = picture(640, 480, () => [0, 0, 0])
  const found = await detect(detecting(image, [{ box: box(100, 100), score: 0.99 }, { box: box(110, 105), score: 0.95 }, { box: box(300, 100), score: 0.64 }, { box: box(180, 100), score: 0.8 }]), image)
  assert.deepEqual(found.map(({ box: { left } }) => Math.round(left)), [100, 180], 'the second is the first; the last shares little with it')
})

test('the model is given the whole image in its frame, and one with other outputs is refused', async () => {
  const image = picture(320, 240, (x) => [x < 160 ? 0 : 254, 127, 127])
  let shape: readonly number[] = []
  await detect(async (input, given) => {
    shape = given
    assert.ok(near(input[0]!, -127 / 128) && near(input[319]!, 127 / 128))
    return { boxes: new Float32Array(4420 * 4), scores: new Float32Array(4420 * 2) }
  }, image)
  assert.deepEqual(shape, [1, 3, 240, 320])
  await assert.rejects(detect(async () => ({ boxes: new Float32Array(4), other: new Float32Array(2) }), image), /no output "boxes" of 17680 values: boxes 4, other 2/)
  await assert.rejects(detect(async () => ({}), image), /no output "boxes"/)
})
