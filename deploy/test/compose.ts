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

/** The service of the Redis beside it, and whether anything but our server reaches its network. */
export function redisIn (name: string): Pick<Service, 'read_only' | 'cap_drop' | 'security_opt'> & { user: string, command: string[], healthcheck: { test: string[] }, ports?: string[], networks: string[], isInternal: boolean } {
  const { services, networks }: { services: { redis: ReturnType<typeof redisIn> }, networks: Record<string, { internal?: boolean } | null> } = parse(composeText(name))
  return { ...services.redis, isInternal: services.redis.networks.every((one) => networks[one]?.internal === true) }
}
