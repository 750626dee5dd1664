import type { KeyScope } from '@oncekey/protocol/schemas'
import type { TextKey } from '../texts/texts.svelte.ts'

/** What is wrong with a choice of scopes. The key of an old page stands in addresses, so it opens nothing else. */
export function scopesFault (scopes: readonly KeyScope[]): TextKey | null {
  if (scopes.length === 0) return 'dev.scopesNone'
  return scopes.includes('compat') && scopes.length > 1 ? 'dev.scopesApart' : null
}
