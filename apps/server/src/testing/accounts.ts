import type { ChallengeStarted, CodeVerdict } from '@oncekey/protocol/schemas'
import { hashPassword } from '../people/passwords.ts'
import { openSecret } from '../notify/sealed.ts'
import { solvedCaptcha } from './captcha.ts'
import { openWorld, type World } from './world.ts'

export const PASSWORD = 'quiet river stones'

type Answer<Body> = { status: number, body: Body, cookie: string | null, /** The mark of a known browser. */ device: string | null, text: string, retryAfter: string | undefined, code: string | undefined }
type More = { address?: string, cookies?: Record<string, string>, headers?: Record<string, string> }
type Letter = { subject: string, text: string, digits: string, state: string, error: string | null }

/** The small gym, everybody with the same password, and mail that waits in the outbox where a test can read it. */
export type Accounts = {
  world: World
  /** A request of somebody who is not signed in, each from an address of its own unless told. */
  post: <Body>(url: string, body: object, more?: More) => Promise<Answer<Body>>
  start: (url: 'registrations' | 'sign-in-codes' | 'recoveries' | 'challenges/resend', body: object, more?: More) => Promise<Answer<ChallengeStarted>>
  confirm: (url: 'registrations/confirm' | 'sessions/by-code' | 'recoveries/confirm', body: object, more?: More) => Promise<Answer<CodeVerdict>>
  /** What was written for a challenge, newest first; a letter that does not go out is `failed`, `withheld`. */
  letters: (challenge: string) => Promise<Letter[]>
  digits: (challenge: string) => Promise<string>
  /** The newest mail to an address with a link to choose a password, and what that link ends with. */
  letter: (address: string) => Promise<string>
  invitation: (address: string) => Promise<string>
  /** A solved captcha, as a request carries it. */
  solved: () => { headers: Record<string, string> }
}

let kept: Promise<string> | null = null

/** @param env further settings @param now where the clock begins */
export async function openAccounts (env: Record<string, string> = {}, options: { now?: number } = {}): Promise<Accounts> {
  const world = await openWorld({ ...options, env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example', ...env } })
  // One hash for all of them: hashing anew for each test would only take time.
  kept ??= hashPassword(PASSWORD)
  const password_hash = await kept
  await world.house.db.write((trx) => trx.sql.updateTable('people').set({ password_hash }).execute())
  let visitors = 0
  const post: Accounts['post'] = async (url, body, { address, cookies = {}, headers = {} } = {}) => {
    visitors++
    const answer = await world.house.app.inject({ method: 'POST', url: '/api/v1/' + url, payload: body, cookies, headers, remoteAddress: address ?? `10.${visitors >> 16}.${(visitors >> 8) & 255}.${visitors & 255}` })
    const json = answer.body === '' ? null : answer.json()
    const wait = answer.headers['retry-after']
    return { status: answer.statusCode, body: json, text: answer.body, cookie: answer.cookies.find((one) => one.name === 'oncekey')?.value ?? null, device: answer.cookies.find((one) => one.name === 'oncekey-browser')?.value ?? null, retryAfter: typeof wait === 'string' ? wait : undefined, code: json?.code }
  }
  const letters: Accounts['letters'] = async (challenge) => (await world.house.rows('SELECT id, subject, sealed, state, error FROM outbox WHERE challenge_id = ? ORDER BY created_at DESC, id DESC', challenge)).map((row) => {
    const secret = row['sealed'] === null ? { text: '', digits: '' } : openSecret(world.house.seal, 'outbox', String(row['id']), String(row['sealed']))
    return { subject: String(row['subject']), text: secret.text, digits: secret.digits ?? '', state: String(row['state']), error: row['error'] === null ? null : String(row['error']) }
  })
  const letter: Accounts['letter'] = async (address) => {
    const [row] = await world.house.rows("SELECT id, sealed FROM outbox WHERE recipient = ? AND dedupe_key LIKE 'invitation:%' ORDER BY created_at DESC, id DESC LIMIT 1", address)
    return row === undefined ? '' : openSecret(world.house.seal, 'outbox', String(row['id']), String(row['sealed'])).text
  }
  const invitation: Accounts['invitation'] = async (address) => /invitation\/([\w-]{43})/.exec(await letter(address))?.[1] ?? ''
  return { world, post, start: post, letter, invitation, confirm: post, letters, digits: async (challenge) => (await letters(challenge))[0]?.digits ?? '', solved: () => ({ headers: solvedCaptcha(world.house) }) }
}
