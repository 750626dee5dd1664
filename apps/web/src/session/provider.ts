import type { SignedIn } from '@oncekey/protocol/schemas'

type HalfWay = Extract<SignedIn, { state: 'secondFactor' }>
const known: readonly HalfWay['ways'][number][] = ['totp', 'passkey', 'recoveryCode']

/** The sign-in that waits for its second factor, from what stands behind the # of the page. It is used once: take it away from there. */
export function halfWay (hash: string): HalfWay | null {
  const behind = new URLSearchParams(hash.replace(/^#/, ''))
  const ticket = behind.get('second')
  const ways = known.filter(way => (behind.get('ways') ?? '').split(' ').includes(way))
  const expiresAt = Number(behind.get('until'))
  return ticket === null || ways.length === 0 || !Number.isSafeInteger(expiresAt) ? null : { state: 'secondFactor', ticket, ways, expiresAt }
}

/** The address behind the button. */
export function startOf (provider: { start: string }, next: string): string {
  return `${provider.start}?next=${encodeURIComponent(next)}`
}
