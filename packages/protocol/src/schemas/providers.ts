import { Type, type Static } from 'typebox'
import { Id, Moment } from './common.ts'

/** Somebody who knows people already and may say who they are. `start`: the address that a button leads to, with `?next=/path`. */
export const SignInProvider = Type.Object({ name: Type.String(), start: Type.String() })
export type SignInProvider = Static<typeof SignInProvider>

/** GET /api/v1/providers/oidc/start. `next`: a page of ours, where to go afterwards. `prove`: whoever is signed in proves it anew. */
export const ProviderStart = Type.Object({ next: Type.Optional(Type.String({ maxLength: 2000 })), prove: Type.Optional(Type.String({ maxLength: 1 })) })
/** GET /api/v1/providers/oidc/callback: what the provider says (RFC 6749, 4.1.2; RFC 9207). */
export const ProviderAnswer = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 2000 })), code: Type.Optional(Type.String({ maxLength: 8000 })), iss: Type.Optional(Type.String({ maxLength: 2000 })), error: Type.Optional(Type.String({ maxLength: 2000 }))
})

/** A provider by which somebody can sign in. `isUsable`: false for one that the operator has taken away. */
export const MyProvider = Type.Object({ id: Id, name: Type.String(), isUsable: Type.Boolean(), createdAt: Moment, lastUsedAt: Moment })
export type MyProvider = Static<typeof MyProvider>
/** GET /api/v1/me/providers. `mayLink`: there is one by which they can not sign in yet. */
export const MyProviders = Type.Object({ providers: Type.Array(MyProvider), mayLink: Type.Boolean() })
export type MyProviders = Static<typeof MyProviders>
/** POST /api/v1/me/providers. `next`: the page to come back to. */
export const ProviderLinkForm = Type.Object({ next: Type.Optional(Type.String({ maxLength: 2000 })) })
export type ProviderLinkForm = Static<typeof ProviderLinkForm>
/** Where the browser is to go now: the provider's page. */
export const ProviderLink = Type.Object({ url: Type.String() })
export type ProviderLink = Static<typeof ProviderLink>
