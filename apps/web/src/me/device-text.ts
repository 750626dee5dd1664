import { t } from '../texts/texts.svelte.ts'
import { deviceOf } from './device.ts'

/** A browser and its system in the reader's words, from what it says it is. */
export function deviceText (agent: string): string {
  const { browser, system } = deviceOf(agent)
  return browser && system ? t('agent.both', { browser, system }) : browser ?? system ?? t('agent.unknown')
}
