import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Service } from './container.ts'

const folder = join(import.meta.dirname, '..')
export const composeFiles: readonly string[] = globSync('compose*.yaml', { cwd: folder }).sort()

export function composeText (name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

/** The server's service, with what Compose puts in for variables that nobody set. */
export function oncekeyIn (name: string): Service & { build: { context: string, dockerfile: string }, ports: string[] } {
  const text = composeText(name).replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
  const { services }: { services: { oncekey: ReturnType<typeof oncekeyIn> } } = parse(text)
  return services.oncekey
}
