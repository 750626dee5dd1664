import { freePort } from '../../../../scripts/free-port.mjs'
import { startRedis } from '../../../../scripts/redis.mjs'

export type TestRedis = Awaited<ReturnType<typeof startRedis>> & {
  /** For ONCEKEY_REDIS_URL. */
  url: string
  /** After `kill`: at the same port, with what its folder still has. */
  again: () => Promise<TestRedis>
}

/** A Redis that listens at a port, as one beside a server does. */
export async function startTestRedis (settings: Record<string, string> = {}, at: { port: number, folder: string } | null = null): Promise<TestRedis> {
  const port = at?.port ?? await freePort()
  const own = await startRedis({ settings: { port: String(port), bind: '127.0.0.1', ...settings }, ...at === null ? {} : { folder: at.folder } })
  return { ...own, url: `redis://127.0.0.1:${port}`, again: () => startTestRedis(settings, { port, folder: own.folder }) }
}
