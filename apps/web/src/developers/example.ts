import type { KeyScope } from '@oncekey/protocol/schemas'
import { quoted } from '../ui/shell.ts'

/** A first call for a shell, by what the key may do. `base`: where the server is, with a slash at the end; `to`: who gets the code. */
export function firstCall ({ base, secret, scopes, to }: { base: string, secret: string, scopes: readonly KeyScope[], to: string }): string {
  if (scopes.includes('compat')) return `curl ${quoted(`${base}compat/${secret}/generate-otp`)} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify({ email: to }))}`
  const key = `-H ${quoted(`Authorization: Bearer ${secret}`)}`
  if (scopes.every(each => each === 'metrics')) return `curl ${quoted(`${base}metrics`)} \\\n  ${key}`
  const json = (path: string, body: object): string => `curl ${quoted(base + path)} \\\n  ${key} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(body))}`
  if (scopes.every(each => !each.startsWith('verifications'))) {
    if (scopes.includes('record:read')) return `curl ${quoted(`${base}api/v1/programs/record?after=0`)} \\\n  ${key}`
    return scopes.includes('access:unlock') ? json('api/v1/programs/unlocks', { accessPointId: 'ID', reason: 'Guest of 14:00' }) : json('api/v1/programs/codes', { accessPointId: 'ID', personId: 'ID' })
  }
  if (!scopes.includes('verifications')) return `curl ${quoted(`${base}api/v1/verifications/ID`)} \\\n  ${key}`
  return `curl ${quoted(`${base}api/v1/verifications`)} \\\n  ${key} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify({ to }))}`
}
