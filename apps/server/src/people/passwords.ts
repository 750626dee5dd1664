import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import type { InLanguages } from '../platform/language.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import type { House } from '../house.ts'
import { isBreached } from './breached.ts'
import { isCommon } from './common-passwords.ts'

/**
 * Passwords are kept as argon2id in the PHC string format, 19 MiB, two passes, one lane (OWASP's first choice).
 * Never truncated, no rules of composition, any characters; Unicode in its composed form (NFC), so that a password
 * typed on another keyboard is the same one.
 */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const HASH_BYTES = 32

/** Each hash takes memory and a thread of the pool for tens of milliseconds: the rest of the server needs some, too. */
const MOST_AT_ONCE = 2
const LONGEST_QUEUE = 64

const derive = promisify(argon2)
const waiting: (() => void)[] = []
let running = 0

/**
 * For a password that somebody has just chosen: refuses the site's name, and one that is in the operator's list of breached
 * ones, if there is any.
 * @returns the PHC string to keep
 * @throws Problem badRequest on the field `password`; busy when too many wait already
 */
export async function hashNewPassword (house: House, password: string): Promise<string> {
  const site = await house.db.read.selectFrom('sites').select('name').orderBy('created_at').limit(1).executeTakeFirst()
  if (site !== undefined && lettersOf(site.name.toLowerCase()) === lettersOf(password.normalize('NFC').toLowerCase()) && lettersOf(password) !== '') refuse(inAll((needs) => needs.passwordIsSite))
  const { breachedPasswords } = house.config
  if (breachedPasswords !== null && await isBreached(breachedPasswords, password)) refuse(inAll((needs) => needs.passwordBreached))
  return hashPassword(password)
}

/** @returns the PHC string to keep @throws Problem busy when too many wait already */
export async function hashPassword (password: string): Promise<string> {
  const nonce = randomBytes(16)
  const hash = await inTurn({ message: password.normalize('NFC'), nonce, memory: MEMORY_KIB, passes: PASSES, parallelism: LANES, tagLength: HASH_BYTES })
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(nonce)}$${base64(hash)}`
}

/**
 * Whether this is the password. Without a kept hash it works as long and says no, so that an unknown name takes
 * the same time as a wrong password.
 */
export async function isPassword (password: string, kept: string | null): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(kept ?? NOBODYS)
  if (parts === null) throw new Error('A kept password hash can not be read.')
  const [, memory, passes, lanes, nonce = '', hash = ''] = parts
  const wanted = Buffer.from(hash, 'base64')
  const given = await inTurn({
    message: password.normalize('NFC'), nonce: Buffer.from(nonce, 'base64'), memory: Number(memory), passes: Number(passes), parallelism: Number(lanes), tagLength: wanted.length
  })
  return timingSafeEqual(given, wanted) && kept !== null
}

/** Nobody's password: same cost, fits nothing. */
const NOBODYS = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(randomBytes(16))}$${base64(randomBytes(HASH_BYTES))}`

/**
 * Refuses passwords that are guessed first: common ones, one sign over and over, rows like 12345678, and the
 * person's own name or address, or this program's, also with digits and signs put on.
 * @throws Problem badRequest on the field `password`
 */
export function checkPassword (password: string, person: { name: string, email: string }): void {
  const plain = password.normalize('NFC').toLowerCase()
  const own = [person.name, person.email, person.email.split('@')[0] ?? ''].map((one) => one.normalize('NFC').trim().toLowerCase())
  if (isOneSign(plain) || isRow(plain) || isCommon(plain)) refuse(inAll((needs) => needs.passwordCommon))
  // Also with a year or a sign put on: that is the next thing which is tried.
  if (own.includes(plain) || [...own, 'oncekey'].some((word) => word !== '' && lettersOf(word) === lettersOf(plain) && lettersOf(plain) !== '')) {
    refuse(inAll((needs) => needs.passwordIsOwn))
  }
}

/** Without digits, blanks and signs: `Ana-2026!` is `ana`. */
function lettersOf (text: string): string {
  return text.replaceAll(/[^\p{L}]/gu, '')
}

function refuse (needs: InLanguages): never {
  throw new Problem('badRequest', { errors: [{ field: 'password', needs }] })
}

function isOneSign (text: string): boolean {
  return new Set(text).size < 3
}

/** 23456789, hgfedcba and the like. */
function isRow (text: string): boolean {
  const signs = [...text].map((sign) => sign.codePointAt(0) ?? 0)
  const steps = new Set(signs.slice(1).map((sign, i) => sign - (signs[i] ?? 0)))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

async function inTurn (parameters: Argon2Parameters): Promise<Buffer> {
  if (running >= MOST_AT_ONCE) {
    if (waiting.length >= LONGEST_QUEUE) throw new Problem('busy', { retryAfterSeconds: 2 })
    await new Promise<void>((resolve) => { waiting.push(resolve) })
  } else running++
  try {
    return await derive('argon2id', parameters)
  } finally {
    // The place goes on to the one who waits longest; only with nobody waiting it becomes free.
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

function base64 (bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
