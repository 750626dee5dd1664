import type { Finding } from '@oncekey/protocol/schemas'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

/** What the server says about itself at `/health`: the same checks, under the codes of the doctor. What is looked at more closely elsewhere is left to that. */
export async function lookAtServer ({ server }: Patient): Promise<Finding[]> {
  const { url, health } = await server()
  if (health === null) return [find('server.away', { url })]
  const fails = (name: string): boolean => health.checks.some((one) => one.name === name && one.status !== 'ok')
  return [
    find('server.ok', { version: health.version, hours: Math.floor(health.uptimeSeconds / 3600) }),
    ...health.checks.flatMap((one) => one.name !== 'home assistant' ? [] : one.status === 'ok' ? [find('homeAssistant.ok')] : [find('homeAssistant.away', { fault: /\(([^)]*)\)/.exec(one.says)?.[1] ?? 'unknown' })]),
    ...fails('database') ? [find('database.readOnly')] : [],
    ...fails('record') ? [find('record.broken')] : [],
    ...fails('witness') ? [find('witness.fault')] : [],
    ...health.checks.some((one) => one.name === 'broker' && one.says.startsWith('Passes no')) ? [find('broker.stuck')] : [],
    ...health.checks.some((one) => one.name === 'tls' && one.status === 'failing') ? [find('tls.fault')] : []
  ]
}
