import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { isEverywhere } from '../platform/reachable.ts'

/**
 * Before a link is mailed that somebody is waiting for. Links are made of settings alone (`house.link`): of the public
 * address, or of the one that we listen at. Who listens everywhere and was not told where people come could only guess it, or
 * believe the request, whose `Host` is whatever its sender likes: a link with a key in it would then lead to them.
 * @throws Problem publicUrlNeeded
 */
export function checkLinksLead ({ config: { smtpUrl, publicUrl, host } }: House): void {
  if (smtpUrl !== null && publicUrl === null && isEverywhere(host)) throw new Problem('publicUrlNeeded')
}
