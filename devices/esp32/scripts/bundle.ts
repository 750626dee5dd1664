/**
 * Makes what the SDK's own tool takes: two modules of plain JavaScript at the level of ES2022. `host` is the packages,
 * and goes into flash as a whole when the image is made; `main` is this device.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '../../..')

export type Bundle = { name: 'host' | 'main', code: string, imports: string[] }

export async function bundles (): Promise<Bundle[]> {
  return [
    await bundle('host', join(root, 'packages/host/src/index.ts'), () => false),
    await bundle('main', join(root, 'devices/esp32/src/main.ts'), (name) => !name.startsWith('.') && !name.startsWith('/'))
  ]
}

async function bundle (name: Bundle['name'], input: string, isElsewhere: (name: string) => boolean): Promise<Bundle> {
  const build = await rolldown({ input, external: (name, from) => from !== undefined && isElsewhere(name), transform: { target: 'es2022' } })
  const { output } = await build.generate({ format: 'es', minify: true, comments: false })
  await build.close()
  return { name, code: output[0].code, imports: [...output[0].imports].sort() }
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../dist')
  await mkdir(folder, { recursive: true })
  for (const { name, code } of await bundles()) {
    await writeFile(join(folder, `${name}.js`), code)
    process.stdout.write(`devices/esp32/dist/${name}.js: ${Buffer.byteLength(code)} bytes\n`)
  }
}
