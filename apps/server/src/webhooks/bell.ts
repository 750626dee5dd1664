import { createBell } from '../platform/bell.ts'
import { perHouse } from '../platform/per-house.ts'

/** Rings when something was put into the outbox of webhooks, so that it leaves at once. */
export const webhookBellOf = perHouse(createBell)
