import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIMENSIONS, embed, likeness, meanOf } from './embed.ts'
import { lookAtEyes } from './eyes.ts'
import { analysePhoto, embeddingOf, faceOf, livenessOf } from './frame.ts'
import { eyesOf, findLandmarks } from './landmarks.ts'
import { hasSurroundings, seemsAlive } from './liveness.ts'
import { poseOf } from './pose.ts'
import { faultOfFace, faultOfPlace } from './quality.ts'
import { see } from './seen.ts'
import { inBox, models, picture, points } from './testing/drawn.ts'

const image = picture(640, 480, (x, y) => (x + y) % 16 < 8 ? [180, 130, 100] : [90, 70, 60])
const box = { left: 250, top: 150, width: 130, height: 180 }
const face = inBox(points(), box)
const near = (a: number, b: number, by = 0.01): boolean => Math.abs(a - b) < by

test('landmarks lie in the box that they were found in', async () => {
  const found = await findLandmarks(models(image, []).landmarks, image, box)
  assert.equal(found.length, 68)
  for (const [i, { x, y }] of found.entries()) assert.ok(near(x, face[i]!.x) && near(y, face[i]!.y))
})

test('eyes are as open as they are high by their width, and as shut as the model says', async () => {
  const { eyes } = models(image, [], { shut: 0.9 })
  const square = { left: 200, top: 100, width: 200, height: 200 }
  const look = await lookAtEyes(eyes, image, inBox(points({ open: 0.35 }), square))
  assert.ok(near(look.ratio, 0.35) && near(look.left, 0.9) && near(look.right, 0.9))
  assert.equal(eyesOf(face).left.length, 6)
})

test('a face looks where its nose is, between its eyes and its mouth, however the head is tilted', () => {
  const square = { left: 200, top: 100, width: 200, height: 200 }
  for (const [yaw, pitch] of [[0, 0], [0.3, 0], [-0.3, 0], [0, 0.2], [0, -0.2]] as const) {
    const found = poseOf(inBox(points({ yaw, pitch }), square))
    assert.ok(near(found.yaw, yaw) && near(found.pitch, pitch) && near(found.roll, 0), `${yaw} ${pitch}: ${JSON.stringify(found)}`)
  }
  const turned = inBox(points({ yaw: 0.2 }), square).map(({ x, y }) => ({ x: x * Math.cos(0.3) - y * Math.sin(0.3), y: x * Math.sin(0.3) + y * Math.cos(0.3) }))
  const found = poseOf(turned)
  assert.ok(near(found.roll, 0.3 * 180 / Math.PI) && near(found.yaw, 0.2))
})

test('an embedding has the length of one, with its mirror image too, and is like itself', async () => {
  const { embed: model, asked } = models(image, [])
  const one = await embed(model, image, face)
  const both = await embed(model, image, face, true)
  assert.equal(asked.length, 3)
  for (const some of [one, both]) assert.ok(near(Math.hypot(...some), 1, 1e-5) && some.length === DIMENSIONS)
  assert.ok(near(likeness(one, one), 1, 1e-5))
  const opposite = one.map((value) => -value)
  assert.ok(near(likeness(one, opposite), -1, 1e-5))
  assert.ok(near(likeness(meanOf([one, one, both]), one), 1, 0.5))
  assert.throws(() => meanOf([]), RangeError)
  assert.throws(() => meanOf([one, opposite]), RangeError)
})

test('a mirror image is the picture the other way round', async () => {
  const given: Float32Array[] = []
  const split = picture(640, 480, (x) => x < 315 ? [250, 0, 0] : [0, 0, 0])
  await embed(async (input) => {
    given.push(input.slice())
    return { output: new Float32Array(DIMENSIONS).fill(1) }
  }, split, face, true)
  const [plain, turned] = given
  for (const [row, column] of [[0, 3], [50, 10], [111, 100]] as const) assert.equal(turned![2 * 112 * 112 + row * 112 + column], plain![2 * 112 * 112 + row * 112 + 111 - column])
  assert.notDeepEqual(plain, turned)
})

test('how alive a face seems is asked with what is around it, as far as there is an image', async () => {
  const { liveness } = models(image, [], { alive: 0.8 })
  assert.ok(near(await seemsAlive(liveness, image, box), 0.8))
  assert.ok(hasSurroundings(image, box))
  for (const [left, top] of [[0, 150], [520, 150], [250, 0], [250, 310]] as const) assert.equal(hasSurroundings(image, { ...box, left, top }), false)
  let asked = new Float32Array()
  const bright = picture(640, 480, (x) => x > 600 ? [255, 255, 255] : [0, 0, 0])
  await seemsAlive(async (input) => {
    asked = input
    return { output: Float32Array.of(0, 0, 0) }
  }, bright, { left: 500, top: 150, width: 130, height: 170 })
  assert.ok(asked.at(-1)! > 200, 'moved into the image, its right edge with it')
})

test('a frame is refused for what is wrong with where faces are, one thing at a time', () => {
  const at = (left: number, top: number, width = 130, height = 180) => ({ box: { left, top, width, height }, score: 1 })
  assert.equal(faultOfPlace(image, []), 'noFace')
  assert.equal(faultOfPlace(image, [at(250, 150), at(450, 150)]), 'severalFaces')
  assert.equal(faultOfPlace(image, [at(250, 150), at(450, 150, 40, 50)]), null, 'somebody far behind is nobody')
  assert.equal(faultOfPlace(image, [at(250, 150, 60, 80)]), 'tooFar')
  assert.equal(faultOfPlace(image, [at(150, 50, 300, 380)]), 'tooNear')
  assert.equal(faultOfPlace(image, [at(0, 150)]), 'offCentre')
  assert.equal(faultOfPlace(image, [at(-40, 150)]), 'tooNear', 'part of the face is missing')
  assert.equal(faultOfPlace(image, [at(250, 150)]), null)
})

test('a face is refused when it is dark, bright, blurred, turned or tilted', () => {
  const ahead = { yaw: 0, pitch: 0, roll: 0 }
  const lit = (light: number, edge: number) => picture(640, 480, (x, y) => Array.from({ length: 3 }, () => (x + y) % 16 < 8 ? light : light + edge) as [number, number, number])
  assert.equal(faultOfFace(lit(120, 60), box, ahead), null)
  assert.equal(faultOfFace(lit(5, 30), box, ahead), 'tooDark')
  assert.equal(faultOfFace(lit(230, 20), box, ahead), 'tooBright')
  assert.equal(faultOfFace(lit(120, 0), box, ahead), 'blurred')
  for (const [pose, fault] of [[{ yaw: 0.3 }, 'turned'], [{ yaw: -0.3 }, 'turned'], [{ pitch: 0.3 }, 'turned'], [{ pitch: -0.3 }, 'turned'], [{ roll: 30 }, 'tilted'], [{ roll: -30 }, 'tilted']] as const) assert.equal(faultOfFace(lit(120, 60), box, { ...ahead, ...pose }), fault)
})

test('what a frame of a challenge shows: its fault, its face, and a sum that the same frame has again', async () => {
  const one = [{ box, score: 0.9 }]
  const good = await see(models(image, one), image, 7)
  assert.deepEqual([good.at, good.fault], [7, null])
  assert.ok(near(good.face!.eyes.left, 0) && near(good.face!.pose.yaw, 0) && near(good.face!.box.width, 130))
  for (const [c, value] of good.face!.skin.entries()) assert.ok(value > [90, 70, 60][c]! && value < [180, 130, 100][c]!)
  assert.equal((await see(models(image, one), image, 8)).sum, good.sum)
  const other = picture(640, 480, (x, y) => (x + y) % 16 < 8 ? [180, 130, 100] : [90, 70, 61])
  assert.notEqual((await see(models(other, one), other, 8)).sum, good.sum)
  assert.deepEqual([await see(models(image, []), image, 1)].map(({ fault, face }) => [fault, face]), [['noFace', null]])
  const two = await see(models(image, [...one, { box: { ...box, left: 450 }, score: 0.8 }]), image, 1)
  assert.deepEqual([two.fault, two.face], ['severalFaces', null])
  const far = await see(models(image, [{ box: { left: 300, top: 200, width: 50, height: 70 }, score: 0.9 }]), image, 1)
  assert.equal(far.fault, 'tooFar')
  assert.ok(far.face)
})

test('a face that was seen a moment ago is followed and not looked for', async () => {
  const before = await see(models(image, [{ box, score: 0.9 }]), image, 1)
  const moved = models(image, [], { face: points().map(({ x, y }) => ({ x: x + 0.1, y: y + 0.05 })) })
  const next = await see(moved, image, 2, before.face)
  assert.equal(moved.asked.includes('detect'), false)
  assert.ok(near(next.face!.box.left, box.left + 13) && near(next.face!.box.top, box.top + 9))
})

test('skin beyond the edge of the image has no colour', async () => {
  const face = points().map(({ x, y }) => ({ x: x - 9, y }))
  assert.deepEqual((await see(models(image, [{ box, score: 0.9 }], { face }), image, 1)).face?.skin, [0, 0, 0])
})

test('of a photo the face that is meant is taken: the largest, or the one nearest to a point', async () => {
  const small = { left: 50, top: 50, width: 90, height: 110 }
  const both = models(image, [{ box: small, score: 0.99 }, { box, score: 0.9 }])
  assert.deepEqual((await analysePhoto(both, image)).map(({ box: { width } }) => Math.round(width)), [130, 90])
  assert.ok(near((await faceOf(both, image, null))!.box.width, 130))
  assert.ok(near((await faceOf(both, image, { x: 60, y: 90 }))!.box.width, 90))
  assert.equal(await faceOf(models(image, []), image, null), null)
  const found = await faceOf(both, image, null)
  assert.equal((await embeddingOf(both, image, found!)).length, DIMENSIONS)
  assert.ok(near(await livenessOf(both, image, found!), 1))
})
