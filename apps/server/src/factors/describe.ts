import type { MyFactors } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Caller } from '../platform/http.ts'
import { KNOWN_MS } from '../sessions/browsers.ts'
import { tokenHash } from '../sessions/tokens.ts'

/** With what somebody proves who they are, for their own page. */
export async function describeFactors (house: House, { id, provenUntil }: Caller, { browser, passkeysPossible }: { browser: string | undefined, passkeysPossible: boolean }): Promise<MyFactors> {
  const { read } = house.db
  const [person, totp, passkeys, codes, browsers, identity] = await Promise.all([
    read.selectFrom('people').select('password_hash').where('id', '=', id).executeTakeFirstOrThrow(),
    read.selectFrom('authenticators').select(['created_at', 'last_used_at']).where('person_id', '=', id).executeTakeFirst(),
    read.selectFrom('passkeys').select(['id', 'name', 'created_at', 'last_used_at', 'backed_up']).where('person_id', '=', id).orderBy('created_at').execute(),
    read.selectFrom('recovery_codes').select('hash').where('person_id', '=', id).execute(),
    read.selectFrom('browsers').selectAll().where('person_id', '=', id).where('last_used_at', '>', house.clock() - KNOWN_MS).orderBy('last_used_at', 'desc').execute(),
    read.selectFrom('provider_identities').select('issuer').where('person_id', '=', id).where('issuer', '=', house.config.provider?.issuer ?? '').executeTakeFirst()
  ])
  const hasPassword = person.password_hash !== null
  const hasSecond = totp !== undefined || passkeys.length > 0
  const current = browser === undefined ? '' : tokenHash(browser)
  return {
    hasPassword, totp: totp === undefined ? null : { createdAt: totp.created_at, lastUsedAt: totp.last_used_at },
    passkeys: passkeys.map((one) => ({ id: one.id, name: one.name, createdAt: one.created_at, lastUsedAt: one.last_used_at, isBackedUp: one.backed_up === 1 })),
    recoveryCodesLeft: codes.length, passkeysPossible, provenUntil,
    browsers: browsers.map((one) => ({
      id: one.id, isCurrent: one.token_hash === current, agent: one.agent, address: one.address, createdAt: one.created_at, lastUsedAt: one.last_used_at,
      rememberedUntil: one.remembered_until !== null && one.remembered_until > house.clock() ? one.remembered_until : null
    })),
    provesBy: hasSecond
      ? [...passkeys.length > 0 ? ['passkey' as const] : [], ...totp === undefined ? [] : ['totp' as const], ...codes.length > 0 ? ['recoveryCode' as const] : []]
      : [...hasPassword ? ['password' as const] : [], ...identity === undefined ? [] : ['provider' as const]]
  }
}
