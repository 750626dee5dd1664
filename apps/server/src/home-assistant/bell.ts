import { createBell } from '../platform/bell.ts'
import { perHouse } from '../platform/per-house.ts'

/** Rings when something about Home Assistant was changed by somebody here. */
export const homeAssistantBell = perHouse(createBell)
