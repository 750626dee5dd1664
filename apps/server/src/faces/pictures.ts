import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { imageOf, type Image } from '@oncekey/vision'

/** A picture that can not be used, and what would be right. */
export class PictureError extends Error {}

export type Unpack = (bytes: Uint8Array) => Promise<Image>

/** More is no photo for a face, and would be a gigabyte of pixels. */
const MOST_PIXELS = 25_000_000
const LEAST_SIDE = 32

/** Of every engine, and in no list of types for Node without a browser's. */
declare const WebAssembly: { Module: new (bytes: Uint8Array) => object }

type Pixels = { width: number, height: number, data: Uint8ClampedArray }

/**
 * What turns the bytes of a JPEG or PNG into pixels, upright. Sizes are read before anything is unpacked.
 * @throws PictureError for anything else, for what is cut off, too large or in colours of a printer
 */
export async function openUnpacker (folder: string): Promise<Unpack> {
  const load = async (kind: 'jpeg' | 'png', wasm: string): Promise<(bytes: Uint8Array) => Promise<Pixels>> => {
    const codec = await import(pathToFileURL(join(folder, kind, 'decode.js')).href) as { init: (module: object) => Promise<unknown>, default: (bytes: Uint8Array, options?: object) => Promise<Pixels> }
    await codec.init(new WebAssembly.Module(readFileSync(join(folder, kind, wasm))))
    return (bytes) => codec.default(bytes, kind === 'jpeg' ? { preserveOrientation: true } : {})
  }
  const unpackers = { jpeg: await load('jpeg', 'codec/dec/mozjpeg_dec.wasm'), png: await load('png', 'codec/pkg/squoosh_png_bg.wasm') }
  return async (bytes) => {
    const { kind, width, height } = headOf(bytes)
    if (width * height > MOST_PIXELS) throw new PictureError(`The picture has ${width} x ${height} px: send one of ${MOST_PIXELS / 1e6} million px at most.`)
    if (Math.min(width, height) < LEAST_SIDE) throw new PictureError(`The picture has ${width} x ${height} px: send one of ${LEAST_SIDE} px each way at least.`)
    let pixels: Pixels
    try {
      pixels = await unpackers[kind](bytes)
    } catch (cause) {
      throw new PictureError('The picture is damaged: send it again, or another one.', { cause })
    }
    return imageOf(pixels.width, pixels.height, withoutAlpha(pixels.data))
  }
}

function withoutAlpha (rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0
    rgb[to + 1] = rgba[from + 1] ?? 0
    rgb[to + 2] = rgba[from + 2] ?? 0
  }
  return rgb
}

/** "acTL", and how far in it is looked for. */
const ANIMATION = 0x6163544c
const MOST_BEFORE_PIXELS = 65_536

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** What it is, and how large. @throws PictureError */
function headOf (bytes: Uint8Array): { kind: 'jpeg' | 'png', width: number, height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length > 45 && PNG.every((one, i) => bytes[i] === one)) {
    if (view.getUint32(bytes.length - 8) !== 0x49454e44) throw cutOff()
    // Before its first pixels an animated one says so (PNG, third edition, 11.3.6).
    for (let at = 8; at + 8 < bytes.length && at < MOST_BEFORE_PIXELS; at += 12 + view.getUint32(at)) if (view.getUint32(at + 4) === ANIMATION) throw new PictureError('That is an animated picture: send one that stands still.')
    return { kind: 'png', width: view.getUint32(16), height: view.getUint32(20) }
  }
  if (bytes.length < 100 || bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new PictureError('That is no picture that can be read: send a JPEG or a PNG.')
  // The last marker is the end of the image; cameras may add some bytes, nobody adds a second file to a photo.
  if (bytes[bytes.length - 2] !== 0xff || bytes[bytes.length - 1] !== 0xd9) throw cutOff()
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) throw cutOff()
    const marker = bytes[at + 1] ?? 0
    // Start of a frame, of any kind but tables (ITU-T T.81, table B.1).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (bytes[at + 9] === 4) throw new PictureError('The picture is in colours of a printer (CMYK): save it as an RGB JPEG.')
      return { kind: 'jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  throw cutOff()
}

function cutOff (): PictureError {
  return new PictureError('The picture is cut off or has something else behind it: send it again.')
}
