/** All times that the program keeps, in milliseconds. */

/** A half-typed entry is forgotten after this. */
export const ENTRY_MS = 30_000
/** After this the display says that the answer takes longer; the question stays open. */
export const STILL_MS = 1500
/** After this the question is closed; what answers it later is ignored. */
export const QUESTION_MS = 5000
/** How long a text stays that says what happened. */
export const NOTICE_MS = 3000
export const OPEN_NOTICE_MS = 5000
export const STARTING_MS = 2000
/** The contact must agree within this after a move. */
export const BOLT_MS = 800
/** Moves are counted over this, at most `MOVES` a lock: a motor gets hot, and something is wrong. */
export const MOVES_MS = 60_000
export const MOVES = 6
/** A relock that got stuck is tried again after this, twice it, four times it, up to an hour. */
export const BACK_OFF_MS = 60_000
export const LONGEST_BACK_OFF_MS = 3_600_000
/** How often the rest of a lockout is made durable: a power cut gives at most this much of it again. */
export const LOCKOUT_SAVE_MS = 10_000
/** An acknowledgement of records that takes longer than this was lost. */
export const RESEND_MS = 30_000
/** Wrong offline codes are forgotten after a day without another; so many of them let the keypad rest for it. */
export const QUIET_MS = 86_400_000
export const MISSES = 84
export const LONGEST_LOCKOUT_MS = 3_600_000
/** The pause between two codes that are computed ahead. */
export const IDLE_MS = 20
/** A new program that was not welcomed by then, ms since boot, gives way to the old one. */
export const TRIAL_MS = 120_000
/** A page of how the box stands goes by itself after this. */
export const MENU_MS = 15_000
/** A hello that nobody answers is said again after this, twice it, four times it, up to the longest; and up to half as long again. */
export const HELLO_MS = 10_000
export const LONGEST_HELLO_MS = 300_000
export const HEALTH_MS = 60_000
/** How often the server is asked for the time; a crystal drifts 12 ms meanwhile. */
export const TIME_MS = 600_000
/** A time answer that took longer says too little. */
export const TIME_ANSWER_MS = 5000
