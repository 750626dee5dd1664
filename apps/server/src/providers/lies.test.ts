import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openAccounts } from '../testing/accounts.ts'
import { openLyingProvider, type Lies } from '../testing/lying-provider.ts'

type Liar = {
  /** From the button to our answer: where it leads, and the session. */
  tell: (lies: Lies) => Promise<{ why: string | null, session: string | undefined, location: string }>
  identities: () => Promise<number>
  logged: string[]
}

async function open (t: TestContext): Promise<Liar> {
  const provider = await openLyingProvider()
  const { world } = await openAccounts({ ...provider.env, ONCEKEY_PUBLIC_URL: 'http://localhost:8080' }, { now: Date.now() })
  const { app } = world.house
  await world.call(world.people.adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })
  t.after(async () => {
    await world.close()
    await provider.close()
  })
  return {
    async tell (lies) {
      provider.lies = lies
      // What it said of itself is asked anew.
      world.house.wait(3_600_000)
      const started = await app.inject({ url: '/api/v1/providers/oidc/start' })
      const start = String(started.headers.location)
      if (!start.startsWith(provider.issuer)) return { why: new URL(start).searchParams.get('provider'), session: undefined, location: start }
      const { pathname, search } = new URL(provider.answerTo(start))
      const flow = started.cookies.find((one) => one.name === 'oncekey-provider')
      const answer = await app.inject({ url: pathname + search, cookies: { 'oncekey-provider': flow?.value ?? '' } })
      const location = String(answer.headers.location)
      return { why: new URL(location).searchParams.get('provider'), session: answer.cookies.find((one) => one.name === 'oncekey')?.value, location }
    },
    identities: async () => (await world.house.rows('SELECT 1 AS x FROM provider_identities')).length,
    logged: world.house.logged
  }
}

const now = (): number => Math.floor(Date.now() / 1000)

test('tokens that are not true let nobody in; the true one does', async (t) => {
  const { tell, identities, logged } = await open(t)
  const lies: Record<string, Lies> = {
    'alg none': { signedBy: 'nobody' },
    'alg none in capitals': { signedBy: 'nobody', header: (right) => ({ ...right, alg: 'nOnE' }) },
    'alg none, and supported': { signedBy: 'nobody', description: (right) => ({ ...right, id_token_signing_alg_values_supported: ['none', 'RS256'] }) },
    'a signature that was cut off': { signedBy: 'nothing' },
    'the key of somebody else': { signedBy: 'another' },
    'a key with another name': { header: (right) => ({ ...right, kid: 'two' }) },
    'a key that the token brings': { signedBy: 'another', header: (right) => ({ ...right, jwk: { kty: 'RSA', n: 'AA', e: 'AQAB' }, jku: 'http://127.0.0.1:1/' }) },
    'the public key as a shared secret': { signedBy: 'hmac' },
    'an extension that must be understood': { header: (right) => ({ ...right, crit: ['x'], x: 1 }) },
    'another audience': { claims: (right) => ({ ...right, aud: 'somebody else' }) },
    'several audiences, and for another party': { claims: (right) => ({ ...right, aud: ['oncekey', 'another'], azp: 'another' }) },
    'another issuer': { claims: (right) => ({ ...right, iss: 'https://evil.example' }) },
    'expired': { claims: (right) => ({ ...right, iat: now() - 600, exp: now() - 300 }) },
    'no expiry': { claims: (right) => ({ ...right, exp: undefined }) },
    'not yet': { claims: (right) => ({ ...right, nbf: now() + 600 }) },
    'another nonce': { claims: (right) => ({ ...right, nonce: 'N'.repeat(43) }) },
    'no nonce': { claims: (right) => ({ ...right, nonce: undefined }) },
    'no subject': { claims: (right) => ({ ...right, sub: undefined }) },
    'an empty subject': { claims: (right) => ({ ...right, sub: '' }) },
    'a subject that is no text': { claims: (right) => ({ ...right, sub: { $ne: null } }) },
    'a subject with U+0000': { claims: (right) => ({ ...right, sub: 'm1\u0000' }) },
    'a huge subject': { claims: (right) => ({ ...right, sub: 'x'.repeat(256) }) },
    'no token': { token: (right) => ({ ...right, id_token: undefined }) },
    'a token that is none': { token: (right) => ({ ...right, id_token: 'x.y.z' }) },
    'an answer that is a list': { token: () => [] },
    'somebody else at the address for more': { claims: (right) => ({ ...right, email: undefined }), userinfo: (right) => ({ ...right, sub: 'm2' }) },
    'an error with words of its own': { answers: { '/token': (response) => { response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: 'invalid_client', error_description: 'secret-words' })) } } }
  }
  for (const [what, lie] of Object.entries(lies)) {
    const { why, session, location } = await tell(lie)
    assert.deepEqual([why, session], ['failed', undefined], `${what}: ${location}`)
  }
  assert.equal(await identities(), 0)
  assert.ok(!logged.some((line) => /secret-words|maya@gym|"x\.y/.test(line)))
  const { why, session, location } = await tell({})
  assert.deepEqual([why, typeof session, location], [null, 'string', 'http://localhost:8080/'])
})

test('answers without an end, without a beginning, with a redirect, of other kinds', async (t) => {
  const { tell, identities } = await open(t)
  const cases: Record<string, [string, Lies]> = {
    'breaks off': ['unreachable', { answers: { '/token': (response) => { response.destroy() } } }],
    'too long': ['unreachable', { answers: { '/token': (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => { while (!response.destroyed && response.write('x'.repeat(65_536))); }
      response.on('drain', more)
      more()
    } } }],
    'in pain': ['failed', { answers: { '/token': (response) => { response.writeHead(500).end('oh') } } }],
    'elsewhere': ['failed', { answers: { '/token': (response) => { response.writeHead(307, { location: 'http://127.0.0.1:1/token' }).end() } } }],
    'a page': ['failed', { answers: { '/token': (response) => { response.setHeader('content-type', 'text/html').end('<h1>hi</h1>') } } }],
    'keys that are none': ['failed', { answers: { '/keys': (response) => { response.setHeader('content-type', 'application/json').end('{"keys":"none"}') } } }],
    'unverified in the text': ['unverified', { claims: (right) => ({ ...right, email_verified: 'true' }) }],
    'an address with a list in it': ['unverified', { claims: (right) => ({ ...right, email: 'maya@gym.example,evil@evil.example' }) }],
    'an address that is a list': ['unverified', { claims: (right) => ({ ...right, email: ['maya@gym.example'] }) }],
    'signs that nobody sees': ['unverified', { claims: (right) => ({ ...right, email: 'maya\u200b@gym.example' }) }]
  }
  for (const [what, [word, lie]] of Object.entries(cases)) {
    const { why, session } = await tell(lie)
    assert.deepEqual([why, session], [word, undefined], what)
  }
  assert.equal(await identities(), 0)
})

test('a description that is another provider\'s, or leads to a page without TLS, sends nobody anywhere', async (t) => {
  for (const [what, description] of Object.entries({
    'another issuer': (right: object) => ({ ...right, issuer: 'https://evil.example' }),
    'no page': (right: object) => ({ ...right, authorization_endpoint: undefined }),
    'a script': (right: object) => ({ ...right, authorization_endpoint: 'javascript:alert(1)' }),
    'a file': (right: object) => ({ ...right, authorization_endpoint: 'file:///etc/passwd' }),
    'nothing': () => null,
    'a text': () => 'hello'
  })) {
    const { tell } = await open(t)
    const { why, location } = await tell({ description })
    assert.ok(why === 'failed' || why === 'unreachable', `${what}: ${location}`)
  }
})
