import { openFactors, type Factors } from './factors.ts'
import { openProvider, openWalker, type TestProvider, type Walker } from './provider.ts'
import type { TestPerson } from './world.ts'

type Answer = { status: number, location: string, url: URL, cookies: string[], body: string }

/** A browser: its cookies of ours, and whoever it is at the provider. */
export type Visitor = {
  cookies: Record<string, string>
  walker: Walker
  /** Asks us for a page, and keeps the cookies. `crossSite`: another site sent it, so cookies that are strict stay behind. */
  get: (url: string, more?: { crossSite?: boolean, address?: string }) => Promise<Answer>
  /** Sets out; the provider's address. */
  start: (query?: string, more?: { address?: string }) => Promise<string>
  /** From our button to the provider and back; our answer to what it says. */
  signIn: (account: string | null, query?: string) => Promise<Answer>
}

/** The small gym with a provider of sign-ins: its people, and strangers' browsers. */
export type Visits = Factors & { provider: TestProvider, visitor: (who?: TestPerson) => Visitor }

export const redirectAddress = 'http://localhost:8080/api/v1/providers/oidc/callback'

export async function openVisits (options: Parameters<typeof openProvider>[0] & { env?: Record<string, string> } = {}): Promise<Visits> {
  const provider = await openProvider(options)
  provider.know(redirectAddress)
  // The provider's clock is the real one.
  const a = await openFactors({ ...provider.env, ONCEKEY_PUBLIC_URL: 'http://localhost:8080', ...options.env }, { now: Date.now() })
  let visitors = 0
  return {
    ...a, provider,
    visitor (who) {
      visitors++
      const own = `10.1.${visitors >> 8}.${visitors & 255}`
      const visitor: Visitor = {
        cookies: who === undefined ? {} : { oncekey: who.cookie }, walker: openWalker(provider.issuer),
        async get (url, { crossSite = false, address = own } = {}) {
          const cookies = Object.fromEntries(Object.entries(visitor.cookies).filter(([name]) => !(crossSite && name === 'oncekey-browser')))
          const { pathname, search } = new URL(url, 'http://localhost:8080')
          const answer = await a.world.house.app.inject({ method: 'GET', url: pathname + search, cookies, remoteAddress: address, headers: { accept: 'text/html' } })
          for (const { name, value } of answer.cookies) {
            if (value === '') delete visitor.cookies[name]
            else visitor.cookies[name] = value
          }
          const location = String(answer.headers.location ?? '')
          return { status: answer.statusCode, location, url: new URL(location, 'http://none.invalid'), cookies: answer.cookies.map((one) => one.name), body: answer.body }
        },
        async start (query = '', more) {
          return (await visitor.get('/api/v1/providers/oidc/start' + query, more)).location
        },
        async signIn (account, query) {
          return visitor.get(await visitor.walker.walk(await visitor.start(query), account), { crossSite: true })
        }
      }
      return visitor
    }
  }
}
