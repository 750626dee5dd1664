import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Words = Record<string, unknown>
/** What it says instead of the truth. Each gets what would be right. */
export type Lies = {
  description?: (right: Words) => unknown
  header?: (right: Words) => Words
  claims?: (right: Words) => Words
  token?: (right: Words) => unknown
  userinfo?: (right: Words) => unknown
  /** Another key than the one that it shows, or none; `hmac`: its public key as a shared secret. */
  signedBy?: 'another' | 'nobody' | 'hmac' | 'nothing'
  /** What it answers to this path in place of everything else. */
  answers?: Record<string, (response: ServerResponse) => void>
}

/** A provider that says whatever it likes: bare HTTP, and tokens that are made here. */
export type LyingProvider = {
  issuer: string
  lies: Lies
  env: Record<string, string>
  /** The address where it sends somebody back to whom we sent to `start`. */
  answerTo: (start: string) => string
  close: () => Promise<void>
}

const encode = (words: unknown): string => Buffer.from(JSON.stringify(words)).toString('base64url')

export async function openLyingProvider (): Promise<LyingProvider> {
  const [own, another] = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('rsa', { modulusLength: 2048 })]
  let nonce = ''
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const say = (words: unknown): void => { response.setHeader('content-type', 'application/json').end(JSON.stringify(words)) }
    const { answers = {}, description = (right) => right, token = (right) => right, userinfo = (right) => right } = liar.lies
    const own_ = answers[path]
    if (own_ !== undefined) own_(response)
    else if (path === '/.well-known/openid-configuration') say(description(describe()))
    else if (path === '/keys') say({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] })
    else if (path === '/token') say(token({ access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: idToken() }))
    else if (path === '/userinfo') say(userinfo({ sub: 'm1', email: 'maya@gym.example', email_verified: true }))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const describe = (): Words => ({
    issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256']
  })
  function idToken (): string {
    const { header = (right) => right, claims = (right) => right, signedBy } = liar.lies
    const now = Math.floor(Date.now() / 1000)
    const text = `${encode(header({ alg: signedBy === 'hmac' ? 'HS256' : signedBy === 'nobody' ? 'none' : 'RS256', kid: 'one', typ: 'JWT' }))}.${encode(claims({ iss: issuer, sub: 'm1', aud: 'oncekey', iat: now, exp: now + 300, nonce, email: 'maya@gym.example', email_verified: true, name: 'Maya' }))}`
    return `${text}.${signedBy === 'nobody' || signedBy === 'nothing' ? '' : signedBy === 'hmac' ? hmac(text, own.publicKey) : sign('sha256', Buffer.from(text), signedBy === 'another' ? another.privateKey : own.privateKey).toString('base64url')}`
  }
  const liar: LyingProvider = {
    issuer, lies: {},
    env: { ONCEKEY_OIDC_ISSUER: issuer, ONCEKEY_OIDC_CLIENT_ID: 'oncekey', ONCEKEY_OIDC_CLIENT_SECRET: 'secret' },
    answerTo (start) {
      const asked = new URL(start).searchParams
      nonce = asked.get('nonce') ?? ''
      return `${asked.get('redirect_uri')}?${new URLSearchParams({ code: 'x', state: asked.get('state') ?? '' })}`
    },
    close: () => new Promise((resolve) => {
      server.close(() => { resolve() })
      server.closeAllConnections()
    })
  }
  return liar
}

function hmac (text: string, key: KeyObject): string {
  return createHmac('sha256', key.export({ format: 'pem', type: 'spki' })).update(text).digest('base64url')
}
