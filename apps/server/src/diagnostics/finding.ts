import { findings, withFacts, type Facts, type FindingCode } from '@oncekey/protocol/findings'
import type { Finding } from '@oncekey/protocol/schemas'
import { channelFault } from '../notify/channel.ts'

/** A finding with its sentences. `facts` hold no secret: they are shown to operators and printed. */
export function find (code: FindingCode, facts: Facts = {}): Finding {
  const words: { state: Finding['state'], says: string, cure?: string } = findings[code]
  return { code, state: words.state, says: withFacts(words.says, facts), cure: words.cure === undefined ? null : withFacts(words.cure, facts), facts: { ...facts } }
}

/**
 * Looks at one part. What takes longer than `ms`, or throws, becomes a finding of its own: nothing that hangs or breaks
 * holds up the look at the others.
 */
export async function look (part: string, ms: number, at: () => Promise<Finding[]>): Promise<Finding[]> {
  let late: NodeJS.Timeout | undefined
  const timeout = new Promise<Finding[]>((resolve) => {
    late = setTimeout(() => { resolve([find('check.late', { part })]) }, ms)
  })
  try {
    return await Promise.race([at().catch((error: unknown) => [find('check.failed', { part, fault: faultOf(error) })]), timeout])
  } finally {
    clearTimeout(late)
  }
}

/** What went wrong as a code: whole messages of other programs may hold addresses and passwords. */
export function faultOf (error: unknown): string {
  return channelFault(error)
}
