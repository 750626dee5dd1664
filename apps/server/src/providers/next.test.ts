import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeNext } from './next.ts'

test('pages of our own stay as they are', () => {
  for (const next of ['/', '/me', '/access?x=1', '/people?q=a%20b', '/places/01890000-0000-7000-8000-000000000000', '/me?next=https://elsewhere.example/']) assert.equal(safeNext(next), next)
  assert.equal(safeNext('/people?q=é'), '/people?q=%C3%A9')
  assert.equal(safeNext('/a/../me#x'), '/me', 'as a browser reads it')
})

test('everything that could be another site, a script, a call of the API or two things at once is the home page', () => {
  const bad = [
    '//evil.example', '///evil.example', '/\\evil.example', '\\/evil.example', '\\\\evil.example', '/\\/evil.example', 'https://evil.example', 'https:evil.example', 'http:/evil.example', 'javascript:alert(1)', 'data:text/html,x', 'evil.example', '@evil.example', '.evil.example', '',
    '/%2f%2fevil.example/..', '/%2fevil.example', '%2f%2fevil.example', '/%5cevil.example', '/%5Cevil.example', '/%00', '/%0d%0aSet-Cookie:x=y', '/%09/evil.example', '/%', '/%e0%a4%a', '/x%e2%80%ae',
    '/\t/evil.example', '/\n/evil.example', '/\r\nx: y', '\t//evil.example', ' //evil.example', '/ evil', '/\u0000', '/\u00a0', '/\u202e', '/\u200b', '/\u2028',
    '/.//evil.example', '/..//evil.example', '/x/..//evil.example', '/./\\evil.example', '/api', '/api/v1/providers/oidc/start', '/API/v1/me', '/x/../api/v1/me', '/' + 'x'.repeat(500)
  ]
  for (const next of bad) assert.equal(safeNext(next), '/', JSON.stringify(next))
  assert.equal(safeNext(undefined), '/')
})

test('whatever it lets through is on our own site, as browsers read addresses', () => {
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? Date.now() % 1_000_000_007)
  console.log(`seed: ${seed}`)
  let state = seed
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const parts = ['/', '\\', '.', '..', '%2f', '%5c', '%00', '%09', ' ', '\t', '\n', 'evil.example', 'x', ':', '@', '?', '#', 'https:', 'javascript:', '\u2028', '%25', 'api']
  let kept = 0
  for (let n = 0; n < 20_000; n++) {
    const next = '/' + Array.from({ length: 1 + random(7) }, () => parts[random(parts.length)]).join('')
    const safe = safeNext(next)
    if (safe !== '/') kept++
    for (const base of ['https://keys.example.org/', 'https://keys.example.org/sign-in']) {
      const url = new URL(safe, base)
      assert.deepEqual([url.origin, url.pathname.startsWith('//')], ['https://keys.example.org', false], JSON.stringify(next))
    }
    assert.equal(new URL('https://keys.example.org' + safe).origin, 'https://keys.example.org')
    assert.match(safe, /^\/[\x21-\x7e]*$/)
  }
  assert.ok(kept > 100, `${kept}`)
})
