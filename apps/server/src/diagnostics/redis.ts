import type { Finding } from '@oncekey/protocol/schemas'
import { faultOf, find } from './finding.ts'
import type { Patient } from './patient.ts'

/** Whether the Redis of the settings answers, and keeps what it is told. */
export async function lookAtRedis ({ config, patienceMs }: Patient): Promise<Finding[]> {
  if (config.redisUrl === null) return []
  const { lookIntoRedis } = await import('../platform/redis.ts')
  try {
    const { version, policy, appendOnly, evicted } = await lookIntoRedis(config.redisUrl, Math.round(patienceMs / 2))
    const faults = [
      ...policy === 'noeviction' ? [] : [find('redis.evicts', { policy })],
      ...evicted === 0 ? [] : [find('redis.evicted', { count: evicted })],
      ...appendOnly ? [] : [find('redis.forgets')]
    ]
    return faults.length > 0 ? faults : [find('redis.ok', { version })]
  } catch (error) {
    return [find('redis.away', { fault: faultOf(error) })]
  }
}
