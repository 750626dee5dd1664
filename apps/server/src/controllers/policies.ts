import type { Settings } from '@oncekey/protocol/messages'
import type { Policies } from '@oncekey/protocol/schemas'

/** Doors are watched; a battery is once somebody has said what it has when it is empty; nobody at the door turns pages. */
const defaults: Policies = { forcedDoors: true, heldDoorMs: 300_000, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false }

/** What is stored, with the defaults for what is not. */
export function policiesOf (stored: unknown): Policies {
  // We wrote this text ourselves, from a form that was checked.
  return typeof stored === 'string' ? { ...defaults, ...JSON.parse(stored) as Partial<Policies> } : defaults
}

/** The part of a controller's settings that follows from its policies. */
export function policySettings ({ forcedDoors, heldDoorMs, lowMillivolts, criticalMillivolts, menu }: Policies): Pick<Settings, 'doorAlarms' | 'battery' | 'menu'> {
  return {
    ...(forcedDoors || heldDoorMs > 0) && { doorAlarms: { forced: forcedDoors, heldMs: heldDoorMs } },
    ...lowMillivolts > 0 && { battery: { lowMillivolts, criticalMillivolts } },
    ...menu && { menu }
  }
}
