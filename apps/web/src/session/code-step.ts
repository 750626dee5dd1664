import { OfflineError } from '@oncekey/client'
import type * as Step from './CodeStep.svelte'

/** Comes when a code is asked for: who only looks at the form need not load it. */
export function loadCodeStep (): Promise<typeof Step> {
  // Browsers tell a file that can not be fetched by a TypeError each in its own words.
  return import('./CodeStep.svelte').catch((cause: unknown) => { throw new OfflineError('', { cause }) })
}
