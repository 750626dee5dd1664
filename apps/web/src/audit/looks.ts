import type { AuditRow } from '@oncekey/protocol/schemas'
import type { Tone } from '../ui/appearance.ts'
import type { IconName } from '../ui/icons.ts'

/** The icon of a row, and how much it wants to be seen. The sentence beside it says the same in words. */
export function looksOf ({ event, severity, details }: Pick<AuditRow, 'event' | 'severity' | 'details'>): { icon: IconName, tone: Tone } {
  if (severity === 'alarm') return { icon: 'alert', tone: 'alarm' }
  switch (event) {
    case 'access.granted': return { icon: 'check', tone: 'good' }
    case 'lock.actuated': return { icon: details['mode'] === 'lock' ? 'locked' : 'unlocked', tone: 'calm' }
    case 'verification.approved': return { icon: 'check', tone: 'calm' }
    case 'access.denied': case 'session.refused': case 'session.proofRefused': case 'verification.blocked': case 'guard.blocked': return { icon: 'close', tone: 'attention' }
    case 'controller.disconnected': return { icon: 'offline', tone: 'attention' }
    case 'access.notOpened': case 'lock.commandFailed': case 'code.deliveryFailed': case 'verification.deliveryFailed': case 'message.failed': return { icon: 'alert', tone: 'attention' }
    case 'lock.commanded': case 'keypad.cleared': return { icon: 'keypad', tone: 'calm' }
  }
  switch (event.slice(0, event.indexOf('.'))) {
    case 'code': case 'pin': return { icon: 'access', tone: 'calm' }
    case 'verification': case 'template': case 'channel': return { icon: 'inbox', tone: 'calm' }
    case 'alarm': return { icon: 'alert', tone: 'calm' }
    case 'person': case 'people': case 'grant': case 'group': case 'session': case 'apiKey': case 'testRecipient': return { icon: 'people', tone: 'calm' }
    case 'door': return { icon: 'door', tone: 'calm' }
    case 'controller': return { icon: 'keypad', tone: 'calm' }
    case 'support': case 'webhook': case 'homeAssistant': return { icon: 'inbox', tone: 'calm' }
    default: return { icon: 'places', tone: 'calm' }
  }
}
