import type { House } from '../house.ts'

/** At rest the secret is sealed, not hashed: each message is signed with it. */
export function closeWebhookSecret (house: Pick<House, 'seal'>, webhookId: string, secret: string): string {
  return house.seal.close(secret, `webhook:${webhookId}`)
}

export function openWebhookSecret (house: Pick<House, 'seal'>, webhookId: string, sealed: string): string {
  return house.seal.open(sealed, `webhook:${webhookId}`)
}
