import type { Finding, Hardening } from '@oncekey/protocol/schemas'
import { knows, type TextKey, type t } from '../texts/texts.svelte.ts'
import type { IconName } from '../ui/icons.ts'

/** How a state looks: icon, word and colour, never colour alone. */
export const looks: Readonly<Record<Finding['state'], { icon: IconName, text: TextKey }>> = {
  ok: { icon: 'check', text: 'diagnostics.stateOk' }, warn: { icon: 'help', text: 'diagnostics.stateWarn' }, bad: { icon: 'alert', text: 'diagnostics.stateBad' }
}

/** A finding's sentences in the reader's language; the server's own for a code that is newer than this page. */
export function sentences ({ code, says, cure, facts }: Pick<Finding, 'says' | 'cure' | 'facts'> & { code: Finding['code'] | Hardening['advice'][number]['code'] }, text: typeof t): { says: string, cure: string | null } {
  const [finding, remedy] = [`finding.${code}`, `cure.${code}`]
  return { says: knows(finding) ? text(finding, facts) : says, cure: knows(remedy) ? text(remedy, facts) : cure }
}
