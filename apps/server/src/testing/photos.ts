import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Image } from '@oncekey/vision'

const require = createRequire(import.meta.url)
const within = (name: string, path: string): string => join(dirname(require.resolve(`${name}/package.json`)), path)

/** Photos with several faces each, of a package that ships them for tests. */
export const samplePhoto = (i: 1 | 2 | 3 | 4 | 5 | 6): string => within('@vladmandic/face-api', `demo/sample${i}.jpg`)
export const samplePhotos: string = dirname(samplePhoto(1))

type Rgba = { width: number, height: number, data: Uint8ClampedArray }
type Encode = (image: Rgba, options?: object) => Promise<ArrayBuffer>

async function encoder (name: string, module: string, wasm: string): Promise<Encode> {
  const codec = await import(within(name, module)) as { init: (module: unknown) => Promise<unknown>, default: Encode }
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => unknown } }
  await codec.init(new WebAssembly.Module(readFileSync(within(name, wasm))))
  return codec.default
}

let encoders: Promise<{ jpeg: Encode, png: Encode }> | undefined

const encodersOf = (): Promise<{ jpeg: Encode, png: Encode }> => encoders ??= (async () => ({ jpeg: await encoder('@jsquash/jpeg', 'encode.js', 'codec/enc/mozjpeg_enc.wasm'), png: await encoder('@jsquash/png', 'encode.js', 'codec/pkg/squoosh_png_bg.wasm') }))()

function withAlpha ({ width, height, rgb }: Image, alpha = 255): Rgba {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) data.set([rgb[i * 3]!, rgb[i * 3 + 1]!, rgb[i * 3 + 2]!, alpha], i * 4)
  return { width, height, data }
}

/** As a browser sends a frame. */
export async function asJpeg (image: Image, quality = 85): Promise<Buffer> {
  return Buffer.from(await (await encodersOf()).jpeg(withAlpha(image), { quality }))
}

export async function asPng (image: Image, alpha = 255): Promise<Buffer> {
  return Buffer.from(await (await encodersOf()).png(withAlpha(image, alpha)))
}

/** A field of four colours, each in its corner: red, green above blue, white. */
export function fourColours (width: number, height: number): Image {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(y < height / 2 ? x < width / 2 ? [255, 0, 0] : [0, 255, 0] : x < width / 2 ? [0, 0, 255] : [255, 255, 255], (y * width + x) * 3)
  return { width, height, rgb }
}
