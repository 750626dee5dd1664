import type { AccessPointState } from '@oncekey/protocol/schemas'
import type { TextKey } from '../texts/texts.svelte.ts'
import type { IconName } from './icons.ts'

export type Tone = 'calm' | 'good' | 'attention' | 'alarm' | 'unknown'

/** How a measured state looks: what is worst about it first. While off line it is what was known last. */
export function appearance (state: Pick<AccessPointState, 'lockState' | 'doorState'>): { icon: IconName, text: TextKey, tone: Tone } {
  if (state.doorState === 'forcedOpen') return { icon: 'alert', text: 'state.forcedOpen', tone: 'alarm' }
  if (state.doorState === 'jammed') return { icon: 'alert', text: 'state.jammed', tone: 'alarm' }
  if (state.lockState === 'notFullyLocked') return { icon: 'alert', text: 'state.notFullyLocked', tone: 'attention' }
  if (state.doorState === 'ajar') return { icon: 'door', text: 'state.ajar', tone: 'attention' }
  if (state.doorState === 'open') return { icon: 'door', text: 'state.open', tone: 'good' }
  if (state.lockState === 'unlocked') return { icon: 'unlocked', text: 'state.unlocked', tone: 'good' }
  if (state.lockState === 'locked') return { icon: 'locked', text: 'state.locked', tone: 'calm' }
  return { icon: 'unknown', text: 'state.unknown', tone: 'unknown' }
}
