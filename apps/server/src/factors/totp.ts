import { randomBytes } from 'node:crypto'
import { otpauthUri, toBase32, verifyTotp } from '@oncekey/otp'
import type { FactorAdded, TotpForm, TotpSetup } from '@oncekey/protocol/schemas'
import { checkBudget, countGuess, type Identity } from '../challenges/identity.ts'
import type { House } from '../house.ts'
import { describeMe } from '../me/describe.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { distrustOthers, type Here } from './first.ts'
import { firstCodes } from './recovery-codes.ts'
import { tellFactor, type Owner } from './tell.ts'
import { makeTicket, openTicket, spendTicket } from './tickets.ts'

/** 160 bits, as RFC 4226 section 4 recommends. */
const SECRET_BYTES = 20
const SETUP_MS = 600_000

const bindingOf = (personId: string): string => `authenticator:${personId}`

/** A secret for an authenticator app. Nothing is kept before a code shows that the app has it. */
export async function setUpTotp (house: House, personId: string): Promise<TotpSetup> {
  const me = await describeMe(house, personId)
  const secret = randomBytes(SECRET_BYTES)
  const expiresAt = house.clock() + SETUP_MS
  const text = secret.toString('base64url')
  return {
    ticket: makeTicket(house, 'totp setup', { text, person: personId, expiresAt }), secret: toBase32(secret),
    uri: otpauthUri({ secret, issuer: me.site.name, account: me.email }), expiresAt
  }
}

/**
 * Makes the app of a set-up the person's authenticator, in place of an earlier one, when its code is right.
 * @throws Problem setupOver for a set-up that is too old, used or somebody else's
 */
export async function addTotp (trx: Trx, house: House, owner: Owner, here: Here, { ticket: sealed, code }: TotpForm): Promise<FactorAdded> {
  const ticket = openTicket(house, 'totp setup', sealed, owner.id)
  if (ticket === null) throw new Problem('setupOver')
  const now = house.clock()
  const verdict = verifyTotp({ secret: Buffer.from(ticket.text, 'base64url'), code, now, lastStep: null })
  // Its owner reads the secret on the page: there is nothing to guess, and no budget.
  if (!verdict.granted) return { granted: false, triesLeft: 5 }
  if (!await spendTicket(trx, house, ticket)) throw new Problem('setupOver')
  const ended = await distrustOthers(trx, house, owner, here)
  await trx.prepare(`INSERT INTO authenticators (person_id, secret_sealed, last_step, created_at, last_used_at) VALUES (?, ?, ?, ?, NULL)
    ON CONFLICT (person_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, last_step = excluded.last_step, created_at = excluded.created_at, last_used_at = NULL`)
    .run(owner.id, house.seal.close(ticket.text, bindingOf(owner.id)), verdict.step, now)
  await tellFactor(trx, house, owner, 'authenticator added', { ended })
  return { granted: true, recoveryCodes: await firstCodes(trx, house, owner.id) }
}

/**
 * Whether a typed code is the authenticator's, at most 20 wrong ones a day; each step lets in once (RFC 6238 section 5.2), as
 * a compare-and-set in the database: of two servers with the same code one says yes.
 * @throws Problem tooManyTries
 */
export async function checkTotp (trx: Trx, house: House, { personId, code, identity }: { personId: string, code: string, identity: Identity }): Promise<boolean> {
  await checkBudget(trx, house, identity, 'totp')
  const row = await trx.prepare('SELECT secret_sealed, last_step FROM authenticators WHERE person_id = ?').get(personId)
  const now = house.clock()
  let isRight = false
  if (row !== undefined) {
    const secret = Buffer.from(house.seal.open(String(row['secret_sealed']), bindingOf(personId)), 'base64url')
    const verdict = verifyTotp({ secret, code, now, lastStep: row['last_step'] === null ? null : Number(row['last_step']) })
    if (verdict.granted) {
      const { changes } = await trx.prepare('UPDATE authenticators SET last_step = ?, last_used_at = ? WHERE person_id = ? AND (last_step IS NULL OR last_step < ?)').run(verdict.step, now, personId, verdict.step)
      isRight = changes === 1
    }
  }
  await countGuess(trx, house, identity, 'totp', isRight)
  return isRight
}
