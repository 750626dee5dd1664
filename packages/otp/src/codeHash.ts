import { utf8 } from './bytes.ts'
import type { KeyRing } from './keyring.ts'

/** What a code is bound to. Two codes with the same digits and another binding have unrelated hashes. */
export type Binding = { readonly tenant: string, readonly purpose: string, readonly scope: string }

/** The hash under one key of a code that is typed at a reader: one indexed look-up finds it. */
export function readerHash (keys: KeyRing, keyId: string, { tenant, purpose, scope }: Binding, digits: string): string {
  return keys.hmac(keyId, `keypad\n${tenant}\n${purpose}\n${scope}\n${digits}`)
}

/** The hash under one key of a challenge's code: each sending has a hash of its own. */
export function challengeHash (keys: KeyRing, keyId: string, { tenant, purpose, scope }: Binding, generation: number, digits: string): string {
  return keys.hmac(keyId, `challenge\n${tenant}\n${purpose}\n${scope}\n${generation}\n${digits}`)
}

/**
 * RangeError unless a text can be part of a hash and of a key in any database: 1..256 characters (UTF-16), well formed,
 * no line feed (it separates the parts of the hashed text) and no U+0000 (PostgreSQL refuses it).
 */
export function checkName (what: string, text: string): void {
  if (text.length < 1 || text.length > 256) throw new RangeError(`${what} has ${text.length} characters; 1 to 256 are possible.`)
  if (text.includes('\n')) throw new RangeError(`${what} contains a line feed.`)
  checkText(what, text)
}

/** RangeError unless the caller's data is at most 4,096 bytes of well-formed text without U+0000. */
export function checkData (data: string): void {
  if (data.length > 4096 || utf8(data).length > 4096) throw new RangeError('data has more than 4,096 bytes.')
  checkText('data', data)
}

/** RangeError unless a number is a time or a span that every database keeps exactly. */
export function checkWhole (what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${what} is a whole number from ${least}, not ${value}.`)
}

function checkText (what: string, text: string): void {
  if (text.includes('\0')) throw new RangeError(`${what} contains U+0000.`)
  if (!text.isWellFormed()) throw new RangeError(`${what} is no well-formed text.`)
}
