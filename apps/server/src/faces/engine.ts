import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Model, Models } from '@oncekey/vision'

/** As much of onnxruntime-web as is used. */
type Engine = {
  env: { wasm: { numThreads: number, wasmBinary?: Uint8Array } }
  Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => { data: Float32Array }
  InferenceSession: { create: (model: Uint8Array) => Promise<Session> }
}
type Session = { inputNames: readonly string[], run: (feeds: Record<string, { data: Float32Array }>) => Promise<Record<string, { data: Float32Array }>> }

/** Loads the models of a pack. In whichever thread calls: a few hundred milliseconds and about 150 MB. */
export async function openModels (folder: string, pack = 'default'): Promise<Models> {
  const engine = await import(pathToFileURL(join(folder, 'engine/ort.wasm.min.mjs')).href) as Engine
  // A core for each worker: two frames at once are quicker than one on two.
  engine.env.wasm.numThreads = 1
  engine.env.wasm.wasmBinary = readFileSync(join(folder, 'engine/ort-wasm-simd-threaded.wasm'))
  const open = async (name: string): Promise<Model> => {
    const session = await engine.InferenceSession.create(readFileSync(join(folder, pack, `${name}.onnx`)))
    const [input = 'input'] = session.inputNames
    return async (planes, shape) => Object.fromEntries(Object.entries(await session.run({ [input]: new engine.Tensor('float32', planes, shape) })).map(([output, { data }]) => [output, data]))
  }
  return { detect: await open('detect'), landmarks: await open('landmarks'), embed: await open('embed'), liveness: await open('liveness'), eyes: await open('eyes') }
}
