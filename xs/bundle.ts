// Bundles sources for the device: one file, for an engine at the level of ES2022, so that no helper is added.
import { rolldown } from 'rolldown'

/** What a device runs, as one script without imports. */
export function script (input: string): Promise<string> {
  return minified(input, 'iife', () => false)
}

/** Bytes of a source with what it imports, minified; without what `isElsewhere`, given the name as it is imported. */
export async function bytes (input: string, isElsewhere: (name: string) => boolean = () => false): Promise<number> {
  return Buffer.byteLength(await minified(input, 'es', isElsewhere))
}

async function minified (input: string, format: 'iife' | 'es', isElsewhere: (name: string) => boolean): Promise<string> {
  const build = await rolldown({ input, external: (name, from) => from !== undefined && isElsewhere(name), transform: { target: 'es2022' } })
  const { output } = await build.generate({ format, minify: true, comments: false })
  await build.close()
  return output[0].code
}
