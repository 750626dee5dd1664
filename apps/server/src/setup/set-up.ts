import type { SetupForm } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { checkPassword, hashNewPassword } from '../people/passwords.ts'
import { addPerson } from '../people/add.ts'
import { inAll } from '../platform/needs/all.ts'
import { complete, type Session, type Visitor } from '../sessions/enter.ts'
import { Problem } from '../platform/problems.ts'
import { openDemo } from '../demo/settings.ts'
import { addDemonstration } from './demonstration.ts'
import { endRestore } from './restore.ts'
import { checkMaySetUp, spendSetupToken } from './token.ts'

/**
 * The first run: makes the site and its owner, signs them in, and on wish makes doors to try. All of it or nothing: a
 * page that was reloaded, or a server that stopped in between, begins anew with the same form.
 * @throws Problem alreadySetUp, setupLinkWrong, badRequest
 */
export async function setUp (house: House, form: SetupForm, visitor: Visitor): Promise<Session> {
  const name = form.name.trim()
  // Before the password is hashed: a stranger without the link is not to cost us that.
  await house.db.write((trx) => checkMaySetUp(trx, form.token))
  if (!isTimeZone(form.timeZone)) throw new Problem('badRequest', { errors: [{ field: 'timeZone', needs: inAll((needs) => needs.timeZone) }] })
  checkPassword(form.password, { name, email: form.email })
  const passwordHash = await hashNewPassword(house, form.password)
  const session = await house.db.write(async (trx) => {
    // Two forms may have come this far: the first to be here wins.
    await checkMaySetUp(trx, form.token)
    const now = house.clock()
    const siteId = house.newId()
    const siteName = form.siteName.trim()
    await trx.sql.insertInto('sites').values({ id: siteId, name: siteName, time_zone: form.timeZone, demonstration: form.demonstration ? 1 : 0, created_at: now }).execute()
    const personId = await addPerson(trx, house, { siteId, name, email: form.email, role: 'owner', passwordHash }, null)
    const owner = { id: personId, name }
    house.audit.append(trx, now, { event: 'site.created', actor: owner, details: { siteId, name: siteName, timeZone: form.timeZone, demonstration: form.demonstration } })
    if (form.demonstration) {
      await addDemonstration(trx, house, siteId, owner)
      await openDemo(trx)
    }
    await spendSetupToken(trx)
    return complete(trx, house, { person: owner, visitor, by: 'setup' })
  })
  // They are in, whatever becomes of a file.
  await endRestore(house).catch((error: unknown) => { house.log.error('what was brought for a restore could not be removed', { error }) })
  return session
}

/** A zone with a name: an offset like +01:00 would never follow a change of clocks. */
function isTimeZone (name: string): boolean {
  if (/^[+-]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
