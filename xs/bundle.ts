// Bundles sources for the device: one script without imports.
import { rolldown } from 'rolldown'

/** `minify`: as a device gets it. The target is never below the engine's own level, so no helper is added. */
export async function bundle (input: string, minify: boolean): Promise<string> {
  const build = await rolldown({ input, logLevel: 'warn', treeshake: true, transform: { target: 'es2022' } })
  const { output } = await build.generate({ format: 'iife', minify, comments: false })
  await build.close()
  return output[0].code
}
