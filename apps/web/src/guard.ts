import type { Audience } from './routes.ts'

/** Where somebody who may not see a page is sent instead; null: go in. */
export type Visitor = { isSignedIn: boolean, isOperator: boolean, isSetUp: boolean }

export function detour (audience: Audience, visitor: Visitor, wanted: string): string | null {
  if (audience === 'anyone') return null
  if (!visitor.isSignedIn) return visitor.isSetUp ? `/sign-in?next=${encodeURIComponent(wanted)}` : '/start'
  return audience === 'operators' && !visitor.isOperator ? '/access' : null
}

/** The page behind the bare address. */
export function home (visitor: Visitor): string {
  if (!visitor.isSignedIn) return visitor.isSetUp ? '/sign-in' : '/start'
  return visitor.isOperator ? '/live' : '/access'
}

/** `next` of the sign-in page: only ever a path of our own, never another site. */
export function safeNext (next: string | null): string | null {
  return next !== null && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : null
}
