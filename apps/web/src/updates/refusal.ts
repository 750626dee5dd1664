import { ProblemError } from '@oncekey/client'
import type { TextKey } from '../texts/texts.svelte.ts'

/** Why an upload was refused, in our words; null for every other error. */
export function refusalOf (error: unknown): TextKey | null {
  if (!(error instanceof ProblemError) || error.code !== 'imageRefused') return null
  return texts[error.errors[0]?.field ?? ''] ?? 'update.refused.file'
}

const texts: Record<string, TextKey | undefined> = {
  noKeys: 'update.refused.noKeys', key: 'update.refused.key', signature: 'update.refused.signature', bytes: 'update.refused.bytes'
}
