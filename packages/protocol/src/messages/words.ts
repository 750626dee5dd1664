/** The words and limits of all messages, in one place: parsers, types and schemas take them from here. */

export const lockStates = ['notFullyLocked', 'locked', 'unlocked', 'unknown'] as const
export const doorStates = ['open', 'closed', 'jammed', 'forcedOpen', 'ajar', 'unknown'] as const
export const clockTrusts = ['none', 'persisted', 'rtc', 'synced'] as const
export const resetReasons = ['powerOn', 'brownOut', 'watchdog', 'software', 'update', 'unknown'] as const
/** What an actuation does to a lock. */
export const lockModes = ['lock', 'unlock'] as const
/** What started an actuation (Matter OperationSource). */
export const sources = ['keypad', 'remote', 'auto', 'manual', 'offlineCode'] as const
/** Which clock is good enough for codes that work without the server. */
export const offlineClocks = ['trusted', 'persisted'] as const
export const controllerModes = ['starting', 'ready', 'lockedOut', 'offline'] as const
/** What an order that stands makes of a lock: it opens for nobody, or it stays unlocked. */
export const standings = ['held', 'lockedDown', 'evacuated'] as const
/** What a battery has left, by two bounds of the settings. */
export const batteryLevels = ['ok', 'low', 'critical'] as const
/** States of a door that are alarms: open though its bolt was locked, and open for too long. */
export const doorAlarms = ['forcedOpen', 'ajar'] as const
export const commandStatuses = ['succeeded', 'failed', 'expired'] as const
/** What may come of an image that a controller was offered; all but the first leave it with the program that it had. */
export const updateOutcomes = ['installed', 'wentBack', 'notNewer', 'tooOld', 'wrongHardware', 'notSigned', 'damaged', 'noRoom'] as const
/**
 * What becomes of a code that was asked for at the door: it went to so many; there is a live one; too many were asked for;
 * nobody is on the list; somebody has to say yes first, said no, or said nothing.
 */
export const doorCodeStatuses = ['sent', 'alreadySent', 'tooMany', 'nobody', 'waiting', 'refused', 'unanswered'] as const
export const accessPointKinds = ['door', 'compartment'] as const

/**
 * Locks of a controller are numbered 1..96 (0 = "not chosen", where a message allows it). More would not fit:
 * all their states, and all their labels, travel in one message of MAX_PAYLOAD.
 */
export const MAX_LOCK = 96
/** Longest lockout or delay that a message may carry: a day, in ms. */
export const MAX_MS = 86_400_000
/** Most that a battery may have, mV. */
export const MAX_MILLIVOLTS = 100_000
/** Counters stay within 31 bits. */
export const MAX_N = 2_147_483_647
/** Latest moment, in ms since 1970 (ECMA-262 21.4.1.1). */
export const MAX_MOMENT = 8.64e15
/** Characters of an id: of a request, of a command, of what an actuation refers to. */
export const MAX_ID = 64
/** Offline codes of a controller that have not ended, revoked ones among them: so many fit into its settings. */
export const MAX_OFFLINE = 120
/** Live pins of a controller. */
export const MAX_PINS = 16
/** Bytes of an image, at most: more than any slot of a microcontroller. */
export const MAX_IMAGE = 67_108_864
/** Characters of the address of an image. */
export const MAX_URL = 512
/** Records in one up/event, and characters in each. */
export const MAX_RECORDS = 32
export const MAX_RECORD = 1024
