import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

export type Account = { email?: string, email_verified?: boolean, name?: string, groups?: string[], realm_access?: { roles: string[] } }

/** A provider of sign-ins: oidc-provider, with a page that asks for a name and nothing else. */
export type TestProvider = {
  issuer: string
  /** Who has an account there, by the name that is typed. */
  accounts: Record<string, Account>
  /** Settings of a server that people sign in to by it. */
  env: Record<string, string>
  /** Tells it where people are sent back to; before, it knows nobody. */
  know: (redirectAddress: string, more?: { clientId?: string }) => void
  /** While false it breaks off every connection. */
  isThere: boolean
  /** Connections that came, and what for: `GET /auth`. */
  asked: string[]
  close: () => Promise<void>
}

const secret = 'a secret of the tests: 100% + 1'
const page = (action: string): string => `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>House of names</title>
<h1>House of names</h1><form method="post" action="${action}"><label>Account <input name="account" required></label> <button>Continue</button></form><a href="${action}/cancel">Cancel</a>`

export async function openProvider (options: { accounts?: Record<string, Account>, userinfoOnly?: boolean } = {}): Promise<TestProvider> {
  let serve: ((request: IncomingMessage, response: ServerResponse) => void) | null = null
  const server = createServer((request, response) => {
    test.asked.push(`${request.method} ${request.url?.split('?')[0]}`)
    // Browsers ask for one by themselves.
    if (request.url === '/favicon.ico') response.writeHead(204).end()
    else if (!test.isThere || serve === null) request.socket.destroy()
    else serve(request, response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  // It listens on TCP, so its address is never a pipe's name.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

  const test: TestProvider = {
    issuer, isThere: true, asked: [], accounts: { ...options.accounts },
    env: { ONCEKEY_OIDC_ISSUER: issuer, ONCEKEY_OIDC_CLIENT_ID: 'oncekey', ONCEKEY_OIDC_CLIENT_SECRET: secret, ONCEKEY_OIDC_NAME: 'House of names' },
    know (redirectAddress, { clientId = 'oncekey' } = {}) {
      const provider = new Provider(issuer, {
        clients: [{ client_id: clientId, client_secret: secret, redirect_uris: [redirectAddress] }],
        jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] as never },
        cookies: { keys: [randomBytes(16).toString('hex')] },
        // In the token itself, as most do, or only at the address for it, as this one does by itself.
        conformIdTokenClaims: options.userinfoOnly === true,
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups', 'realm_access'] },
        features: { devInteractions: { enabled: false } },
        pkce: { required: () => true },
        ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600 },
        interactions: { url: (_context, interaction) => `/names/${interaction.uid}` },
        findAccount: (_context, sub) => test.accounts[sub] === undefined ? undefined : { accountId: sub, claims: () => ({ sub, ...test.accounts[sub] }) },
        // Nobody is asked whether they want this.
        async loadExistingGrant (context) {
          const { client, session } = context.oidc
          if (client === undefined || session?.accountId === undefined) return undefined
          const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
          grant.addOIDCScope('openid email profile')
          await grant.save()
          return grant
        }
      })
      const callback = provider.callback()
      serve = (request, response) => {
        const match = /^\/names\/([\w-]+)(\/cancel)?$/.exec(request.url ?? '')
        if (match === null) return void callback(request, response)
        if (request.method === 'GET' && match[2] === undefined) return void response.setHeader('content-type', 'text/html').end(page(match[0]))
        void (async () => {
          let body = ''
          for await (const part of request) body += String(part)
          const accountId = new URLSearchParams(body).get('account') ?? ''
          await provider.interactionFinished(request, response, match[2] === undefined && test.accounts[accountId] !== undefined ? { login: { accountId } } : { error: 'access_denied', error_description: '<b>Somebody said no.</b>' })
        })()
      }
    },
    close: () => new Promise((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    })
  }
  return test
}

/** Somebody's browser at the provider: keeps its cookies, so it is known there the next time. */
export type Walker = {
  /** Goes where the server sent it, types the name when it is asked (null: cancels), and stops where it is sent back: that address. */
  walk: (address: string, account: string | null) => Promise<string>
  /** How often it was asked who it is. */
  asked: number
}

export function openWalker (issuer: string): Walker {
  const jar = new Map<string, string>()
  const walker: Walker = {
    asked: 0,
    async walk (address, account) {
      let at = address
      let body: string | undefined
      for (let steps = 0; steps < 12; steps++) {
        if (!at.startsWith(issuer + '/')) return at
        const answer = await fetch(at, {
          redirect: 'manual', headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), ...body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' } }, ...body === undefined ? {} : { method: 'POST', body }
        })
        for (const cookie of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
          if (value === '') jar.delete(name)
          else jar.set(name, value)
        }
        const text = await answer.text()
        body = undefined
        const location = answer.headers.get('location')
        if (location !== null) at = new URL(location, at).href
        else if (text.includes('House of names')) {
          walker.asked++
          if (account === null) at += '/cancel'
          else body = String(new URLSearchParams({ account }))
        } else throw new Error(`The provider says ${answer.status}: ${text.slice(0, 500)}`)
      }
      throw new Error('The provider sends its people round in a circle.')
    }
  }
  return walker
}
