import type { HomeAssistantState } from '@oncekey/protocol/schemas'
import { perHouse } from '../platform/per-house.ts'

/** How this process stands with Home Assistant, for pages and diagnostics. */
export type Connection = { state: HomeAssistantState['state'], since: number | null, fault: string | null, devices: number, missed: number }
export const connectionOf = perHouse((): Connection => ({ state: 'off', since: null, fault: null, devices: 0, missed: 0 }))
