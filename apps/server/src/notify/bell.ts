import { createBell } from '../platform/bell.ts'
import { perHouse } from '../platform/per-house.ts'

/** Rings when something was put into the outbox, so that a mail leaves at once and not at the loop's next look. */
export const bellOf = perHouse(createBell)
