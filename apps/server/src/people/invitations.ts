import type { House } from '../house.ts'
import { checkLinksLead } from '../notify/links.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkPassword, hashNewPassword } from './passwords.ts'
import { enter, type Entered, type Visitor } from '../sessions/enter.ts'
import { newToken, tokenHash } from '../sessions/tokens.ts'

/** An invitation is good for a week. */
export const INVITATION_MS = 7 * 86_400_000

/**
 * Invites a person without a password: mails them the link and gives its path, once. Only its hash is kept.
 * @throws Problem publicUrlNeeded
 */
export async function invite (trx: Trx, house: House, order: { person: { id: string, name: string, email: string }, siteName: string }): Promise<string> {
  checkLinksLead(house)
  const { token, hash } = newToken()
  const path = '/invitation/' + token
  const expiresAt = house.clock() + INVITATION_MS
  await trx.sql.deleteFrom('invitations').where('person_id', '=', order.person.id).execute()
  await trx.sql.insertInto('invitations').values({ token_hash: hash, person_id: order.person.id, expires_at: expiresAt }).execute()
  const { person, siteName: site } = order
  const link = house.link(path)
  await writeTo(trx, house, {
    person, letter: (letters) => letters.invitation({ name: person.name, site, link }),
    // The link is as good as a password until it is used, and no use in an inbox that it is the way into.
    secret: true, dedupeKey: `invitation:${hash}`
  })
  return path
}

/**
 * Takes an invitation up: sets the password and signs the person in, by the second factor where they have one: whoever
 * started a reset does not come in by it.
 * @throws Problem notFound for an unknown, used or expired link; badRequest for a password that is guessed first
 */
export async function acceptInvitation (house: House, { token, password }: { token: string, password: string }, visitor: Visitor): Promise<Entered> {
  const hash = tokenHash(token)
  const invited = await house.db.read.selectFrom('invitations as i').innerJoin('people as p', 'p.id', 'i.person_id').select(['p.id', 'p.name', 'p.email'])
    .where('i.token_hash', '=', hash).where('i.expires_at', '>', house.clock()).where('p.removed_at', 'is', null).where('p.suspended_at', 'is', null).executeTakeFirst()
  if (invited === undefined) throw deadLink()
  checkPassword(password, invited)
  const passwordHash = await hashNewPassword(house, password)
  const person = { id: invited.id, name: invited.name }
  return house.db.write(async (trx) => {
    const now = house.clock()
    // Whoever deletes the row has used the link: two at the same moment are one.
    const used = await trx.prepare('DELETE FROM invitations WHERE token_hash = ? AND expires_at > ? RETURNING person_id').get(hash, now)
    const set = await trx.prepare('UPDATE people SET password_hash = ? WHERE id = ? AND removed_at IS NULL AND suspended_at IS NULL').run(passwordHash, person.id)
    if (used === undefined || set.changes === 0) throw deadLink()
    await trx.sql.deleteFrom('invitations').where('person_id', '=', person.id).execute()
    house.audit.append(trx, now, { event: 'person.changed', actor: person, subject: person, details: { password: 'set by invitation' } })
    // Whoever has the link may not be whom it is for: an operator sees it, too.
    await writeTo(trx, house, { person: invited, dedupeKey: `password:${house.newId()}`, letter: (letters) => letters.passwordByLink(invited.name) })
    return enter(trx, house, { person, visitor, by: 'invitation' })
  })
}

function deadLink (): Problem {
  return new Problem('notFound', { detail: 'This invitation is unknown, used or older than 7 days. Ask for a new one.' })
}
