/** A checkpoint is signed at the latest after so many rows … */
export const EVERY_ROWS = 100
/** … or when there is something new and the last one is so old. */
export const EVERY_MS = 600_000
