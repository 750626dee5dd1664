import type { SetupForm } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { checkPassword, hashNewPassword } from '../people/passwords.ts'
import { addPerson } from '../people/add.ts'
import { complete, type Session, type Visitor } from '../sessions/enter.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { addDemonstration } from './demonstration.ts'
import { hasOwner, isSetupToken, spendSetupToken } from './token.ts'

/**
 * The first run: makes the site and its owner, signs them in, and on wish makes doors to try. All of it or nothing: a
 * page that was reloaded, or a server that stopped in between, begins anew with the same form.
 * @throws Problem alreadySetUp, setupLinkWrong, badRequest
 */
export async function setUp (house: House, form: SetupForm, visitor: Visitor): Promise<Session> {
  const name = form.name.trim()
  // Before the password is hashed: a stranger without the link is not to cost us that.
  await house.db.write((trx) => checkMaySetUp(trx, form.token))
  if (!isTimeZone(form.timeZone)) throw new Problem('badRequest', { errors: [{ field: 'timeZone', needs: { en: 'is an IANA time zone like Europe/Lisbon', de: 'Nennen Sie eine IANA-Zeitzone wie Europe/Berlin.' } }] })
  checkPassword(form.password, { name, email: form.email })
  const passwordHash = await hashNewPassword(house, form.password)
  return house.db.write(async (trx) => {
    // Two forms may have come this far: the first to be here wins.
    await checkMaySetUp(trx, form.token)
    const now = house.clock()
    const siteId = house.newId()
    const siteName = form.siteName.trim()
    await trx.sql.insertInto('sites').values({ id: siteId, name: siteName, time_zone: form.timeZone, demonstration: form.demonstration ? 1 : 0, created_at: now }).execute()
    const personId = await addPerson(trx, house, { siteId, name, email: form.email, role: 'owner', passwordHash }, null)
    const owner = { id: personId, name }
    house.audit.append(trx, now, { event: 'site.created', actor: owner, details: { siteId, name: siteName, timeZone: form.timeZone, demonstration: form.demonstration } })
    if (form.demonstration) await addDemonstration(trx, house, siteId, owner)
    await spendSetupToken(trx)
    return complete(trx, house, { person: owner, visitor, by: 'setup' })
  })
}

async function checkMaySetUp (trx: Trx, token: string): Promise<void> {
  if (await hasOwner(trx)) throw new Problem('alreadySetUp')
  if (!await isSetupToken(trx, token)) throw new Problem('setupLinkWrong')
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
