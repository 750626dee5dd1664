import type { VerificationChannel } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { bellOf } from './bell.ts'
import { closeSecret, type Secret } from './sealed.ts'

export type Message = {
  person: { id: string, name: string, email: string }
  subject: string
  /** Plain text. It may name the digits of `code`; if it does not, they are added in a line of their own. */
  text: string
  /** A one-time code in it: the text is sealed until it was sent, used or has expired. `expiresAt`: ms since 1970. */
  code?: { id: string, digits: string, expiresAt: number }
  /** The text is as good as a key, e.g. an invitation: sealed, by mail only, never in the inbox. */
  secret?: boolean
  /** Mails of one thread stand together in a mail program: an id, the same for all of them. */
  thread?: string
  /** A second message with this key is not sent: what is told once is told once, however often it is asked for. */
  dedupeKey: string
}

/**
 * Sends a message to a person: always to their inbox page, and by mail when mail is set up. Part of the caller's
 * transaction: either both happened or nothing did. Mail leaves as soon as that is durable.
 */
export async function sendMessage (trx: Trx, house: House, message: Message): Promise<void> {
  const { person, subject, dedupeKey, code } = message
  const now = house.clock()
  const text = code === undefined || message.text.includes(code.digits) ? message.text : `${message.text}\n\n${code.digits}`
  const isSealed = code !== undefined || message.secret === true
  const secret: Secret = { text, digits: code?.digits ?? null, expiresAt: code?.expiresAt ?? null }
  if (message.secret !== true) {
    const id = house.newId()
    const { changes } = await trx.prepare(`INSERT INTO inbox (id, person_id, dedupe_key, code_id, subject, text, sealed, created_at, read_at, gone_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT (dedupe_key) DO NOTHING`)
      .run(id, person.id, dedupeKey, code?.id ?? null, subject, isSealed ? null : text, isSealed ? closeSecret(house.seal, 'inbox', id, secret) : null, now)
    if (changes !== 0) trx.after(() => { house.feed.publish({ kind: 'inbox' }, [person.id]) })
  }
  if (house.config.smtpUrl !== null) await post(trx, house, { channel: 'email', recipient: person.email, personId: person.id, codeId: code?.id ?? null, verificationId: null, challengeId: null, subject, text, secret: isSealed ? secret : null, dedupeKey, thread: message.thread })
}

/**
 * A message with a code to an address, whoever has it. Sealed until it was sent or its code has ended. `goesOut` false: it is
 * written like any other and stays here, so that nobody learns from the time that it takes whether an address is known.
 */
export type AddressedMessage = { channel: VerificationChannel | typeof STAYS_HERE, recipient: string, subject: string, secret: Secret, dedupeKey: string, goesOut?: boolean, turn?: Turn } & ({ verificationId: string } | { challengeId: string })

/** The place of a message among those of one code, which all have `at` for their time: from the second on they wait for their turn. `fallBackAt`: when the next one gets it; null = there is none. */
export type Turn = { position: number, at: number, fallBackAt: number | null }

/**
 * The channel of messages of the demo page. There is no way out by that name and none can be set up: whoever asked fetches
 * them from the outbox, where they stay sealed until their code ends. See demo/inbox.ts.
 */
export const STAYS_HERE = 'demo'

/** When a message is due that waits for its turn. */
export const NEVER = 8.64e15

/** Sends the code of a verification or a challenge, as part of the caller's transaction. */
export async function sendToAddress (trx: Trx, house: House, message: AddressedMessage): Promise<void> {
  await post(trx, house, { verificationId: null, challengeId: null, personId: null, codeId: null, text: message.secret.text, ...message })
}

type Posted = {
  channel: string, recipient: string, personId: string | null, codeId: string | null, verificationId: string | null, challengeId: string | null
  subject: string, text: string, secret: Secret | null, dedupeKey: string, goesOut?: boolean, turn?: Turn, thread?: string | undefined
}

/** What a notification says: title and text without anything that opens, and the page that it leads to. `until`: when it is of no use any more; `request`: what waits at a door for a yes. */
export type Notification = { person: { id: string }, title: string, body: string, path: string, dedupeKey: string, until?: number, request?: string, says?: Readonly<Record<'yes' | 'no' | 'done' | 'over', string>> }

/** Shows it in each of a person's browsers that want it, as part of the caller's transaction. It leaves as soon as that is durable. */
export async function sendPush (trx: Trx, house: House, { person, title, dedupeKey, ...more }: Notification): Promise<void> {
  const browsers = await trx.prepare('SELECT id FROM push_subscriptions WHERE person_id = ? ORDER BY id').all(person.id)
  const text = JSON.stringify(more)
  // What is of no use after a moment does not leave after it.
  const secret = more.until === undefined ? null : { text, digits: null, expiresAt: more.until }
  for (const { id } of browsers) await post(trx, house, { channel: 'push', recipient: String(id), personId: person.id, codeId: null, verificationId: null, challengeId: null, subject: title, text, secret, dedupeKey: `push:${dedupeKey}:${String(id)}` })
}

/** Puts it into the outbox. Each way out needs a dedupe key of its own, or the second one would be taken for the first. */
async function post (trx: Trx, house: House, { channel, recipient, personId, codeId, verificationId, challengeId, subject, text, secret, dedupeKey, goesOut = true, turn, thread }: Posted): Promise<void> {
  const id = house.newId()
  const { position, at: now, fallBackAt } = turn ?? { position: 0, at: house.clock(), fallBackAt: null }
  const { changes } = await trx.prepare(`INSERT INTO outbox (id, dedupe_key, channel, recipient, person_id, code_id, verification_id, challenge_id, subject, text, sealed, state, attempts, next_at, created_at, ended_at, error, position, fall_back_at, thread)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, NULL, ?, ?, ?, ?) ON CONFLICT (dedupe_key) DO NOTHING`)
    .run(id, dedupeKey, channel, recipient, personId, codeId, verificationId, challengeId, subject, secret === null ? text : null, secret === null ? null : closeSecret(house.seal, 'outbox', id, secret), goesOut ? 'waiting' : 'failed', position === 0 ? now : NEVER, now, goesOut ? null : 'withheld', position, fallBackAt, thread ?? null)
  if (changes !== 0) trx.after(() => { bellOf(house).ring() })
}

/** Mails a text to an address that need not be a person's. Only with mail set up. `secret` and `thread`: as of a message to a person. */
export async function sendMail (trx: Trx, house: House, { address, subject, text, dedupeKey, secret = false, thread }: { address: string, subject: string, text: string, dedupeKey: string, secret?: boolean, thread?: string }): Promise<void> {
  if (house.config.smtpUrl === null) return
  await post(trx, house, { channel: 'email', recipient: address, personId: null, codeId: null, verificationId: null, challengeId: null, subject, text, secret: secret ? { text, digits: null, expiresAt: null } : null, dedupeKey, thread })
}
