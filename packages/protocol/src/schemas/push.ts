import { Type, type Static } from 'typebox'
import { Id, Moment } from './common.ts'

/** POST /api/v1/me/push: what a browser says of itself (W3C Push API, PushSubscription). */
export const PushForm = Type.Object({
  endpoint: Type.String({ minLength: 10, maxLength: 1024, description: 'address at the push service' }),
  keys: Type.Object({
    p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87}$', description: 'public key of P-256, 65 bytes, base64url' }), auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$', description: '16 bytes, base64url' })
  })
})
export type PushForm = Static<typeof PushForm>

/** GET /api/v1/me/push. `publicKey`: what a browser binds its address to (RFC 8292). */
export const PushState = Type.Object({
  publicKey: Type.String(), browsers: Type.Array(Type.Object({ id: Id, agent: Type.String(), createdAt: Moment, host: Type.String({ description: 'of the push service' }) }))
})
export type PushState = Static<typeof PushState>
