import type { HealthReport } from '@oncekey/protocol/schemas'
import type { Config } from '../config.ts'
import { ownAddress } from './own-address.ts'

/** What the server of these settings says at `/health`; null when none of ours answers. It is served without TLS, too, and says nothing that is not for everybody. */
export async function askServer (config: Config, ms: number): Promise<{ url: string, health: HealthReport | null }> {
  const host = ownAddress(config.host)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${config.port}`
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ms), redirect: 'manual' })
    const health: unknown = await answer.json()
    // Something else may have the port: then no server of ours answers there.
    return { url, health: isReport(health) ? health : null }
  } catch {
    return { url, health: null }
  }
}

function isReport (health: unknown): health is HealthReport {
  return typeof health === 'object' && health !== null && 'checks' in health && Array.isArray(health.checks) && 'version' in health && 'uptimeSeconds' in health
}
