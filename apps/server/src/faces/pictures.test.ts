import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Image } from '@oncekey/vision'
import { asJpeg, asPng, fourColours } from '../testing/photos.ts'
import { installedFaces } from '../testing/faces.ts'
import { openUnpacker, PictureError, type Unpack } from './pictures.ts'

let unpack: Unpack
let [jpeg, png]: Buffer[] = []
before(async () => {
  unpack = await openUnpacker(await installedFaces())
  jpeg = await asJpeg(fourColours(64, 48), 95)
  png = await asPng(fourColours(64, 48))
}, { timeout: 600_000 })

/** The colour of a pixel in words, as near as JPEG comes. */
function colourAt ({ width, rgb }: Image, x: number, y: number): string {
  const names: [string, number[]][] = [['red', [255, 0, 0]], ['green', [0, 255, 0]], ['blue', [0, 0, 255]], ['white', [255, 255, 255]]]
  return names.find(([, colour]) => colour.every((one, c) => Math.abs(one - rgb[(y * width + x) * 3 + c]!) < 60))?.[0] ?? 'other'
}
const corners = (image: Image): string => [[4, 4], [image.width - 5, 4], [4, image.height - 5], [image.width - 5, image.height - 5]].map(([x, y]) => colourAt(image, x!, y!)).join(' ')

/** With how a camera was held (Exif 2.3, tag 0x0112), 1 to 8. */
function turned (bytes: Buffer, orientation: number): Buffer {
  const exif = Buffer.from(`Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0${String.fromCharCode(orientation)}\0\0\0\0\0\0\0`, 'latin1')
  const segment = Buffer.alloc(4)
  segment.writeUInt16BE(0xffe1, 0)
  segment.writeUInt16BE(exif.length + 2, 2)
  return Buffer.concat([bytes.subarray(0, 2), segment, exif, bytes.subarray(2)])
}

test('a JPEG and a PNG become pixels, and what is transparent is left out', async () => {
  for (const bytes of [jpeg!, png!, await asPng(fourColours(64, 48), 0)]) {
    const image = await unpack(bytes)
    assert.deepEqual([image.width, image.height, image.rgb.length], [64, 48, 64 * 48 * 3])
  }
  assert.equal(corners(await unpack(jpeg!)), 'red green blue white')
  assert.equal(corners(await unpack(png!)), 'red green blue white')
})

test('a photo is upright, however the camera was held', async () => {
  const upright: Record<number, string> = {
    1: 'red green blue white', 2: 'green red white blue', 3: 'white blue green red', 4: 'blue white red green',
    5: 'red blue green white', 6: 'blue red white green', 7: 'white green blue red', 8: 'green white red blue'
  }
  for (const [orientation, expected] of Object.entries(upright)) {
    const image = await unpack(turned(jpeg!, Number(orientation)))
    assert.equal(corners(image), expected, `held as ${orientation}`)
    assert.deepEqual([image.width, image.height], Number(orientation) > 4 ? [48, 64] : [64, 48])
  }
})

/** An image whose header says that it is so large. */
function said (bytes: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(bytes)
  if (copy[0] === 0x89) {
    copy.writeUInt32BE(width, 16)
    copy.writeUInt32BE(height, 20)
    return copy
  }
  const at = copy.indexOf(Buffer.from([0xff, 0xc0])) < 0 ? copy.indexOf(Buffer.from([0xff, 0xc2])) : copy.indexOf(Buffer.from([0xff, 0xc0]))
  copy.writeUInt16BE(height, at + 5)
  copy.writeUInt16BE(width, at + 7)
  return copy
}

test('what is no picture, cut off, huge, tiny, animated, two files in one or in colours of a printer is refused in words, and quickly', async () => {
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(200)])
  const animated = Buffer.concat([png!.subarray(0, 33), chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])), png!.subarray(33)])
  const bad: [string, Buffer, RegExp][] = [
    ['empty', Buffer.alloc(0), /no picture/], ['text', Buffer.from('a'.repeat(500)), /no picture/], ['GIF', gif, /no picture/], ['WebP', Buffer.concat([Buffer.from('RIFF____WEBPVP8 '), Buffer.alloc(200)]), /no picture/],
    ['an animated PNG', animated, /animated/],
    ['half a JPEG', jpeg!.subarray(0, jpeg!.length >> 1), /cut off/], ['half a PNG', png!.subarray(0, png!.length >> 1), /cut off/],
    ['a JPEG with a program behind it', Buffer.concat([jpeg!, Buffer.from('PK\x03\x04 more')]), /something else behind/], ['a PNG with a program behind it', Buffer.concat([png!, Buffer.from('<script>')]), /something else behind/],
    ['a JPEG without an image', Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(120), Buffer.from([0xff, 0xd9])]), /cut off/],
    ['100 megapixels, said by a JPEG', said(jpeg!, 10_000, 10_000), /10000 x 10000 px: send one of 25 million/], ['said by a PNG', said(png!, 60_000, 60_000), /25 million/],
    ['16 px', await asPng(fourColours(16, 16)), /32 px each way/], ['a PNG of which a bit fell over', flipped(png!), /damaged/]
  ]
  for (const [what, bytes, needs] of bad) {
    const began = Date.now()
    await assert.rejects(unpack(bytes), (error: Error) => error instanceof PictureError && needs.test(error.message), what)
    assert.ok(Date.now() - began < 1000, what)
  }
  assert.equal(corners(await unpack(jpeg!)), 'red green blue white', 'and the next one is read')
})

/** One byte of its pixels is another. */
function flipped (bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const at = copy.indexOf('IDAT') + 12
  copy[at] = copy[at]! ^ 0xff
  return copy
}

test('four inks are refused', async () => {
  // Four components say CMYK to every reader (ITU-T T.872).
  const at = Math.max(jpeg!.indexOf(Buffer.from([0xff, 0xc0])), jpeg!.indexOf(Buffer.from([0xff, 0xc2])))
  const inks = Buffer.concat([jpeg!.subarray(0, at + 2), Buffer.from([0, 20]), jpeg!.subarray(at + 4, at + 9), Buffer.from([4]), jpeg!.subarray(at + 10, at + 19), Buffer.from([4, 0x11, 0]), jpeg!.subarray(at + 19)])
  await assert.rejects(unpack(inks), (error: Error) => error instanceof PictureError && /printer/.test(error.message))
})

function chunk (kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length, 0)
  head.write(kind, 4)
  return Buffer.concat([head, body, Buffer.alloc(4)])
}
